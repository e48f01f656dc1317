#include "net/shard_group.h"

#include <catch2/catch.hpp>
#include <vector>

#include "base/processors.h"

using namespace patchbay;       // NOLINT: test
using namespace patchbay::net;  // NOLINT: test

namespace {

/// What each shard's thread may run on.
std::vector<std::vector<int>> processors_of(ShardGroup& shards) {
  std::vector<std::vector<int>> processors(shards.size());
  shards.run_on_each([&](IoShard& shard) { processors[shard.id()] = base::allowed_processors(); });
  return processors;
}

}  // namespace

TEST_CASE("shards that stay on processors have one each, and share them where there are fewer") {
  const std::vector<int> allowed = base::allowed_processors();
  const base::SystemClock clock;
  base::EpochDomain epoch;
  LendingPolicy own_threads;
  own_threads.enabled = false;
  ShardGroup shards(allowed.size() + 1, clock, epoch, {}, own_threads);
  shards.stay_on_processors();
  shards.start();
  const auto processors = processors_of(shards);
  for (size_t id = 0; id < allowed.size(); ++id) CHECK(processors[id] == std::vector<int>{allowed[id]});
  CHECK(processors.back() == std::vector<int>{allowed.front()});
  shards.stop();
  CHECK(base::allowed_processors() == allowed);
}

TEST_CASE("shards that weren't told to run everywhere") {
  const std::vector<int> allowed = base::allowed_processors();
  const base::SystemClock clock;
  base::EpochDomain epoch;
  ShardGroup shards(2, clock, epoch, {});
  shards.start();
  for (const std::vector<int>& each : processors_of(shards)) CHECK(each == allowed);
  shards.stop();
}
