#include "bench/inflight_ids.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <set>

using namespace patchbay::bench;

TEST_CASE("ids run from 1 to the limit and no further") {
  InflightIds ids(3);
  std::set<std::uint16_t> taken;
  while (ids.available()) taken.insert(ids.take(PacketType::puback));
  CHECK(taken == std::set<std::uint16_t>{1, 2, 3});
  CHECK(ids.in_use() == 3);
}

TEST_CASE("a limit of 0 has no ids") {
  CHECK_FALSE(InflightIds(0).available());
}

TEST_CASE("an id is known by the packet that it waits for") {
  InflightIds ids(2);
  std::uint16_t id = ids.take(PacketType::pubrec);
  CHECK(ids.awaits(id, PacketType::pubrec));
  CHECK_FALSE(ids.awaits(id, PacketType::pubcomp));
  ids.now_awaits(id, PacketType::pubcomp);
  CHECK(ids.awaits(id, PacketType::pubcomp));
  ids.give_back(id);
  CHECK_FALSE(ids.awaits(id, PacketType::pubcomp));
  CHECK_FALSE(ids.awaits(99, PacketType::puback));
}

TEST_CASE("all identifiers that there are can be given out") {
  InflightIds ids(65'535);
  for (std::uint32_t id = 1; id <= 65'535; ++id) REQUIRE(ids.take(PacketType::puback) == id);
  CHECK_FALSE(ids.available());
  ids.give_back(65'535);
  CHECK(ids.take(PacketType::puback) == 65'535);
}

TEST_CASE("an id comes round again only after all others") {
  InflightIds ids(3);
  std::uint16_t first = ids.take(PacketType::puback);
  ids.give_back(first);
  CHECK(ids.take(PacketType::puback) != first);
  CHECK(ids.take(PacketType::puback) != first);
  CHECK(ids.take(PacketType::puback) == first);
}

TEST_CASE("any order of giving back keeps all ids distinct") {
  InflightIds ids(7);
  std::set<std::uint16_t> taken;
  std::uint32_t random = 1;
  for (int step = 0; step < 10'000; ++step) {
    random = random * 1'664'525 + 1'013'904'223;
    bool take = taken.empty() || (ids.available() && (random >> 16) % 2 == 0);
    if (take) {
      REQUIRE(taken.insert(ids.take(PacketType::puback)).second);
    } else {
      auto chosen = std::next(taken.begin(), static_cast<long>((random >> 17) % taken.size()));
      ids.give_back(*chosen);
      taken.erase(chosen);
    }
    REQUIRE(ids.in_use() == taken.size());
  }
}
