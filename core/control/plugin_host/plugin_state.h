#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay::plugin_host {

/// How far an instance is in its life.
enum class PluginState : uint8_t {
  installed,    ///< known, nothing of it is loaded
  verified,     ///< its file has passed all checks that need no code to run
  loaded,       ///< mapped, and its entry fits this host
  configured,   ///< made, and has its settings
  started,      ///< its hooks are asked
  draining,     ///< not asked any more; finishes what it has begun
  stopped,      ///< nothing of it runs; not unmapped yet
  unloaded,     ///< gone, as a promise that was checked
  failed,       ///< a step on the way up said no, or took too long
  quarantined,  ///< its breaker has opened too often; not asked until the operator says so
  zombie,       ///< not asked, but its code stays mapped since something of it may still run
};

/// "started". [any-thread]
[[nodiscard]] std::string_view plugin_state_name(PluginState state);

/// A change of state.
struct PluginTransition {
  PluginState state = PluginState::installed;
  uint64_t unix_ms = 0;
  std::string reason;  ///< a sentence, or "" where the state says all
};

}  // namespace patchbay::plugin_host
