// The functions of the host as plugins call them.

#include "plugin_services/service_tables.h"

#include <string>

#include "plugin_services/service_set.h"

namespace patchbay::plugin_services {

namespace {
patchbay_status kv_get(const patchbay_host* host, patchbay_str key, patchbay_writer* value) {
  std::string found;
  const patchbay_status status = services_of(host).kv().get(view_of(key), found);
  if (status != PATCHBAY_OK || value == nullptr) return status;
  return value->write(value, found.data(), found.size());
}
patchbay_status kv_put(const patchbay_host* host, patchbay_str key, patchbay_bytes value) {
  return services_of(host).kv().put(view_of(key), view_of(value));
}
patchbay_status kv_remove(const patchbay_host* host, patchbay_str key) {
  return services_of(host).kv().remove(view_of(key));
}
patchbay_status kv_scan(const patchbay_host* host, patchbay_str prefix,
                        uint32_t (*fn)(void*, patchbay_str, patchbay_bytes), void* self) {
  if (fn == nullptr) return PATCHBAY_INVALID;
  return services_of(host).kv().scan(view_of(prefix), [&](std::string_view key, std::string_view value) {
    return fn(self, str_of(key), bytes_of(value)) == 0;
  });
}
}  // namespace

const patchbay_kv* kv_table() {
  static constexpr patchbay_kv kTable{sizeof(patchbay_kv), 0, kv_get, kv_put, kv_remove, kv_scan};
  return &kTable;
}

}  // namespace patchbay::plugin_services
