#include "base/utc_time.h"

#include <catch2/catch.hpp>

using patchbay::base::utc_time_text;

TEST_CASE("UTC time is written as RFC 3339 with milliseconds") {
  CHECK(utc_time_text(0) == "1970-01-01T00:00:00.000Z");
  CHECK(utc_time_text(999) == "1970-01-01T00:00:00.999Z");
  CHECK(utc_time_text(86'399'999) == "1970-01-01T23:59:59.999Z");
  CHECK(utc_time_text(86'400'000) == "1970-01-02T00:00:00.000Z");
  CHECK(utc_time_text(1'700'000'000'123) == "2023-11-14T22:13:20.123Z");
  CHECK(utc_time_text(2'147'483'648'000) == "2038-01-19T03:14:08.000Z");
}

TEST_CASE("leap years follow the Gregorian calendar") {
  CHECK(utc_time_text(951'782'400'000) == "2000-02-29T00:00:00.000Z");
  CHECK(utc_time_text(951'868'800'000) == "2000-03-01T00:00:00.000Z");
  CHECK(utc_time_text(1'709'164'800'000) == "2024-02-29T00:00:00.000Z");
  CHECK(utc_time_text(1'735'603'200'000) == "2024-12-31T00:00:00.000Z");
  CHECK(utc_time_text(4'107'542'400'000) == "2100-03-01T00:00:00.000Z");
  CHECK(utc_time_text(4'107'456'000'000) == "2100-02-28T00:00:00.000Z");
}
