#include "session/share_picker.h"

#include <algorithm>
#include <vector>

#include "distribution/presence.h"
#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "router/shared_group.h"

namespace patchbay::session {

namespace {

/// Who may be picked; gathered when a hook asks for them, since most decide by the message alone which groups concern
/// them.
class GatheredMembers final : public hooks::ShareMembers {
 public:
  GatheredMembers(const router::SharedGroup& group, std::span<const distribution::SubscriberHandle> excluded,
                  const distribution::Presence& presence)
      : group_(group), excluded_(excluded), presence_(presence) {}

  [[nodiscard]] std::span<const hooks::ShareMember> get() override {
    if (!gathered_) gather();
    return members_;
  }
  [[nodiscard]] bool read(size_t index, distribution::Delivery& out) {
    if (!gathered_) gather();
    if (index >= deliveries_.size()) return false;
    out = deliveries_[index];
    return true;
  }

 private:
  void gather() {
    gathered_ = true;
    const router::EntryView view = group_.members();
    distribution::Delivery delivery;
    for (uint32_t i = 0; i < view.size && members_.size() < kMaximumShown; ++i) {
      if (!view.entries[i].read(delivery)) continue;
      if (std::find(excluded_.begin(), excluded_.end(), delivery.subscriber) != excluded_.end()) continue;
      members_.push_back({presence_.names().find(delivery.subscriber), delivery.subscriber.value(),
                          presence_.is_online(delivery.subscriber)});
      deliveries_.push_back(delivery);
    }
  }

  const router::SharedGroup& group_;
  std::span<const distribution::SubscriberHandle> excluded_;
  const distribution::Presence& presence_;
  std::vector<hooks::ShareMember> members_;
  std::vector<distribution::Delivery> deliveries_;  // by the same index
  bool gathered_ = false;
};

}  // namespace

bool SharePicker::active() const {
  return !environment_.hooks.share_pick.empty();
}

bool SharePicker::pick(router::SharedGroup& group, const mqtt::Message& message,
                       std::span<const distribution::SubscriberHandle> excluded, distribution::Delivery& out) {
  GatheredMembers members(group, excluded, environment_.presence);
  hooks::SharePickEvent event;
  event.message = &message;
  event.share_name = group.name();
  event.topic_filter = group.filter();
  event.source = &members;
  hooks::transform(environment_.hooks.share_pick, environment_.deferrals, event);
  return event.picked && members.read(*event.picked, out);
}

}  // namespace patchbay::session
