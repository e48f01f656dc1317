#pragma once

#include <span>

#include "distribution/delivery.h"
#include "mqtt/application_message.h"

namespace patchbay::router {

class SharedGroup;

/// Role: may choose the member of a shared group in place of the group's strategy. Implemented by session/share_picker
/// for the hook share.pick; tests have their own. [shard, in an epoch section]
class MemberAdvisor {
 public:
  virtual ~MemberAdvisor() = default;
  /// Whether there is anybody to ask; asked for each message and group, so it must be cheap.
  [[nodiscard]] virtual bool active() const = 0;
  /// True: `out` is the member that gets the message. False: the strategy decides. Nobody of `excluded` may be chosen.
  [[nodiscard]] virtual bool pick(SharedGroup& group, const mqtt::Message& message,
                                  std::span<const distribution::SubscriberHandle> excluded,
                                  distribution::Delivery& out) = 0;
};

}  // namespace patchbay::router
