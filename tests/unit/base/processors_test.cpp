#include "base/processors.h"

#include <sched.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <thread>

using namespace patchbay::base;  // NOLINT: test

TEST_CASE("processors: a thread that stays on one runs there, and others as before") {
  const std::vector<int> before = allowed_processors();
  REQUIRE_FALSE(before.empty());
  CHECK(std::is_sorted(before.begin(), before.end()));
  std::thread([&] {
    REQUIRE(stay_on_processor(before.back()));
    CHECK(allowed_processors() == std::vector<int>{before.back()});
    CHECK(sched_getcpu() == before.back());
    // What it starts inherits that.
    std::thread([&] { CHECK(allowed_processors() == std::vector<int>{before.back()}); }).join();
  }).join();
  CHECK(allowed_processors() == before);
}

TEST_CASE("processors: what there is not is refused, and changes nothing") {
  const std::vector<int> before = allowed_processors();
  CHECK_FALSE(stay_on_processor(-1));
  CHECK_FALSE(stay_on_processor(8191));
  CHECK_FALSE(stay_on_processor(8192));
  CHECK(allowed_processors() == before);
}
