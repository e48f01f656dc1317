#include "base/clock.h"

#include <catch2/catch.hpp>

using namespace patchbay::base;

TEST_CASE("a manual clock stands still until it is moved") {
  ManualClock clock;
  const uint64_t steady_ms = clock.steady_ms();
  const uint64_t unix_ms = clock.unix_ms();
  CHECK(clock.steady_ms() == steady_ms);
  clock.advance_ms(1'500);
  CHECK(clock.steady_ms() == steady_ms + 1'500);
  CHECK(clock.unix_ms() == unix_ms + 1'500);
}

TEST_CASE("the system's steady clock never goes back, its wall clock is of this century") {
  const SystemClock clock;
  uint64_t last = clock.steady_ms();
  for (int i = 0; i < 1'000; ++i) {
    const uint64_t now = clock.steady_ms();
    REQUIRE(now >= last);
    last = now;
  }
  // The cheap clock is a tick or so behind the exact one, and never ahead.
  const uint64_t before_ms = clock.steady_ms();
  const uint64_t exact_ms = clock.steady_ns() / 1'000'000;
  const uint64_t after_ms = clock.steady_ms();
  CHECK(before_ms <= exact_ms);
  CHECK(after_ms + 20 >= exact_ms);
  CHECK(clock.unix_ms() > 1'600'000'000'000);
  CHECK(clock.unix_ms() < 4'102'444'800'000);
}
