#include "admin/time_text.h"

#include <catch2/catch.hpp>

using patchbay::admin::parse_time;

TEST_CASE("Times are read as RFC 3339 or as milliseconds", "[admin]") {
  CHECK(parse_time("0") == 0u);
  CHECK(parse_time("1700000000123") == 1'700'000'000'123u);
  CHECK(parse_time("1970-01-01T00:00:00Z") == 0u);
  CHECK(parse_time("2023-11-14T22:13:20Z") == 1'700'000'000'000u);
  CHECK(parse_time("2023-11-14T22:13:20.5Z") == 1'700'000'000'500u);
  CHECK(parse_time("2023-11-14T23:13:20+01:00") == 1'700'000'000'000u);
  CHECK(parse_time("2023-11-14T23:13:20 01:00") == 1'700'000'000'000u);  // a '+' that a query has decoded
  CHECK(parse_time("2023-11-14T17:13:20.000123-05:00") == 1'700'000'000'000u);
  CHECK(parse_time("2024-02-29T00:00:00Z") == 1'709'164'800'000u);
  CHECK(parse_time("2000-12-31T23:59:60Z") == parse_time("2001-01-01T00:00:00Z"));
}

TEST_CASE("What is no time is none", "[admin]") {
  for (const char* text :
       {"", "now", "-1", "1.5", "2023-11-14", "2023-11-14T22:13:20", "2023-13-01T00:00:00Z", "2023-02-29T00:00:00Z",
        "2023-11-14T24:00:00Z", "2023-11-14T22:13Z", "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20Zx",
        "2023-11-14T22:13:20+0100", "23-11-14T22:13:20Z", "99999999999999999999999"}) {
    INFO(text);
    CHECK_FALSE(parse_time(text));
  }
}
