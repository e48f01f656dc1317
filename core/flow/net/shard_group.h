#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "net/io_shard.h"
#include "net/lending_policy.h"

namespace patchbay::net {

/// The shards of a node: built, started, commanded and stopped together. [control]
class ShardGroup {
 public:
  /// Builds `shards` shards with ids 0, 1, …; no thread runs yet.
  ShardGroup(size_t shards, const base::Clock& clock, base::EpochDomain& epoch,
             const connection::ConnectionLimits& limits, const LendingPolicy& lending = {});
  ~ShardGroup();

  [[nodiscard]] size_t size() const { return shards_.size(); }
  [[nodiscard]] IoShard& shard(size_t index) { return *shards_[index]; }

  /// Each shard's thread stays on a processor of its own, of those that the calling thread may use; where there are
  /// fewer they share. Before start().
  void stay_on_processors();
  void start();
  /// Runs `work` on every shard and waits until all have. Before start(), or after stop(), it runs right here.
  void run_on_each(const std::function<void(IoShard&)>& work);
  /// Says goodbye to all connections and waits until they are gone, at most `deadline_ms`; true when none is left.
  bool drain_connections(session::CloseReason reason, uint64_t deadline_ms);
  /// Ends the threads.
  void stop();

  /// Sum over all shards. [any-thread]
  [[nodiscard]] uint64_t count(base::Counter counter) const;

 private:
  const base::Clock& clock_;
  std::vector<std::unique_ptr<IoShard>> shards_;
  bool started_ = false;
};

}  // namespace patchbay::net
