#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "plugin_bridge/bridge_environment.h"
#include "plugin_bridge/call_place.h"
#include "plugin_bridge/chain_publisher.h"
#include "plugin_bridge/client_slots.h"
#include "plugin_bridge/control_hooks.h"
#include "plugin_bridge/interface_directory.h"
#include "plugin_bridge/watchdog.h"
#include "plugin_bridge/worker_pool.h"

namespace patchbay::plugin_bridge {

struct BridgeOptions {
  WorkerPool::Options workers;
  BreakerLimits breaker;
  bool leftovers = true;  ///< see BackgroundThreads::allow()
};

/// Between the core's hook points and the plugins' C tables: what all instances of the node share. Built by the
/// composition root when the shards exist; outlives every Instance, and is stopped after the last one is gone and
/// before the shards are.
class Bridge {
 public:
  Bridge(BridgeEnvironment environment, BridgeOptions options);
  ~Bridge();
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;

  /// Starts workers and watchdog. [control]
  void start();
  /// Joins them. Idempotent. [control]
  void stop();

  /// Publishes these hooks and no others, and watches over them; see ChainPublisher::publish(). Before an instance is
  /// destroyed, publish() without its hooks. [control]
  bool publish(PublishedChains next, uint64_t limit_ms);
  /// Destroys what `instance` keeps with clients, on every shard: done when its Held::client_slots are zero. Before its
  /// stop(), while the shards run. [control]
  void end_client_slots(Instance& instance);

  /// The end of a turn: hands over what this shard has collected for batch observers. One load and compare when there
  /// is nothing. [shard]
  void end_of_turn(base::ShardId shard) {
    if (!dirty_[shard].queues.empty()) hand_over(shard);
  }
  /// `queue` has something to hand over at the end of this shard's turn. [shard]
  void mark_dirty(base::ShardId shard, BatchQueue& queue) { dirty_[shard].queues.push_back(&queue); }

  [[nodiscard]] const BridgeEnvironment& environment() const { return environment_; }
  [[nodiscard]] const base::Clock& clock() const { return environment_.clock; }
  [[nodiscard]] uint32_t shard_count() const { return static_cast<uint32_t>(environment_.shards.size()); }
  [[nodiscard]] CallPlaces& places() { return places_; }
  [[nodiscard]] WorkerPool& workers() { return workers_; }
  [[nodiscard]] ControlHooks& control_hooks() { return control_hooks_; }
  [[nodiscard]] ChainPublisher& chains() { return chains_; }
  [[nodiscard]] InterfaceDirectory& interfaces() { return interfaces_; }
  [[nodiscard]] Watchdog& watchdog() { return watchdog_; }
  [[nodiscard]] ClientSlots& client_slots() { return client_slots_; }

 private:
  struct alignas(64) Dirty {
    std::vector<BatchQueue*> queues;
    std::vector<BatchQueue*> handing_over;
  };
  void hand_over(base::ShardId shard);

  BridgeEnvironment environment_;
  CallPlaces places_;
  WorkerPool workers_;
  ControlHooks control_hooks_;
  ChainPublisher chains_;
  InterfaceDirectory interfaces_;
  Watchdog watchdog_;
  ClientSlots client_slots_;
  std::vector<Dirty> dirty_;
};

}  // namespace patchbay::plugin_bridge
