#pragma once

#include <cstdint>

#include "patchbay/worker.h"
#include "plugin_bridge/worker_pool.h"
#include "plugin_services/service_account.h"
#include "plugin_services/service_shards.h"

namespace patchbay::plugin_services {

/// patchbay.worker/1 for one instance. Both remain open while the instance drains: they are how it finishes what it has
/// begun, such as a deferred answer that is computed on a worker.
class JobService {
 public:
  using Function = void (*)(void* self);

  JobService(ServiceAccount& account, const ServiceShards& shards, plugin_bridge::WorkerPool& workers);

  /// [any-thread]
  patchbay_status run(Function function, void* self);
  patchbay_status post(uint32_t shard, Function function, void* self);

  /// Jobs and posts that wait or run.
  [[nodiscard]] uint32_t pending() const { return quota_.used(); }

 private:
  ServiceAccount& account_;
  const ServiceShards& shards_;
  plugin_bridge::WorkerPool& workers_;
  Quota quota_;
};

/// patchbay.thread_check/1: PATCHBAY_THREAD_SHARD and so on. [any-thread]
[[nodiscard]] uint32_t thread_kind(plugin_bridge::CallPlaces& places);

}  // namespace patchbay::plugin_services
