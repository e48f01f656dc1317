#pragma once

#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "access/client_info.h"
#include "distribution/delivery.h"
#include "hooks/dispatch.h"
#include "hooks/events.h"
#include "mqtt/application_message.h"
#include "session/session_environment.h"

namespace patchbay::session {

/// retain.lookup for the new subscriptions of one session: what hooks add to the stored retained messages. Only the
/// questions: the session delivers. [shard]
class RetainedLookups {
 public:
  /// What was found for a subscription; called from begin() or later, at most once for each look-up.
  struct Found {
    std::string topic_filter;
    distribution::Delivery delivery;
    std::vector<mqtt::MessageRef> messages;
  };
  using Take = void (*)(void* owner, Found found);

  RetainedLookups(const SessionEnvironment& environment, Take take, void* owner)
      : environment_(environment), take_(take), owner_(owner) {}
  RetainedLookups(const RetainedLookups&) = delete;
  RetainedLookups& operator=(const RetainedLookups&) = delete;

  /// `inner_filter`: `topic_filter` without prefix; what is found matches it. An earlier look-up of the same filter is
  /// given up.
  void begin(std::string_view topic_filter, std::string_view inner_filter, const distribution::Delivery& delivery,
             access::ClientInfoRef client);
  /// The subscription is gone.
  void cancel(std::string_view topic_filter);

 private:
  struct Lookup {
    explicit Lookup(RetainedLookups& owner_) : owner(owner_), pending(&Lookup::answered, this) {}
    static void answered(void* self, hooks::RetainLookupEvent& event);

    RetainedLookups& owner;
    access::ClientInfoRef client;  // the session may get another one meanwhile
    std::string topic_filter;
    std::string inner_filter;
    distribution::Delivery delivery;
    hooks::HookPending<hooks::RetainLookupEvent> pending;
    std::list<Lookup>::iterator place;
  };

  void finish(Lookup& lookup, hooks::RetainLookupEvent& event);

  const SessionEnvironment& environment_;
  Take take_;
  void* owner_;
  std::list<Lookup> lookups_;
};

}  // namespace patchbay::session
