#pragma once

#include <cstdint>
#include <string>

#include "access/event_filter.h"
#include "base/chain.h"
#include "base/result.h"
#include "hooks/hook_points.h"
#include "patchbay/hooks.h"
#include "plugin_bridge/batch_queue.h"

namespace patchbay::plugin_bridge {

/// What a hook was registered with, checked and owned.
struct HookRegistration {
  hooks::HookId id{};
  base::Phase phase = base::Phase::decide;
  uint32_t flags = 0;
  int32_t priority = 0;
  uint32_t deadline_ms = 0;                        ///< the plugin's proposal, else the table's
  base::Fallback fallback = base::Fallback::deny;  ///< the same
  access::EventFilter filter;
  bool filtered = false;
  void* self = nullptr;
  patchbay_hook_fn function = nullptr;
  patchbay_batch_fn batch = nullptr;
  BatchOptions batch_options;
};

/// Why a registration is refused.
struct RegistrationError {
  patchbay_status status = PATCHBAY_INVALID;
  std::string text;  ///< a sentence for the log
};

/// Checks what a plugin wants to register. `on_workers`: the instance runs on workers, so that points where nobody can
/// wait are refused. [control]
[[nodiscard]] base::Result<HookRegistration, RegistrationError> check_registration(const patchbay_hook& hook,
                                                                                   bool on_workers);

}  // namespace patchbay::plugin_bridge
