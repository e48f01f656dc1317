#pragma once

#include <functional>
#include <memory>

#include "plugin_bridge/worker_pool.h"
#include "plugin_services/service_account.h"
#include "plugin_services/service_shards.h"

namespace patchbay::plugin_services {

/// Brings what shards have found out to a worker of the instance. The answer comes even when the pool's queue is full:
/// the shard then tries again until there is room.
class QueryAnswers {
 public:
  QueryAnswers(ServiceAccount& account, const ServiceShards& shards, plugin_bridge::WorkerPool& workers);

  /// Begins a query: false, and counted, when too many are open. Each is ended by answer() or drop().
  [[nodiscard]] bool begin() { return quota_.take(); }
  /// Runs `answer` once, as a call into the instance, on a worker. [shard]
  void answer(std::function<void()> answer);
  /// Ends a query that has no answer.
  void drop() { quota_.give_back(); }
  [[nodiscard]] uint32_t open() const { return quota_.used(); }

 private:
  struct Retry;
  [[nodiscard]] bool post(const std::shared_ptr<std::function<void()>>& answer);

  ServiceAccount& account_;
  const ServiceShards& shards_;
  plugin_bridge::WorkerPool& workers_;
  Quota quota_;
};

}  // namespace patchbay::plugin_services
