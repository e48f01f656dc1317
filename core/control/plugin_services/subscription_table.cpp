// The functions of the host as plugins call them.

#include "plugin_services/service_tables.h"

#include "plugin_services/service_set.h"

namespace patchbay::plugin_services {

namespace {
patchbay_status subscribe_to(const patchbay_host* host, patchbay_str topic_filter, uint32_t maximum_qos,
                             patchbay_delivery_fn fn, void* self, uint64_t* subscription) {
  uint64_t unused = 0;
  return services_of(host).subscriptions().subscribe(view_of(topic_filter), maximum_qos, fn, self,
                                                     subscription == nullptr ? unused : *subscription);
}
patchbay_status unsubscribe_from(const patchbay_host* host, uint64_t subscription, void (*done)(void*), void* self) {
  return services_of(host).subscriptions().unsubscribe(subscription, done, self);
}
}  // namespace

const patchbay_subscribe* subscribe_table() {
  static constexpr patchbay_subscribe kTable{sizeof(patchbay_subscribe), 0, subscribe_to, unsubscribe_from};
  return &kTable;
}

}  // namespace patchbay::plugin_services
