#include "admin/time_text.h"

#include <charconv>

namespace patchbay::admin {

namespace {

/// Takes fixed forms from the front of a text.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool digits(size_t count, int64_t least, int64_t most, int64_t& value) {
    value = 0;
    if (rest_.size() < count) return false;
    for (size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value >= least && value <= most;
  }
  [[nodiscard]] bool one_of(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return false;
    taken_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  [[nodiscard]] bool fraction(int64_t& milliseconds) {
    int64_t digit = 0;
    int64_t weight = 100;
    if (!digits(1, 0, 9, digit)) return false;
    do {
      milliseconds += digit * weight;
      weight /= 10;
    } while (digits(1, 0, 9, digit));
    return true;
  }
  [[nodiscard]] char taken() const { return taken_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  char taken_ = 0;
};

/// Days since 1970-01-01 in the proleptic Gregorian calendar.
int64_t days_since_epoch(int64_t year, int64_t month, int64_t day) {
  const int64_t shifted_year = month <= 2 ? year - 1 : year;  // the year begins in March, so that February comes last
  const int64_t era = shifted_year / 400;
  const int64_t year_of_era = shifted_year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

int64_t days_in_month(int64_t year, int64_t month) {
  return days_since_epoch(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1) -
         days_since_epoch(year, month, 1);
}

bool read_offset(TimeReader& reader, int64_t& minutes) {
  if (reader.one_of("Zz")) return true;
  if (!reader.one_of("+- ")) return false;
  const int64_t sign = reader.taken() == '-' ? -1 : 1;
  int64_t hour = 0;
  int64_t minute = 0;
  if (!reader.digits(2, 0, 23, hour) || !reader.one_of(":") || !reader.digits(2, 0, 59, minute)) return false;
  minutes = sign * (hour * 60 + minute);
  return true;
}

}  // namespace

std::optional<uint64_t> parse_time(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  TimeReader reader(text);
  int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millisecond = 0, offset_minutes = 0;
  if (!reader.digits(4, 1970, 9999, year) || !reader.one_of("-") || !reader.digits(2, 1, 12, month))
    return std::nullopt;
  if (!reader.one_of("-") || !reader.digits(2, 1, days_in_month(year, month), day)) return std::nullopt;
  if (!reader.one_of("Tt ") || !reader.digits(2, 0, 23, hour) || !reader.one_of(":")) return std::nullopt;
  if (!reader.digits(2, 0, 59, minute) || !reader.one_of(":") || !reader.digits(2, 0, 60, second)) return std::nullopt;
  if (reader.one_of(".") && !reader.fraction(millisecond)) return std::nullopt;
  if (!read_offset(reader, offset_minutes) || !reader.at_end()) return std::nullopt;
  const int64_t minutes = (days_since_epoch(year, month, day) * 24 + hour) * 60 + minute - offset_minutes;
  const int64_t unix_ms = (minutes * 60 + second) * 1000 + millisecond;
  if (unix_ms < 0) return std::nullopt;
  return static_cast<uint64_t>(unix_ms);
}

}  // namespace patchbay::admin
