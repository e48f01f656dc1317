#include "base/chain.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "support/shard_fixture.h"

using namespace patchbay::base;
using patchbay::test::ShardFixture;

namespace {

struct Event {
  int value = 0;
};

ChainEntry<Event> entry(std::string name, Phase phase = Phase::decide, int32_t priority = 0,
                        uint32_t list_index = ChainOrder::kUnlisted) {
  ChainEntry<Event> result;
  result.call = [](void*, Event&, Token) noexcept { return Verdict::proceeds(); };
  result.order = {phase, list_index, priority, std::move(name)};
  return result;
}

std::vector<std::string> names(const Chain<Event>& chain) {
  std::vector<std::string> result;
  for (const auto& each : chain.entries()) result.push_back(each.order.name);
  return result;
}

}  // namespace

TEST_CASE("the order is phase, the operator's list, priority, name") {
  const Chain<Event> chain({entry("observer", Phase::observe, -100, 0), entry("b", Phase::decide, 5),
                            entry("a", Phase::decide, 5), entry("late", Phase::decide, 9),
                            entry("listed second", Phase::decide, 0, 1), entry("listed first", Phase::decide, 99, 0),
                            entry("changer", Phase::transform, -1'000), entry("early", Phase::decide, -3)});
  CHECK(names(chain) ==
        std::vector<std::string>{"listed first", "listed second", "early", "a", "b", "late", "changer", "observer"});
}

TEST_CASE("a run goes on behind the place where it stopped, in whatever chain is current") {
  const Chain<Event> chain({entry("a"), entry("c"), entry("e", Phase::transform)});
  CHECK(chain.first_after({Phase::decide, ChainOrder::kUnlisted, 0, "a"}) == 1);
  CHECK(chain.first_after({Phase::decide, ChainOrder::kUnlisted, 0, "b"}) == 1);  // b was unloaded meanwhile
  CHECK(chain.first_after({Phase::decide, ChainOrder::kUnlisted, 0, "c"}) == 2);
  CHECK(chain.first_after({Phase::transform, ChainOrder::kUnlisted, 0, "e"}) == 3);
}

TEST_CASE("a filter keeps events from an entry") {
  auto filtered = entry("even");
  CHECK(filtered.is_for(Event{1}));
  auto wanted = std::make_shared<const int>(2);
  filtered.filter = wanted;
  filtered.wants = [](const void* filter, const Event& event) noexcept {
    return event.value % *static_cast<const int*>(filter) == 0;
  };
  CHECK_FALSE(filtered.is_for(Event{1}));
  CHECK(filtered.is_for(Event{4}));
}

TEST_CASE("a point is empty until a list with entries is swapped in, and again after an empty one") {
  ShardFixture shard;
  ChainPoint<Event> point;
  CHECK(point.empty());
  CHECK(point.load() == nullptr);
  point.swap({entry("a")}, shard.epoch);
  CHECK_FALSE(point.empty());
  CHECK(point.load()->entries().size() == 1);
  point.swap({}, shard.epoch);
  CHECK(point.empty());
}

TEST_CASE("a replaced chain lives until the shards that may read it have ended their turn") {
  ShardFixture shard;
  ChainPoint<Event> point;
  auto marker = std::make_shared<const int>(0);
  const std::weak_ptr<const int> alive = marker;
  auto first = entry("a");
  first.filter = std::move(marker);
  point.swap({std::move(first)}, shard.epoch);
  shard.epoch.enter(0);
  const Chain<Event>* seen = point.load();
  point.swap({entry("b")}, shard.epoch);
  shard.epoch.reclaim();
  CHECK(seen->entries()[0].order.name == "a");
  CHECK_FALSE(alive.expired());
  shard.epoch.leave(0);
  CHECK(shard.epoch.reclaim() == 0);
  CHECK(alive.expired());
  CHECK(point.load()->entries()[0].order.name == "b");
}

TEST_CASE("shards walk chains while control swaps them") {
  EpochDomain epoch;
  ChainPoint<Event> point;
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> walks{0};
  std::vector<std::thread> shards;
  for (size_t reader = 0; reader < 2; ++reader) {
    shards.emplace_back([&, reader] {
      while (!stop) {
        epoch.enter(reader);
        Event event;
        if (const Chain<Event>* chain = point.load(); chain != nullptr) {
          for (const auto& each : chain->entries()) each.call(each.self, event, Token{});
        }
        epoch.leave(reader);
        walks.fetch_add(1, std::memory_order_relaxed);
      }
    });
  }
  for (int i = 0; i < 3'000 || walks < 100; ++i) {
    if (i % 3 == 0) {
      point.swap({}, epoch);
    } else {
      point.swap({entry("a"), entry("b", Phase::transform)}, epoch);
    }
    if (i % 100 == 0) std::this_thread::yield();
  }
  stop = true;
  for (std::thread& shard : shards) shard.join();
  CHECK(epoch.reclaim() == 0);
}
