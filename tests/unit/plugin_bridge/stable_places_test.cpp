#include "plugin_bridge/stable_places.h"

#include <algorithm>

#include <catch2/catch.hpp>

namespace patchbay::plugin_bridge {
namespace {

bool rises(const std::vector<uint32_t>& keys) {
  return std::adjacent_find(keys.begin(), keys.end(), std::greater_equal<>()) == keys.end();
}

}  // namespace

TEST_CASE("Keys rise, and stay when others come and go", "[plugin_bridge]") {
  StablePlaces places;
  const auto first = places.place({"a", "b", "c"});
  REQUIRE(first.size() == 3);
  CHECK(rises(first));
  const auto without = places.place({"b", "c"});
  CHECK(without == std::vector<uint32_t>{first[1], first[2]});
  const auto with = places.place({"x", "b", "y", "z", "c", "w"});
  CHECK(rises(with));
  CHECK(with[1] == first[1]);
  CHECK(with[4] == first[2]);
  CHECK(places.place({}).empty());
}

TEST_CASE("Another order has other keys", "[plugin_bridge]") {
  StablePlaces places;
  static_cast<void>(places.place({"a", "b", "c"}));
  CHECK(rises(places.place({"c", "a", "b"})));
  CHECK(rises(places.place({"b", "new", "a"})));
}

TEST_CASE("When a gap is full, all keys are new", "[plugin_bridge]") {
  StablePlaces places;
  std::vector<std::string> names = {"first", "last"};
  static_cast<void>(places.place(names));
  for (int i = 0; i < 100; ++i) {
    names.insert(names.begin() + 1, "n" + std::to_string(i));
    const auto keys = places.place(names);
    REQUIRE(keys.size() == names.size());
    REQUIRE(rises(keys));
    REQUIRE(keys.front() > 0);
  }
}

}  // namespace patchbay::plugin_bridge
