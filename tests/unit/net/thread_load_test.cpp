#include "net/thread_load.h"

#include <catch2/catch.hpp>

#include "base/clock.h"

namespace patchbay::net {

TEST_CASE("load is the share of a window that the thread used", "[lending]") {
  base::ManualClock clock;
  ThreadLoad load(25);
  load.restart(clock, clock.steady_ms());
  clock.advance_ms(24);
  clock.use_cpu_us(24'000);
  CHECK_FALSE(load.window_ended(clock, clock.steady_ms()));
  CHECK(load.percent() == 0);
  clock.advance_ms(1);
  CHECK(load.window_ended(clock, clock.steady_ms()));
  CHECK(load.percent() == 96);
  CHECK_FALSE(load.window_ended(clock, clock.steady_ms()));
}

TEST_CASE("a thread that slept through many windows was quiet", "[lending]") {
  base::ManualClock clock;
  ThreadLoad load(25);
  load.restart(clock, clock.steady_ms());
  clock.advance_ms(10'000);
  clock.use_cpu_us(100'000);
  REQUIRE(load.window_ended(clock, clock.steady_ms()));
  CHECK(load.percent() == 1);
  clock.advance_ms(25);
  clock.use_cpu_us(30'000);  // a clock that is read late may say more than there was
  REQUIRE(load.window_ended(clock, clock.steady_ms()));
  CHECK(load.percent() == 100);
  load.restart(clock, clock.steady_ms());
  CHECK(load.percent() == 0);
}

}  // namespace patchbay::net
