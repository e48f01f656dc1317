// The functions of the host as plugins call them.

#include "plugin_services/service_tables.h"

#include "plugin_services/service_set.h"

namespace patchbay::plugin_services {

namespace {
patchbay_status raise_alarm(const patchbay_host* host, patchbay_str name, patchbay_str text) {
  return services_of(host).alarms().raise(view_of(name), view_of(text));
}
patchbay_status clear_alarm(const patchbay_host* host, patchbay_str name) {
  return services_of(host).alarms().clear(view_of(name));
}
}  // namespace

const patchbay_alarm* alarm_table() {
  static constexpr patchbay_alarm kTable{sizeof(patchbay_alarm), 0, raise_alarm, clear_alarm};
  return &kTable;
}

}  // namespace patchbay::plugin_services
