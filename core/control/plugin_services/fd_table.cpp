// The functions of the host as plugins call them.

#include "plugin_services/service_tables.h"

#include "plugin_services/service_set.h"

namespace patchbay::plugin_services {

namespace {
patchbay_status watch_fd(const patchbay_host* host, uint32_t shard, int32_t fd, uint32_t events, patchbay_fd_fn fn,
                         void* self, uint64_t* watch) {
  uint64_t unused = 0;
  return services_of(host).descriptors().watch(shard, fd, events, fn, self, watch == nullptr ? unused : *watch);
}
patchbay_status change_fd(const patchbay_host* host, uint64_t watch, uint32_t events) {
  return services_of(host).descriptors().change(watch, events);
}
patchbay_status unwatch_fd(const patchbay_host* host, uint64_t watch, void (*done)(void*), void* self) {
  return services_of(host).descriptors().unwatch(watch, done, self);
}
}  // namespace

const patchbay_fd* fd_table() {
  static constexpr patchbay_fd kTable{sizeof(patchbay_fd), 0, watch_fd, change_fd, unwatch_fd};
  return &kTable;
}

}  // namespace patchbay::plugin_services
