#include "router/lookup_table.h"

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <vector>

#include "base/random.h"
#include "router/position_map.h"
#include "router/text_hash.h"
#include "unit/router/router_fixture.h"

using namespace patchbay;
using namespace patchbay::router;

namespace {

struct Node : TableNode {
  uint64_t key = 0;
};

TableNode* find(const LookupTable& table, uint64_t hash, uint64_t key) {
  return table.find(hash, [key](const TableNode& node) { return static_cast<const Node&>(node).key == key; });
}

}  // namespace

TEST_CASE("a table holds what was inserted, through growth and removal, also where hashes collide") {
  base::SeededRandom random(9);
  // Few distinct hashes make long chains of equals; many make the table grow; the extreme ones are the end's
  // neighbours.
  for (const uint64_t distinct : {uint64_t{3}, uint64_t{1000}, UINT64_MAX}) {
    LookupTable table;
    std::map<uint64_t, std::unique_ptr<Node>> nodes;
    const auto hash_of = [distinct](uint64_t key) { return mix_hash(key, 0x9E3779B97F4A7C15U) % distinct - 1; };
    for (int step = 0; step < 20'000; ++step) {
      const uint64_t key = random.below(3000);
      const auto present = nodes.find(key);
      REQUIRE((find(table, hash_of(key), key) != nullptr) == (present != nodes.end()));
      if (present == nodes.end()) {
        auto node = std::make_unique<Node>();
        node->key = key;
        table.insert(*node, hash_of(key));
        nodes.emplace(key, std::move(node));
      } else {
        table.erase(*present->second);
        nodes.erase(present);
      }
      REQUIRE(table.size() == nodes.size());
    }
    table.dispose_all([&nodes](TableNode& node) { nodes.erase(static_cast<Node&>(node).key); });
    CHECK(nodes.empty());
  }
}

TEST_CASE("texts that differ by little hash differently, and by the seed") {
  std::map<uint64_t, std::string> seen;
  for (int i = 0; i < 5000; ++i) {
    for (const std::string& text :
         {"a/" + std::to_string(i), std::to_string(i) + "/a", std::string(i % 40, 'x') + "/" + std::to_string(i)}) {
      const auto [at, inserted] = seen.emplace(hash_text(text, 1), text);
      REQUIRE((inserted || at->second == text));
    }
  }
  CHECK(hash_text("a/b", 1) != hash_text("a/b", 2));
  CHECK(hash_text("", 1) != hash_text(std::string_view("\0", 1), 1));
}

TEST_CASE("a position map finds every entry through changes") {
  base::SeededRandom random(4);
  std::vector<SubscriptionEntry> entries(500);
  PositionMap map;
  map.assign(entries.data(), 0);
  std::map<uint32_t, uint32_t> model;  // slot to position
  for (int step = 0; step < 20'000; ++step) {
    const auto position = static_cast<uint32_t>(random.below(entries.size()));
    if (entries[position].is_free()) {
      const auto slot = static_cast<uint32_t>(random.below(100'000));
      if (model.count(slot) != 0) continue;
      entries[position].write(router::testing::handle(slot), {}, 0);
      map.insert(entries.data(), position);
      model[slot] = position;
    } else {
      map.erase(entries.data(), position);
      model.erase(entries[position].handle().slot());
      entries[position].clear();
    }
    if (step % 100 != 0) continue;
    for (const auto& [slot, expected] : model) {
      REQUIRE(map.find(entries.data(), router::testing::handle(slot)) == expected);
    }
    REQUIRE(map.find(entries.data(), router::testing::handle(100'001)) == PositionMap::kNone);
  }
  map.assign(entries.data(), static_cast<uint32_t>(entries.size()));
  for (const auto& [slot, expected] : model) {
    REQUIRE(map.find(entries.data(), router::testing::handle(slot)) == expected);
  }
}
