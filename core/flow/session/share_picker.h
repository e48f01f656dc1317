#pragma once

#include <span>

#include "router/member_advisor.h"
#include "session/session_environment.h"

namespace patchbay::session {

/// share.pick for one shard's router. [shard]
class SharePicker final : public router::MemberAdvisor {
 public:
  explicit SharePicker(SessionEnvironment& environment) : environment_(environment) {}

  [[nodiscard]] bool active() const override;
  [[nodiscard]] bool pick(router::SharedGroup& group, const mqtt::Message& message,
                          std::span<const distribution::SubscriberHandle> excluded,
                          distribution::Delivery& out) override;

 private:
  SessionEnvironment& environment_;
};

}  // namespace patchbay::session
