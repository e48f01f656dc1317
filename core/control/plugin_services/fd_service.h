#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "patchbay/worker.h"
#include "plugin_services/service_account.h"
#include "plugin_services/service_shards.h"

namespace patchbay::plugin_services {

/// patchbay.fd/1 for one instance: descriptors of the plugin in the shards' loops. The loops are edge-triggered; what
/// is level-triggered here is made by asking poll() again after each call, in the shard's next turn.
class FdService {
 public:
  FdService(ServiceAccount& account, const ServiceShards& shards);
  FdService(const FdService&) = delete;
  FdService& operator=(const FdService&) = delete;
  ~FdService();

  /// `invalid` also when the system can't watch such a descriptor; when that is only found on another shard, the
  /// function is called once with PATCHBAY_FD_ERROR. [any-thread]
  patchbay_status watch(uint32_t shard, int32_t fd, uint32_t events, patchbay_fd_fn function, void* self,
                        uint64_t& watch);
  patchbay_status change(uint64_t watch, uint32_t events);
  patchbay_status unwatch(uint64_t watch, void (*done)(void* self), void* self);

  /// Ends the watches of this shard: afterwards it calls nothing any more. [shard]
  void stop_on_shard();

 private:
  class Watch;
  using WatchRef = std::shared_ptr<Watch>;
  struct alignas(64) Table {
    std::mutex mutex;
    std::unordered_map<uint64_t, WatchRef> watches;
  };

  [[nodiscard]] WatchRef find(uint64_t watch);
  [[nodiscard]] WatchRef take(uint64_t watch);
  void forget();

  ServiceAccount& account_;
  const ServiceShards& shards_;
  Quota quota_;
  std::atomic<uint64_t> next_{1};
  std::vector<Table> tables_;
};

}  // namespace patchbay::plugin_services
