#include "net/shard_group.h"

#include <catch2/catch.hpp>
#include <latch>
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

TEST_CASE("patient mail is run in the turn that something else causes") {
  const base::SystemClock clock;
  base::EpochDomain epoch;
  ShardGroup shards(2, clock, epoch, {});
  shards.start();
  for (size_t id = 0; id < shards.size(); ++id) {
    std::latch done(1);
    base::ShardId ran_on = base::kNoShard;
    shards.shard(id).services().patient_mailbox->post(base::make_task([&] {
      ran_on = base::current_shard();
      done.count_down();
    }));
    shards.shard(id).post(base::make_task([] {}));
    done.wait();
    CHECK(ran_on == id);
  }
  shards.stop();
}

TEST_CASE("patient mail is run when somebody hurries, by a shard that sleeps or is lent") {
  const base::SystemClock clock;
  base::EpochDomain epoch;
  ShardGroup shards(2, clock, epoch, {});
  shards.start();
  for (int round = 0; round < 50; ++round) {
    for (size_t id = 0; id < shards.size(); ++id) {
      base::PatientMailbox& mailbox = *shards.shard(id).services().patient_mailbox;
      std::latch done(1);
      mailbox.post(base::make_task([&done] { done.count_down(); }));
      mailbox.hurry();
      done.wait();
    }
  }
  shards.stop();
}

TEST_CASE("patient mail that no turn came for is run after the shards' end") {
  const base::SystemClock clock;
  base::EpochDomain epoch;
  IoShard shard(0, clock, epoch, {});
  int runs = 0;
  shard.services().patient_mailbox->post(base::make_task([&runs] { ++runs; }));
  CHECK(shard.run_left_mail() == 1);
  CHECK(runs == 1);
}
