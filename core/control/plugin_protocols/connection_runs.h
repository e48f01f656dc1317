#pragma once

#include <cstddef>
#include <vector>

#include "plugin_services/service_shards.h"

namespace patchbay::plugin_protocols {

/// Role: who wants to be called at the end of its shard's turn.
class TurnEndListener {
 public:
  /// Its turn has come; it is no longer listed.
  virtual void run_listed() = 0;

 protected:
  ~TurnEndListener() = default;
};

/// The connections that have something to do at the end of their shard's turn. What a turn brings for a client is thus
/// handed to its plugin in one call, whose output leaves with the turn's other output. Outlives the connections.
/// [shard]
class ConnectionRuns {
 public:
  explicit ConnectionRuns(const plugin_services::ServiceShards& shards);
  ConnectionRuns(const ConnectionRuns&) = delete;
  ConnectionRuns& operator=(const ConnectionRuns&) = delete;

  /// Calls its run_listed() at the end of this turn. Not for one that is listed already.
  void add(TurnEndListener& connection);
  /// Forgets one that leaves the shard.
  void remove(TurnEndListener& connection);
  /// Runs those that are listed, and those that are added meanwhile, as far as a turn has room for them. Called by the
  /// shard before it writes to sockets, as often as it likes; posts what waits for other shards afterwards.
  void end_of_turn() {
    if (!empty()) run();
  }
  [[nodiscard]] bool empty() const { return lists_[base::current_shard()].connections.empty(); }

 private:
  void run();

  static constexpr size_t kMaximumRuns = 4'096;  ///< in one turn; the others come in the next one

  struct alignas(64) List {
    std::vector<TurnEndListener*> connections;  ///< null: it has left
  };

  const plugin_services::ServiceShards& shards_;
  std::vector<List> lists_;
};

}  // namespace patchbay::plugin_protocols
