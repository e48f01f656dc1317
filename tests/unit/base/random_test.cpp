#include "base/random.h"

#include <array>
#include <catch2/catch.hpp>
#include <set>

using namespace patchbay::base;

TEST_CASE("a seed gives the same run each time, another seed another") {
  SeededRandom first(7);
  SeededRandom second(7);
  SeededRandom third(8);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const uint64_t value = first.next();
    CHECK(value == second.next());
    differs = differs || value != third.next();
  }
  CHECK(differs);
}

TEST_CASE("a number below a bound reaches all of them, about equally often") {
  SeededRandom random(42);
  std::array<int, 8> hits{};
  for (int i = 0; i < 8'000; ++i) {
    const uint64_t value = random.below(hits.size());
    REQUIRE(value < hits.size());
    ++hits[value];
  }
  for (const int count : hits) {
    CHECK(count > 800);
    CHECK(count < 1'200);
  }
  CHECK(random.below(1) == 0);
}

TEST_CASE("kernel entropy doesn't repeat, also across its blocks") {
  SystemRandom random;
  std::set<uint64_t> seen;
  for (int i = 0; i < 100; ++i) CHECK(seen.insert(random.next()).second);
}
