#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace patchbay::config {

/// The candidate that a mistyped key most probably stands for: the fewest changed, missing, added or swapped letters,
/// or the same last part under another section. Nothing when none is near.
[[nodiscard]] std::optional<std::string> did_you_mean(std::string_view word, std::span<const std::string> candidates);

/// Number of letters to change, add, remove or swap with their neighbour to get from one to the other.
[[nodiscard]] size_t edit_distance(std::string_view from, std::string_view to);

}  // namespace patchbay::config
