#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace patchbay::package {

/// A row of the SDK's hook table, as far as a manifest is concerned with it.
struct KnownHook {
  uint32_t number = 0;
  std::string_view name;
  std::string_view kinds;  ///< letters of D decide, T transform, O observe, P provide
  bool may_defer = false;
  uint32_t deadline_ms = 0;
};

/// All rows of hooks.def. [any-thread]
[[nodiscard]] std::span<const KnownHook> known_hooks();

/// Null: this host has no such hook point. [any-thread]
[[nodiscard]] const KnownHook* find_known_hook(std::string_view name);

}  // namespace patchbay::package
