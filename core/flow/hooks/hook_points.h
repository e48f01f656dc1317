#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/chain.h"
#include "hooks/events.h"

namespace patchbay::hooks {

/// The hook points of the flow plane that are not access chains (those are access::AccessPoints); the list is the SDK's
/// `patchbay/hooks.def`. One for the node, shared by all shards; each chain is swapped whole. [any-thread]
struct HookPoints {
#define PATCHBAY_HOOK(number, identifier, name, layer, kinds, heat, may_defer, deadline_ms, fallback, since, event, \
                      core_event)                                                                                   \
  base::ChainPoint<core_event> identifier;
#define PATCHBAY_ACCESS_HOOK(...)
#define PATCHBAY_CONTROL_HOOK(...)
#include "patchbay/hooks.def"
};

/// Every hook of the table, those of access control and of the control plane included. The value is the ABI's number.
enum class HookId : uint8_t {
#define PATCHBAY_HOOK(number, identifier, name, layer, kinds, heat, may_defer, deadline_ms, fallback, since, event, \
                      core_event)                                                                                   \
  identifier = number,
#include "patchbay/hooks.def"
};

/// How often a hook is called: per message, per action of a client, rarely.
enum class Heat : uint8_t { hot, warm, cold };

/// One row of the table.
struct HookInfo {
  HookId id;
  std::string_view name;   ///< "publish.accept"
  std::string_view layer;  ///< "router"
  std::string_view kinds;  ///< of D decide, T transform, O observe, P provide
  Heat heat;
  bool may_defer;
  uint32_t deadline_ms;  ///< default; 0: the point doesn't defer
  base::Fallback fallback;
  uint32_t since_minor;  ///< the minor version of the ABI that brought it

  /// Whether an entry of this phase belongs at the point. Providers are entries of the phase decide: the first answer
  /// wins.
  [[nodiscard]] bool takes(base::Phase phase) const;
  /// Whether an entry must name topic filters: the point is called for each receiver of each message, which nobody can
  /// afford for all topics. The host refuses entries without one.
  [[nodiscard]] bool needs_topic_filter() const { return id == HookId::deliver_before || id == HookId::acl_deliver; }
  /// The first answer wins, and the answer is data rather than a judgement.
  [[nodiscard]] bool provides() const { return kinds.find('P') != std::string_view::npos; }
};

/// All rows, in the order of their numbers. [any-thread]
[[nodiscard]] std::span<const HookInfo> all_hooks();
[[nodiscard]] const HookInfo& hook_info(HookId id);
[[nodiscard]] std::optional<HookId> hook_id_from(std::string_view name);
/// The hook that has this number in the ABI.
[[nodiscard]] std::optional<HookId> hook_id_from_number(uint32_t number);

}  // namespace patchbay::hooks
