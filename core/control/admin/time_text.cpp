#include "admin/time_text.h"

#include <charconv>
#include <cstdio>
#include <ctime>
#include <limits>

#include "base/utc_time.h"

namespace patchbay::admin {

namespace {

/// A number of exactly so many digits from `at` on.
std::optional<int> digits_at(std::string_view text, size_t at, size_t count) {
  if (text.size() < at + count) return std::nullopt;
  int number = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

/// What stands behind the seconds: a fraction, which gives milliseconds, and the offset in seconds.
struct TimeEnd {
  int ms = 0;
  int offset_s = 0;
};
std::optional<TimeEnd> time_end_from(std::string_view text) {
  TimeEnd end;
  if (text.starts_with('.')) {
    size_t count = 0;
    int scale = 100;
    for (text.remove_prefix(1); count < text.size() && text[count] >= '0' && text[count] <= '9'; ++count) {
      end.ms += (text[count] - '0') * scale;
      scale /= 10;
    }
    if (count == 0) return std::nullopt;
    text.remove_prefix(count);
  }
  if (text == "Z" || text == "z") return end;
  const auto hours = digits_at(text, 1, 2);
  const auto minutes = digits_at(text, 4, 2);
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' || !hours || !minutes || *hours > 23 ||
      *minutes > 59) {
    return std::nullopt;
  }
  end.offset_s = (*hours * 3600 + *minutes * 60) * (text[0] == '-' ? -1 : 1);
  return end;
}

}  // namespace

std::string time_text_s(uint64_t unix_s) {
  return base::utc_time_text(unix_s * 1000);
}

std::optional<uint64_t> unix_ms_from(std::string_view text) {
  constexpr size_t kDateAndTime = 19;  // "2026-11-26T14:58:03"
  if (text.size() < kDateAndTime + 1 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') ||
      text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const std::optional<int> parts[] = {digits_at(text, 0, 4),  digits_at(text, 5, 2),  digits_at(text, 8, 2),
                                      digits_at(text, 11, 2), digits_at(text, 14, 2), digits_at(text, 17, 2)};
  for (const std::optional<int>& part : parts) {
    if (!part) return std::nullopt;
  }
  if (*parts[1] < 1 || *parts[1] > 12 || *parts[2] < 1 || *parts[2] > 31 || *parts[3] > 23 || *parts[4] > 59 ||
      *parts[5] > 60) {
    return std::nullopt;
  }
  const auto end = time_end_from(text.substr(kDateAndTime));
  if (!end) return std::nullopt;
  std::tm time{};
  time.tm_year = *parts[0] - 1900;
  time.tm_mon = *parts[1] - 1;
  time.tm_mday = *parts[2];
  time.tm_hour = *parts[3];
  time.tm_min = *parts[4];
  time.tm_sec = *parts[5];
  const int64_t unix_s = timegm(&time) - end->offset_s;
  if (unix_s < 0) return std::nullopt;
  return static_cast<uint64_t>(unix_s) * 1000 + static_cast<uint64_t>(end->ms);
}

std::optional<uint64_t> unix_s_from(const Json& value) {
  constexpr uint64_t kLatest_s = 253'402'300'799;  // the end of the year 9999
  if (value.is_number_unsigned() && value.get<uint64_t>() <= kLatest_s) return value.get<uint64_t>();
  if (!value.is_string()) return std::nullopt;
  const auto unix_ms = unix_ms_from(value.get_ref<const std::string&>());
  return unix_ms ? std::optional(*unix_ms / 1000) : std::nullopt;
}

std::optional<uint64_t> duration_ms_from(const Json& value, uint64_t unit_ms) {
  constexpr uint64_t kLongest = std::numeric_limits<uint32_t>::max();
  if (value.is_number_unsigned())
    return value.get<uint64_t>() <= kLongest ? std::optional(value.get<uint64_t>() * unit_ms) : std::nullopt;
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
