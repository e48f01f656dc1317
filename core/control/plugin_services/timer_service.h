#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/timer_wheel.h"
#include "patchbay/timer.h"
#include "plugin_bridge/worker_pool.h"
#include "plugin_services/service_account.h"
#include "plugin_services/service_shards.h"

namespace patchbay::plugin_services {

/// patchbay.timer/1 for one instance. All timers wait on the wheels of shards; those that were set elsewhere are only
/// told by a shard, and called on a worker.
class TimerService {
 public:
  using Callback = void (*)(void* self, uint64_t timer);

  TimerService(ServiceAccount& account, const ServiceShards& shards, plugin_bridge::WorkerPool& workers);
  TimerService(const TimerService&) = delete;
  TimerService& operator=(const TimerService&) = delete;
  ~TimerService();

  /// [any-thread]
  patchbay_status set(uint64_t delay_ms, uint64_t period_ms, Callback callback, void* self, uint64_t& timer);
  patchbay_status cancel(uint64_t timer);

  /// Stops what waits on this shard: afterwards it calls nothing any more. [shard]
  void stop_on_shard();

 private:
  struct Entry;
  using EntryRef = std::shared_ptr<Entry>;
  /// The timers of one shard. A shard that sets and fires takes its own lock only, which others take for a cancel.
  struct alignas(64) Table {
    std::mutex mutex;
    std::unordered_map<uint64_t, EntryRef> entries;
  };

  void start_on_shard(const EntryRef& entry);
  static void fire(void* entry);
  void fire_here(const EntryRef& entry);
  void fire_on_worker(const EntryRef& entry);
  [[nodiscard]] EntryRef find(uint64_t timer);
  [[nodiscard]] EntryRef take(uint64_t timer);
  void forget();

  ServiceAccount& account_;
  const ServiceShards& shards_;
  plugin_bridge::WorkerPool& workers_;
  Quota quota_;
  std::atomic<uint64_t> next_{1};
  std::vector<Table> tables_;
};

}  // namespace patchbay::plugin_services
