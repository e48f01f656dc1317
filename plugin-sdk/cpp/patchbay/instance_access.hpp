// SPDX-License-Identifier: Apache-2.0
// The layer's door to what plugin<T> keeps private.
#pragma once

#include "patchbay/runtime.hpp"

namespace patchbay::detail {

struct instance_access {
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
