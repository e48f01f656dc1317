// SPDX-License-Identifier: Apache-2.0
// What a plugin still holds.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::testing {

/// Counts by name; empty where nothing is held.
struct leak_report {
  std::vector<std::pair<std::string, std::size_t>> held;

  bool none() const { return held.empty(); }
  std::size_t count(const std::string& what) const {
    for (const auto& [name, number] : held) {
      if (name == what) return number;
    }
    return 0;
  }
  /// "2 message references, 1 timer": for failure messages.
  std::string text() const {
    std::string out;
    for (const auto& [name, number] : held) {
      out.append(out.empty() ? "" : ", ").append(std::to_string(number)).append(" ").append(name);
    }
    return out;
  }
};

}  // namespace patchbay::testing
