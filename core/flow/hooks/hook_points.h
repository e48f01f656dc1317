#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/chain.h"
#include "hooks/events.h"

namespace patchbay::hooks {

/// All hook points of the flow plane; the list is `hooks.def`. One for the node, shared by all shards; each chain is
/// swapped whole. [any-thread]
struct HookPoints {
#define PATCHBAY_HOOK(identifier, name, event, kinds, may_defer, deadline_ms, fallback) \
  base::ChainPoint<event> identifier;
#include "hooks/hooks.def"
#undef PATCHBAY_HOOK
};

enum class HookId : uint8_t {
#define PATCHBAY_HOOK(identifier, name, event, kinds, may_defer, deadline_ms, fallback) identifier,
#include "hooks/hooks.def"
#undef PATCHBAY_HOOK
  count_
};

inline constexpr size_t kHookCount = static_cast<size_t>(HookId::count_);

struct HookInfo {
  std::string_view name;   ///< "publish.accept"
  std::string_view kinds;  ///< of D, T, O
  bool may_defer;
  uint32_t deadline_ms;  ///< default; 0: the point doesn't defer
  base::Fallback fallback;

  /// Whether an entry of this phase belongs at the point.
  [[nodiscard]] bool takes(base::Phase phase) const;
};

/// [any-thread]
[[nodiscard]] const HookInfo& hook_info(HookId id);
[[nodiscard]] std::optional<HookId> hook_id_from(std::string_view name);

}  // namespace patchbay::hooks
