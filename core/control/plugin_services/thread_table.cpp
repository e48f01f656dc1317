// The functions of the host as plugins call them.

#include "plugin_services/service_tables.h"

#include "plugin_services/service_set.h"

namespace patchbay::plugin_services {

namespace {
patchbay_status start_thread(const patchbay_host* host, patchbay_str name, void (*fn)(void*), void* self,
                             uint64_t* thread) {
  uint64_t unused = 0;
  return services_of(host).threads().start(view_of(name), fn, self, thread == nullptr ? unused : *thread);
}
uint32_t is_stop_requested(const patchbay_host* host, uint64_t thread) {
  return services_of(host).threads().stop_requested(thread) ? 1 : 0;
}
patchbay_status join_thread(const patchbay_host* host, uint64_t thread) {
  return services_of(host).threads().join(thread);
}
}  // namespace

const patchbay_thread* thread_table() {
  static constexpr patchbay_thread kTable{sizeof(patchbay_thread), 0, start_thread, is_stop_requested, join_thread};
  return &kTable;
}

}  // namespace patchbay::plugin_services
