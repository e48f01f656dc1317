#include "package/duration_text.h"

#include <catch2/catch.hpp>

using namespace patchbay::package;  // NOLINT: test

TEST_CASE("durations have a number and a unit") {
  CHECK(parse_duration_ms("250ms") == 250u);
  CHECK(parse_duration_ms("3s") == 3000u);
  CHECK(parse_duration_ms("1.5s") == 1500u);
  CHECK(parse_duration_ms("0.001s") == 1u);
  CHECK(parse_duration_ms("0.25h") == 900'000u);
  CHECK(parse_duration_ms("5m") == 300'000u);
  CHECK(parse_duration_ms("12h") == 43'200'000u);
  CHECK(parse_duration_ms("7d") == 604'800'000u);
  CHECK(parse_duration_ms("0s") == 0u);
}

TEST_CASE("what is no duration") {
  for (const char* text : {"", "3", "s", "3 s", "-3s", "3S", "3sec", "1.5", "1.s", ".5s", "1.2.3s", "0.0001s", "0.5ms",
                           "1e3s", "37000d", "99999999999999999999s", "PT3S", "3s "}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration_ms(text).has_value());
  }
}

TEST_CASE("a fraction is exact or refused") {
  CHECK(parse_duration_ms("0.1m") == 6000u);
  CHECK(parse_duration_ms("0.0001m") == 6u);
  CHECK_FALSE(parse_duration_ms("0.00001m").has_value());
  CHECK(parse_duration_ms("36600d").has_value());
}
