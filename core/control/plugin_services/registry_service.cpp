#include "base/shard.h"
#include "plugin_services/service_directory.h"

namespace patchbay::plugin_services {

patchbay_status RegistryService::provide(std::string_view service_id, std::string_view name, uint32_t revision,
                                         const void* table, void* self) {
  if (base::current_shard() != base::kNoShard) return PATCHBAY_WRONG_THREAD;
  if (account_.gate.state() != plugin_bridge::GateState::starting) return PATCHBAY_CLOSED;
  if (table == nullptr) return account_.invalid("a service was offered without a table");
  if (provides_.find(service_id) == provides_.end()) return PATCHBAY_DENIED;
  return directory_.provide(account_, service_id, name, revision, table, self);
}

patchbay_status RegistryService::acquire(std::string_view service_id, std::string_view name, uint32_t minimum_revision,
                                         patchbay_service_up_fn on_up, patchbay_service_down_fn on_down, void* self,
                                         uint64_t& lease) {
  if (base::current_shard() != base::kNoShard) return PATCHBAY_WRONG_THREAD;
  if (!account_.takes_work()) return PATCHBAY_CLOSED;
  if (on_up == nullptr || on_down == nullptr) {
    return account_.invalid("a service was asked for without functions to tell of it");
  }
  return directory_.acquire(account_, service_id, name, minimum_revision, on_up, on_down, self, lease);
}

patchbay_status RegistryService::release(uint64_t lease, bool wait_for_next) {
  // Who stops has no use for the next provider.
  return directory_.release(account_, lease, wait_for_next && account_.takes_work());
}

}  // namespace patchbay::plugin_services
