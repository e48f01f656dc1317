#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace patchbay::bench {

// What the library user_time has added up in a broker so far, in ticks of its stamp counter, and that counter now.
struct UserTimeSample {
  std::uint64_t ticks = 0;
  std::uint64_t calls = 0;
  std::uint64_t left_out = 0;
  std::uint64_t threads_without_place = 0;
  std::uint64_t stamp = 0;
  std::int64_t at_ns = 0;
};

// Nothing where the file is not one that the library writes.
std::optional<UserTimeSample> read_user_time(const std::string& file);

// User time between two samples.
double user_time_us(const UserTimeSample& before, const UserTimeSample& after);

}  // namespace patchbay::bench
