#include "package/duration_text.h"

#include <charconv>

namespace patchbay::package {

namespace {

constexpr uint64_t kLongestMs = 100ULL * 366 * 24 * 3600 * 1000;

struct Unit {
  std::string_view name;
  uint64_t ms;
};
constexpr Unit kUnits[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};

/// The digits behind the point as a fraction of `unit_ms`; nothing when that is not a whole number of milliseconds.
std::optional<uint64_t> fraction_ms(std::string_view digits, uint64_t unit_ms) {
  if (digits.empty() || digits.size() > 9) return std::nullopt;
  uint64_t sum_ms = 0;
  uint64_t rest = unit_ms;  // What one step of the current digit would be worth, times ten.
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    if (digit != '0' && rest % 10 != 0) return std::nullopt;
    rest /= 10;
    sum_ms += rest * static_cast<uint64_t>(digit - '0');
  }
  return sum_ms;
}

}  // namespace

std::optional<uint64_t> parse_duration_ms(std::string_view text) {
  const size_t unit_begin = text.find_first_not_of("0123456789.");
  if (unit_begin == std::string_view::npos || unit_begin == 0) return std::nullopt;
  const std::string_view number = text.substr(0, unit_begin);
  const std::string_view unit_name = text.substr(unit_begin);
  const size_t point = number.find('.');
  const std::string_view whole_digits = number.substr(0, point);
  for (const Unit& unit : kUnits) {
    if (unit.name != unit_name) continue;
    uint64_t whole = 0;
    const char* const digits_end = whole_digits.data() + whole_digits.size();
    const auto [end, error] = std::from_chars(whole_digits.data(), digits_end, whole);
    if (error != std::errc() || end != digits_end || whole > kLongestMs / unit.ms) return std::nullopt;
    if (point == std::string_view::npos) return whole * unit.ms;
    const auto part_ms = fraction_ms(number.substr(point + 1), unit.ms);
    if (!part_ms) return std::nullopt;
    return whole * unit.ms + *part_ms;
  }
  return std::nullopt;
}

}  // namespace patchbay::package
