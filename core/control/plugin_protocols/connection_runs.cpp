#include "plugin_protocols/connection_runs.h"

#include <algorithm>
#include <utility>

#include "distribution/fan_out.h"
#include "session/session_environment.h"

namespace patchbay::plugin_protocols {

ConnectionRuns::ConnectionRuns(const plugin_services::ServiceShards& shards)
    : shards_(shards), lists_(shards.count()) {}

void ConnectionRuns::add(TurnEndListener& connection) {
  lists_[base::current_shard()].connections.push_back(&connection);
}

void ConnectionRuns::remove(TurnEndListener& connection) {
  // Its place stays: the list may be gone through just now.
  std::vector<TurnEndListener*>& list = lists_[base::current_shard()].connections;
  std::replace(list.begin(), list.end(), &connection, static_cast<TurnEndListener*>(nullptr));
}

void ConnectionRuns::run() {
  const base::ShardId shard = base::current_shard();
  std::vector<TurnEndListener*>& list = lists_[shard].connections;
  size_t done = 0;
  for (; done < list.size() && done < kMaximumRuns; ++done) {
    if (TurnEndListener* connection = std::exchange(list[done], nullptr)) connection->run_listed();
  }
  list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(done));
  if (!list.empty()) shards_.run(shard, [] {});  // there must be another turn
  shards_.flow(shard).fan_out.flush();
}

}  // namespace patchbay::plugin_protocols
