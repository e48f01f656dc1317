// The functions of the host as plugins call them.

#include "plugin_services/service_tables.h"

#include "plugin_services/service_set.h"

namespace patchbay::plugin_services {

namespace {
patchbay_status run_job(const patchbay_host* host, void (*fn)(void*), void* self) {
  return services_of(host).jobs().run(fn, self);
}
patchbay_status post_to_shard(const patchbay_host* host, uint32_t shard, void (*fn)(void*), void* self) {
  return services_of(host).jobs().post(shard, fn, self);
}
uint32_t kind_of_thread(const patchbay_host* host) {
  return thread_kind(services_of(host).account().places);
}
}  // namespace

const patchbay_worker* worker_table() {
  static constexpr patchbay_worker kTable{sizeof(patchbay_worker), 0, run_job, post_to_shard};
  return &kTable;
}

const patchbay_thread_check* thread_check_table() {
  static constexpr patchbay_thread_check kTable{sizeof(patchbay_thread_check), 0, kind_of_thread};
  return &kTable;
}

}  // namespace patchbay::plugin_services
