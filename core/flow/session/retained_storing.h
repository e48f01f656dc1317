#pragma once

#include <cstddef>
#include <list>
#include <string_view>

#include "access/client_info.h"
#include "hooks/dispatch.h"
#include "hooks/events.h"
#include "mqtt/application_message.h"
#include "session/session_environment.h"

namespace patchbay::session {

/// retain.store: what becomes of a message that is to be kept as its topic's retained one. Answers may come later; a
/// later message of the same topic waits behind, so that the last one published is the one that stays. [shard]
class RetainedStoring {
 public:
  /// Messages that may wait; beyond, the core's rule applies at once: kept as published.
  static constexpr size_t kMaximumWaiting = 4096;

  explicit RetainedStoring(SessionEnvironment& environment) : environment_(environment) {}
  RetainedStoring(const RetainedStoring&) = delete;
  RetainedStoring& operator=(const RetainedStoring&) = delete;

  void offer(const mqtt::MessageRef& message, const access::ClientInfoRef& client);
  [[nodiscard]] size_t waiting() const { return stores_.size(); }

 private:
  struct Store {
    Store(RetainedStoring& owner_, mqtt::MessageRef message_, access::ClientInfoRef client_)
        : owner(owner_), message(std::move(message_)), client(std::move(client_)), pending(&Store::answered, this) {}
    static void answered(void* self, hooks::RetainStoreEvent& event);

    RetainedStoring& owner;
    mqtt::MessageRef message;
    access::ClientInfoRef client;
    hooks::HookPending<hooks::RetainStoreEvent> pending;
    bool asked = false;  ///< false: an earlier one of the same topic is not settled
    std::list<Store>::iterator place;
  };

  void ask(Store& store);
  void settle(Store& store, hooks::RetainStoreEvent& event);
  void keep_changed(Store& store, const mqtt::MessageRef& changed);
  [[nodiscard]] Store* first_of(std::string_view topic);
  /// `store` ends here; the next one of its topic has its turn.
  void forget(Store& store);

  SessionEnvironment& environment_;
  std::list<Store> stores_;  // in the order of publication
  bool advancing_ = false;
};

}  // namespace patchbay::session
