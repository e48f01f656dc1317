#include "net/shard_group.h"

#include <chrono>
#include <latch>
#include <thread>
#include <utility>

#include "base/processors.h"
#include "net/readiness.h"

namespace patchbay::net {

namespace {
constexpr auto kDrainLook = std::chrono::milliseconds(5);
}

ShardGroup::ShardGroup(size_t shards, const base::Clock& clock, base::EpochDomain& epoch,
                       const connection::ConnectionLimits& limits, const LendingPolicy& lending)
    : clock_(clock) {
  std::vector<connection::ConnectionShard*> all;
  for (size_t id = 0; id < shards; ++id) {
    shards_.push_back(std::make_unique<IoShard>(static_cast<base::ShardId>(id), clock, epoch, limits));
    all.push_back(&shards_.back()->connections());
  }
  for (const auto& shard : shards_) shard->connections().set_shards(all);
  for (size_t id = 0; id < shards; ++id) {
    const size_t host = id - id % lending.shards_for_each_host;
    if (host != id) shards_[id]->may_lend_to(*shards_[host], lending);
  }
}

ShardGroup::~ShardGroup() {
  stop();
}

void ShardGroup::stay_on_processors() {
  const std::vector<int> processors = base::allowed_processors();
  for (size_t id = 0; id < shards_.size(); ++id) shards_[id]->stay_on_processor(processors[id % processors.size()]);
}

void ShardGroup::start() {
  for (const auto& shard : shards_) shard->start();
  started_ = true;
}

void ShardGroup::stop() {
  if (!std::exchange(started_, false)) return;
  for (const auto& shard : shards_) shard->stop();
  // Mail may post mail; after some rounds what is left is nobody's connection.
  constexpr int kRounds = 8;
  for (int round = 0; round < kRounds; ++round) {
    size_t count = 0;
    for (const auto& shard : shards_) count += shard->run_left_mail();
    if (count == 0) return;
  }
}

void ShardGroup::run_on_each(const std::function<void(IoShard&)>& work) {
  if (!started_) {
    for (const auto& shard : shards_) {
      const base::ShardScope shard_scope(shard->id());
      const Readiness::Scope readiness_scope(shard->readiness());
      work(*shard);
    }
    return;
  }
  std::latch done(static_cast<std::ptrdiff_t>(shards_.size()));
  for (const auto& shard : shards_) {
    shard->post(base::make_task([&work, &done, &shard] {
      work(*shard);
      done.count_down();
    }));
  }
  done.wait();
}

bool ShardGroup::drain_connections(session::CloseReason reason, uint64_t deadline_ms) {
  run_on_each([reason](IoShard& shard) { shard.connections().kick_all(reason); });
  const uint64_t end_ms = clock_.steady_ms() + deadline_ms;
  while (count(base::Counter::connections) != 0) {
    if (clock_.steady_ms() >= end_ms || !started_) return false;
    std::this_thread::sleep_for(kDrainLook);
  }
  return true;
}

uint64_t ShardGroup::count(base::Counter counter) const {
  uint64_t sum = 0;
  for (const auto& shard : shards_) sum += shard->services().counters->get(counter);
  return sum;
}

}  // namespace patchbay::net
