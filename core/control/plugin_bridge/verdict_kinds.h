#pragma once

#include <cstdint>

#include "base/chain.h"
#include "hooks/hook_points.h"
#include "patchbay/types.h"

namespace patchbay::plugin_bridge {

/// A bit for each verdict kind.
[[nodiscard]] constexpr uint8_t kind_bit(uint32_t kind) {
  return kind <= PATCHBAY_DROP ? static_cast<uint8_t>(1U << kind) : 0;
}

/// The kinds that a point takes in a phase, as events.h says at each event; CONTINUE is always taken, DEFER where the
/// table says so. Anything else is a failed answer.
[[nodiscard]] constexpr uint8_t kinds_taken(hooks::HookId id, base::Phase phase) {
  using hooks::HookId;
  constexpr uint8_t kAllow = kind_bit(PATCHBAY_ALLOW);
  constexpr uint8_t kDeny = kind_bit(PATCHBAY_DENY);
  constexpr uint8_t kReplace = kind_bit(PATCHBAY_REPLACE);
  constexpr uint8_t kDrop = kind_bit(PATCHBAY_DROP);
  if (phase == base::Phase::observe) return 0;
  if (phase == base::Phase::transform) {
    switch (id) {
      case HookId::auth_connect_rewrite:
      case HookId::auth_enrich:
      case HookId::session_open:
        return kReplace | kDeny;
      case HookId::subscribe_rewrite:
      case HookId::will_publish:
        return kReplace | kDeny | kDrop;
      case HookId::deliver_before:
        return kReplace | kDrop;
      default:
        return kReplace;
    }
  }
  switch (id) {
    case HookId::auth_enhanced:
      return kAllow | kDeny | kReplace;
    case HookId::publish_accept:
    case HookId::retain_store:
    case HookId::conn_detect:
      return kAllow | kDeny | kDrop;
    case HookId::conn_limits:
    case HookId::queue_overflow:
    case HookId::share_pick:
    case HookId::retain_lookup:
      return kAllow;
    default:
      return kAllow | kDeny;
  }
}

}  // namespace patchbay::plugin_bridge
