// The functions of the host as plugins call them.

#include "plugin_services/service_tables.h"

#include <string>

#include "plugin_services/service_set.h"

namespace patchbay::plugin_services {

namespace {
patchbay_status current_settings(const patchbay_host* host, patchbay_writer* json) {
  const std::string text = services_of(host).settings().current();
  return json == nullptr ? PATCHBAY_INVALID : json->write(json, text.data(), text.size());
}
uint64_t settings_version(const patchbay_host* host) {
  return services_of(host).settings().version();
}
patchbay_status resolve_secret(const patchbay_host* host, patchbay_str reference, patchbay_secret_fn fn, void* self) {
  return services_of(host).secrets().resolve(view_of(reference), fn, self);
}
}  // namespace

const patchbay_settings* settings_table() {
  static constexpr patchbay_settings kTable{sizeof(patchbay_settings), 0, current_settings, settings_version};
  return &kTable;
}

const patchbay_secret* secret_table() {
  static constexpr patchbay_secret kTable{sizeof(patchbay_secret), 0, resolve_secret};
  return &kTable;
}

}  // namespace patchbay::plugin_services
