#include "access/look_lanes.h"

#include <catch2/catch.hpp>

using namespace patchbay;
using access::CompiledFilter;
using access::LookLanes;

namespace {

constexpr uint64_t kAll = ~uint64_t{0};

unsigned fitting(const LookLanes& looks, uint64_t front, uint64_t tail) {
  return looks.fitting(LookLanes::Asked(front, tail));
}

}  // namespace

TEST_CASE("each lane answers for itself") {
  LookLanes looks;
  for (size_t lane = 0; lane < LookLanes::kLanes; ++lane) looks.set(lane, {lane, kAll, 7, kAll, 0});
  for (size_t lane = 0; lane < LookLanes::kLanes; ++lane) CHECK(fitting(looks, lane, 7) == 1u << lane);
  CHECK(fitting(looks, LookLanes::kLanes, 7) == 0);
  looks.set(1, {2, kAll, 7, kAll, 0});
  looks.set(3, {2, kAll, 7, kAll, 0});
  CHECK(fitting(looks, 2, 7) == 0b1110);
}

TEST_CASE("a lane that was not set fits no name") {
  const LookLanes none;
  for (const uint64_t front : {uint64_t{0}, uint64_t{1}, kAll}) {
    for (const uint64_t tail : {uint64_t{0}, uint64_t{1}, kAll}) CHECK(fitting(none, front, tail) == 0);
  }
  LookLanes one;
  one.set(2, {});  // any name
  CHECK(fitting(one, kAll, kAll) == 0b0100);
  CHECK(fitting(one, 0, 0) == 0b0100);
}

TEST_CASE("every bit behind a mask counts, and none beside it") {
  for (unsigned bit = 0; bit < 64; ++bit) {
    const uint64_t one = uint64_t{1} << bit;
    LookLanes looks;
    looks.set(0, {one, one, 0, 0, 0});
    looks.set(1, {0, 0, one, one, 0});
    INFO(bit);
    CHECK(fitting(looks, kAll, 0) == 0b01);
    CHECK(fitting(looks, 0, kAll) == 0b10);
    CHECK(fitting(looks, kAll & ~one, kAll & ~one) == 0);
    CHECK(fitting(looks, one, one) == 0b11);
  }
}
