#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "patchbay/publish.h"
#include "plugin_bridge/worker_pool.h"
#include "plugin_services/service_account.h"
#include "plugin_services/service_shards.h"

namespace patchbay::plugin_services {

/// patchbay.subscribe/1 for one instance. A subscription lives on the shard where it was made, or else on the shard of
/// the instance. With worker execution its messages are called for on workers, one after the other.
class SubscriptionService {
 public:
  static constexpr size_t kMaximumWaiting = 10'000;  ///< messages of one subscription that wait for a worker

  SubscriptionService(ServiceAccount& account, const ServiceShards& shards, plugin_bridge::WorkerPool& workers);
  SubscriptionService(const SubscriptionService&) = delete;
  SubscriptionService& operator=(const SubscriptionService&) = delete;
  ~SubscriptionService();

  /// [any-thread]
  patchbay_status subscribe(std::string_view topic_filter, uint32_t maximum_qos, patchbay_delivery_fn function,
                            void* self, uint64_t& subscription);
  patchbay_status unsubscribe(uint64_t subscription, void (*done)(void* self), void* self);

  /// Ends the subscriptions of this shard. [shard]
  void stop_on_shard();
  [[nodiscard]] uint32_t count() const { return quota_.used(); }

 private:
  struct Entry;
  using EntryRef = std::shared_ptr<Entry>;

  [[nodiscard]] EntryRef take(uint64_t subscription);
  void begin_on_shard(const EntryRef& entry);
  void end_on_shard(Entry& entry);
  void forget();

  ServiceAccount& account_;
  const ServiceShards& shards_;
  plugin_bridge::WorkerPool& workers_;
  Quota quota_;
  std::mutex mutex_;  // guards what follows; not taken to deliver
  std::unordered_map<uint64_t, EntryRef> entries_;
  uint64_t next_ = 1;
};

}  // namespace patchbay::plugin_services
