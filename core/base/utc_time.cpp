#include "base/utc_time.h"

#include <array>
#include <cstdio>

namespace patchbay::base {

namespace {

constexpr uint64_t kMsPerDay = 86'400'000;

struct Date {
  uint64_t year;
  unsigned month;
  unsigned day;
};

// The proleptic Gregorian date of a day since 1970-01-01. Years are counted from March, so that the leap day is the
// last of its year, and in eras of 400 years, which all have the same number of days.
Date date_of(uint64_t days_since_1970) {
  constexpr uint64_t kDaysFromMarchOfYear0 = 719'468;
  constexpr uint64_t kDaysPerEra = 146'097;
  const uint64_t days = days_since_1970 + kDaysFromMarchOfYear0;
  const uint64_t era = days / kDaysPerEra;
  const uint64_t day_of_era = days % kDaysPerEra;
  const uint64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const uint64_t month_from_march = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<unsigned>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  const auto month = static_cast<unsigned>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  return {era * 400 + year_of_era + (month <= 2 ? 1 : 0), month, day};
}

}  // namespace

std::string utc_time_text(uint64_t unix_ms) {
  const Date date = date_of(unix_ms / kMsPerDay);
  const auto ms = static_cast<unsigned>(unix_ms % kMsPerDay);
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), "%04llu-%02u-%02uT%02u:%02u:%02u.%03uZ",
                                   static_cast<unsigned long long>(date.year), date.month, date.day, ms / 3'600'000,
                                   ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
  return {text.data(), static_cast<size_t>(length)};
}

}  // namespace patchbay::base
