#pragma once

#include <list>
#include <string>
#include <string_view>
#include <utility>

#include "access/client_info.h"
#include "distribution/delivery.h"
#include "hooks/dispatch.h"
#include "hooks/events.h"

namespace patchbay::session {

class Session;

/// retain.lookup for the new subscriptions of one session: what hooks add to the stored retained messages. [shard]
class RetainedLookups {
 public:
  explicit RetainedLookups(Session& session) : session_(session) {}
  RetainedLookups(const RetainedLookups&) = delete;
  RetainedLookups& operator=(const RetainedLookups&) = delete;

  /// `inner_filter`: `topic_filter` without prefix. What is found is delivered in a later turn, after the SUBACK, if
  /// the session has the subscription still, and room. An earlier look-up of the same filter is given up.
  void begin(std::string_view topic_filter, std::string_view inner_filter, const distribution::Delivery& delivery);
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

  Session& session_;
  std::list<Lookup> lookups_;
};

}  // namespace patchbay::session
