// SPDX-License-Identifier: Apache-2.0
// The layer's door to what plugin<T> keeps private.
#pragma once

#include <concepts>

#include "patchbay/runtime.hpp"

namespace patchbay::detail {

struct instance_access {
  /// Whether a P is a plugin's object.
  template <typename P>
  static constexpr bool has_runtime = requires(P& p) {
    { (p.runtime_) } -> std::same_as<runtime&>;
  };
  template <typename P>
  static runtime& runtime_of(P& plugin) {
    return plugin.runtime_;
  }
  template <typename P>
  static auto& settings_of(P& plugin) {
    return plugin.settings_;
  }
};

}  // namespace patchbay::detail
