#pragma once

#include <cstdint>
#include <memory>

#include "base/chain.h"
#include "base/clock.h"
#include "base/deferral.h"
#include "base/epoch.h"
#include "hooks/hook_points.h"
#include "plugin_bridge/control_events.h"

namespace patchbay::plugin_bridge {

/// The hook points of the control plane. Each chain is swapped whole, as those of the flow plane.
struct ControlPoints {
#define PATCHBAY_HOOK(...)
#define PATCHBAY_ACCESS_HOOK(...)
#define PATCHBAY_CONTROL_HOOK(number, identifier, name, layer, kinds, heat, may_defer, deadline_ms, fallback, since, \
                              event, core_event)                                                                     \
  base::ChainPoint<core_event> identifier;
#include "patchbay/hooks.def"
};

/// Calls the hook points of the control plane, one at a time, on whatever control thread asks.
class ControlHooks {
 public:
  /// The shard number under which questions of the control plane can be deferred.
  static constexpr base::ShardId kControlShard = 255;

  ControlHooks(base::EpochDomain& epoch, base::CompletionRouter& completions, const base::Clock& clock);
  ~ControlHooks();
  ControlHooks(const ControlHooks&) = delete;
  ControlHooks& operator=(const ControlHooks&) = delete;

  [[nodiscard]] ControlPoints& points() { return points_; }
  /// Tells the observers of `hook`, which must be one of the control plane that takes observers. [control]
  void observe(hooks::HookId hook, ControlEvent event);
  /// Asks acl.admin or admin.before and waits for deferred answers, at most for their deadlines. Nobody decides:
  /// acl.admin denies where somebody is asked, admin.before allows; nobody is there: true. Not from within a hook.
  /// [control]
  [[nodiscard]] bool ask(hooks::HookId hook, AdminEvent event);

 private:
  struct State;
  ControlPoints points_;
  std::unique_ptr<State> state_;
};

}  // namespace patchbay::plugin_bridge
