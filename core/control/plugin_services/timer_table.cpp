// The functions of the host as plugins call them.

#include "plugin_services/service_tables.h"

#include "plugin_services/service_set.h"

namespace patchbay::plugin_services {

namespace {
patchbay_status set_timer(const patchbay_host* host, uint64_t delay_ms, uint64_t period_ms, void (*fn)(void*, uint64_t),
                          void* self, uint64_t* timer) {
  uint64_t unused = 0;
  return services_of(host).timers().set(delay_ms, period_ms, fn, self, timer == nullptr ? unused : *timer);
}
patchbay_status cancel_timer(const patchbay_host* host, uint64_t timer) {
  return services_of(host).timers().cancel(timer);
}
}  // namespace

const patchbay_timer* timer_table() {
  static constexpr patchbay_timer kTable{sizeof(patchbay_timer), 0, set_timer, cancel_timer};
  return &kTable;
}

}  // namespace patchbay::plugin_services
