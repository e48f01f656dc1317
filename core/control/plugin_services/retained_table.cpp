// The functions of the host as plugins call them.

#include "plugin_services/service_tables.h"

#include "plugin_services/service_set.h"

namespace patchbay::plugin_services {

namespace {
patchbay_status find_retained(const patchbay_host* host, patchbay_str topic, patchbay_retained_fn fn, void* self) {
  return services_of(host).retained().find(view_of(topic), fn, self);
}
patchbay_status match_retained(const patchbay_host* host, patchbay_str topic_filter, uint64_t cursor, uint32_t limit,
                               patchbay_retained_fn fn, void* self) {
  return services_of(host).retained().match(view_of(topic_filter), cursor, limit, fn, self);
}
patchbay_status remove_retained(const patchbay_host* host, patchbay_str topic) {
  return services_of(host).retained().remove(view_of(topic));
}
}  // namespace

const patchbay_retained* retained_table() {
  static constexpr patchbay_retained kTable{sizeof(patchbay_retained), 0, find_retained, match_retained,
                                            remove_retained};
  return &kTable;
}

}  // namespace patchbay::plugin_services
