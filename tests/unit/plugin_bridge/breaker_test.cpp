#include "plugin_bridge/breaker.h"

#include <catch2/catch.hpp>

namespace patchbay::plugin_bridge {
namespace {

using Change = Breaker::Change;
using State = Breaker::State;

}  // namespace

TEST_CASE("A breaker opens for a share of failures and a minimum of them", "[plugin_bridge]") {
  Breaker breaker;
  uint64_t now_ms = 100'000;
  CHECK(breaker.tick(now_ms, 19, 19) == Change::none);       // too few
  CHECK(breaker.tick(now_ms, 100, 0) == Change::none);       // 19 of 119
  CHECK(breaker.tick(now_ms + 100, 10, 1) == Change::none);  // 20 of 129
  CHECK(breaker.tick(now_ms + 200, 100, 100) == Change::opened);
  CHECK(breaker.state() == State::open);
  CHECK(breaker.openings() == 1);
}

TEST_CASE("What is older than the window is forgotten", "[plugin_bridge]") {
  Breaker breaker;
  CHECK(breaker.tick(100'000, 19, 19) == Change::none);
  CHECK(breaker.tick(111'000, 19, 19) == Change::none);
  CHECK(breaker.tick(112'000, 1, 1) == Change::opened);
}

TEST_CASE("An open breaker probes with growing pauses and closes when probes succeed", "[plugin_bridge]") {
  Breaker breaker;
  uint64_t now_ms = 100'000;
  REQUIRE(breaker.tick(now_ms, 20, 20) == Change::opened);
  CHECK(breaker.tick(now_ms + 900, 0, 0) == Change::none);
  CHECK(breaker.tick(now_ms + 1'000, 0, 0) == Change::half_opened);
  CHECK(breaker.tick(now_ms + 1'100, 3, 0) == Change::none);
  CHECK(breaker.tick(now_ms + 1'200, 1, 1) == Change::opened);
  CHECK(breaker.tick(now_ms + 3'100, 0, 0) == Change::none);  // twice as long
  CHECK(breaker.tick(now_ms + 3'200, 0, 0) == Change::half_opened);
  CHECK(breaker.tick(now_ms + 3'300, 5, 0) == Change::closed);
  CHECK(breaker.state() == State::closed);
  // The failures before are forgotten.
  CHECK(breaker.tick(now_ms + 3'400, 5, 5) == Change::none);
}

TEST_CASE("Three openings in ten minutes end it", "[plugin_bridge]") {
  Breaker breaker;
  const bool in_time = GENERATE(true, false);
  const uint64_t between_ms = in_time ? 200'000 : 400'000;
  uint64_t now_ms = 1'000'000;
  const auto open_once = [&] {
    const Change change = breaker.tick(now_ms, 20, 20);
    static_cast<void>(breaker.tick(now_ms + 70'000, 0, 0));
    static_cast<void>(breaker.tick(now_ms + 70'100, 5, 0));
    now_ms += between_ms;
    return change;
  };
  CHECK(open_once() == Change::opened);
  CHECK(open_once() == Change::opened);
  CHECK(open_once() == (in_time ? Change::quarantined : Change::opened));
  CHECK(breaker.state() == (in_time ? State::quarantined : State::closed));
}

TEST_CASE("A hang opens at once, and an operator may force either", "[plugin_bridge]") {
  Breaker breaker;
  CHECK(breaker.trip(5'000) == Change::opened);
  CHECK(breaker.trip(5'001) == Change::none);
  breaker.force_closed();
  CHECK(breaker.state() == State::closed);
  CHECK(breaker.force_open() == Change::quarantined);
  CHECK(breaker.tick(1'000'000, 0, 0) == Change::none);
  CHECK(breaker.force_open() == Change::none);
  breaker.force_closed();
  CHECK(breaker.tick(1'000'100, 20, 20) == Change::opened);
}

}  // namespace patchbay::plugin_bridge
