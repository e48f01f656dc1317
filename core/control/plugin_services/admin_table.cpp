// The functions of the host as plugins call them.

#include "plugin_services/service_tables.h"

#include "plugin_services/service_set.h"

namespace patchbay::plugin_services {

namespace {
patchbay_status list_instances(const patchbay_host* host, void (*fn)(void*, patchbay_str, patchbay_str, patchbay_str),
                               void* self) {
  if (fn == nullptr) return PATCHBAY_INVALID;
  return services_of(host).admin().list(
      [&](std::string_view instance, std::string_view state, std::string_view health) {
        fn(self, str_of(instance), str_of(state), str_of(health));
      });
}
patchbay_status start_instance(const patchbay_host* host, patchbay_str instance) {
  return services_of(host).admin().start(view_of(instance));
}
patchbay_status stop_instance(const patchbay_host* host, patchbay_str instance) {
  return services_of(host).admin().stop(view_of(instance));
}
}  // namespace

const patchbay_admin* admin_table() {
  static constexpr patchbay_admin kTable{sizeof(patchbay_admin), 0, list_instances, start_instance, stop_instance};
  return &kTable;
}

}  // namespace patchbay::plugin_services
