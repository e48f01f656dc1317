// The functions of the host as plugins call them.

#include "plugin_services/service_tables.h"

#include "plugin_services/service_set.h"

namespace patchbay::plugin_services {

namespace {
patchbay_status provide_service(const patchbay_host* host, patchbay_str service_id, patchbay_str name,
                                uint32_t revision, const void* table, void* self) {
  return services_of(host).registry().provide(view_of(service_id), view_of(name), revision, table, self);
}
patchbay_status acquire_service(const patchbay_host* host, patchbay_str service_id, patchbay_str name,
                                uint32_t minimum_revision, patchbay_service_up_fn on_up,
                                patchbay_service_down_fn on_down, void* self, uint64_t* lease) {
  uint64_t unused = 0;
  return services_of(host).registry().acquire(view_of(service_id), view_of(name), minimum_revision, on_up, on_down,
                                              self, lease == nullptr ? unused : *lease);
}
patchbay_status release_service(const patchbay_host* host, uint64_t lease, uint32_t wait_for_next) {
  return services_of(host).registry().release(lease, wait_for_next != 0);
}
}  // namespace

const patchbay_registry* registry_table() {
  static constexpr patchbay_registry kTable{sizeof(patchbay_registry), 0, provide_service, acquire_service,
                                            release_service};
  return &kTable;
}

}  // namespace patchbay::plugin_services
