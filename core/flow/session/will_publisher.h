#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <utility>

#include "access/access_control.h"
#include "access/client_info.h"
#include "hooks/dispatch.h"
#include "hooks/events.h"
#include "mqtt/application_message.h"
#include "session/session_environment.h"
#include "session/will.h"

namespace patchbay::session {

/// Publishes wills: the client's right to publish is asked for as for any PUBLISH, then will.publish; both may be
/// answered when the session is long gone. [shard]
class WillPublisher {
 public:
  explicit WillPublisher(SessionEnvironment& environment) : environment_(environment) {}
  WillPublisher(const WillPublisher&) = delete;
  WillPublisher& operator=(const WillPublisher&) = delete;

  void publish(Will will);
  /// Wills that wait for an answer.
  [[nodiscard]] size_t waiting() const { return asked_.size(); }

 private:
  struct Asked {
    Asked(WillPublisher& publisher_, Will will_)
        : publisher(publisher_),
          will(std::move(will_)),
          authorization(&Asked::authorized, this),
          acceptance(&Asked::accepted, this) {}
    void authorize();
    static void authorized(void* self, access::AuthorizeResult result);
    static void accepted(void* self, hooks::WillPublishEvent& event);

    WillPublisher& publisher;
    Will will;
    access::AuthorizationPending authorization;
    hooks::HookPending<hooks::WillPublishEvent> acceptance;
    bool offered = false;  ///< a replaced will is authorized again, but not offered again
    std::list<Asked>::iterator place;
  };

  void conclude(Asked& asked);
  void forget(Asked& asked);

  SessionEnvironment& environment_;
  std::list<Asked> asked_;
};

}  // namespace patchbay::session
