#pragma once

#include <algorithm>
#include <string>
#include <string_view>

/// Letters of ASCII, as protocols compare them: without a locale. [any-thread]
namespace patchbay::admin {

[[nodiscard]] constexpr char small_letter(char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte;
}

[[nodiscard]] inline std::string in_small_letters(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), small_letter);
  return result;
}

[[nodiscard]] inline bool equal_ignoring_case(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](char left, char right) { return small_letter(left) == small_letter(right); });
}

/// Without blanks and tabs around it.
[[nodiscard]] inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace patchbay::admin
