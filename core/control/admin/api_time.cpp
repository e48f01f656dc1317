#include "admin/api_time.h"

#include <charconv>
#include <limits>
#include <utility>

#include "admin/time_text.h"
#include "base/utc_time.h"

namespace patchbay::admin {

namespace {

/// A whole number that is not below 0.
std::optional<uint64_t> whole_number(const Json& value) {
  if (!value.is_number_integer() || (!value.is_number_unsigned() && value.get<int64_t>() < 0)) return std::nullopt;
  return value.get<uint64_t>();
}

}  // namespace

std::string time_text_s(uint64_t unix_s) {
  return base::utc_time_text(unix_s * 1000);
}

std::optional<uint64_t> unix_s_from(const Json& value) {
  constexpr uint64_t kLatest_s = 253'402'300'799;  // the end of the year 9999
  if (const auto seconds = whole_number(value)) return *seconds <= kLatest_s ? seconds : std::nullopt;
  // A text that is a number only would be milliseconds elsewhere in the API: too easily mistaken.
  if (!value.is_string() || value.get_ref<const std::string&>().find('-') == std::string::npos) return std::nullopt;
  const auto unix_ms = parse_time(value.get_ref<const std::string&>());
  return unix_ms ? std::optional(*unix_ms / 1000) : std::nullopt;
}

std::optional<uint64_t> duration_ms_from(const Json& value, uint64_t unit_ms) {
  constexpr uint64_t kLongest = std::numeric_limits<uint32_t>::max();
  if (const auto count = whole_number(value))
    return *count <= kLongest ? std::optional(*count * unit_ms) : std::nullopt;
  if (!value.is_string()) return std::nullopt;
  const std::string_view text = value.get_ref<const std::string&>();
  uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count > kLongest) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
  for (const auto& [name, ms] : {std::pair<std::string_view, uint64_t>{"ms", 1},
                                 {"s", 1'000},
                                 {"m", 60'000},
                                 {"h", 3'600'000},
                                 {"d", 86'400'000}}) {
    if (unit == name) return count * ms;
  }
  return std::nullopt;
}

std::string duration_text(uint64_t count, std::string_view unit) {
  return std::to_string(count) + std::string(unit);
}

}  // namespace patchbay::admin
