#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <optional>

#include "access/access_control.h"
#include "access/client_info.h"
#include "mqtt/application_message.h"
#include "session/session_environment.h"

namespace patchbay::session {

/// Messages that a hook changed after their publisher had been authorised: validated and authorised again, in the
/// publisher's name, so that no hook is a way around access control. [shard]
class ChangedMessages {
 public:
  using Later = std::function<void(const mqtt::MessageRef& message, bool allowed)>;

  explicit ChangedMessages(SessionEnvironment& environment) : environment_(environment) {}
  ChangedMessages(const ChangedMessages&) = delete;
  ChangedMessages& operator=(const ChangedMessages&) = delete;

  /// Whether `message` may be published: at once, or nothing now and `later` is called. Without a client: what the
  /// broker, a plugin or another node published is only validated; else the publisher's session is asked for its
  /// client, and when it has ended the answer is no.
  [[nodiscard]] std::optional<bool> ask(access::ClientInfoRef client, const mqtt::MessageRef& message, Later later);
  /// Messages that wait for an answer.
  [[nodiscard]] size_t waiting() const { return asked_.size(); }

 private:
  struct Asked {
    explicit Asked(ChangedMessages& owner_) : owner(owner_), authorization(&Asked::authorized, this) {}
    static void authorized(void* self, access::AuthorizeResult result);

    ChangedMessages& owner;
    access::ClientInfoRef client;
    mqtt::MessageRef message;
    Later later;
    access::AuthorizationPending authorization;
    std::list<Asked>::iterator place;
  };

  SessionEnvironment& environment_;
  std::list<Asked> asked_;  // bounded by access.max_open_deferrals
};

}  // namespace patchbay::session
