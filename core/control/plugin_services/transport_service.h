#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "patchbay/transport.h"
#include "plugin_bridge/worker_pool.h"
#include "plugin_services/outgoing_stream.h"
#include "plugin_services/service_account.h"
#include "plugin_services/service_shards.h"

namespace patchbay::plugin_services {

/// patchbay.transport/1 for one instance: outgoing connections in the shards' loops. Names are resolved, and files of
/// authorities read, on workers.
class TransportService final : private OutgoingStreamOwner {
 public:
  TransportService(ServiceAccount& account, const ServiceShards& shards, plugin_bridge::WorkerPool& workers);
  TransportService(const TransportService&) = delete;
  TransportService& operator=(const TransportService&) = delete;
  ~TransportService();

  /// [any-thread]
  patchbay_status open(uint32_t shard, const patchbay_stream_target& target, const patchbay_stream_events& events,
                       void* self);
  /// The streams of this shard end, and the plugin is told; afterwards it calls nothing any more. [shard]
  void stop_on_shard();

 private:
  using StreamRef = std::shared_ptr<OutgoingStream>;
  struct alignas(64) Table {
    std::mutex mutex;
    std::unordered_map<uint64_t, StreamRef> streams;
  };

  void ended(OutgoingStream& stream) override;
  [[nodiscard]] patchbay_status start(uint32_t shard, const StreamRef& stream);
  void prepare(uint32_t shard, const StreamRef& stream) const;
  void give_back(uint32_t shard, uint64_t id);

  ServiceAccount& account_;
  const ServiceShards& shards_;
  plugin_bridge::WorkerPool& workers_;
  Quota quota_;
  std::atomic<uint64_t> next_{1};
  std::vector<Table> tables_;
};

}  // namespace patchbay::plugin_services
