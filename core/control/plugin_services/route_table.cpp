// The functions of the host as plugins call them.

#include "plugin_services/service_tables.h"

#include "plugin_services/service_set.h"

namespace patchbay::plugin_services {

namespace {
patchbay_status add_route(const patchbay_host* host, patchbay_str method, patchbay_str path, patchbay_route_fn fn,
                          void* self) {
  return services_of(host).routes().add(view_of(method), view_of(path), fn, self);
}
patchbay_status respond_to(const patchbay_host* host, uint64_t request, uint32_t http_status, patchbay_str content_type,
                           patchbay_bytes body) {
  return services_of(host).routes().respond(request, http_status, view_of(content_type), view_of(body));
}
}  // namespace

const patchbay_routes* routes_table() {
  static constexpr patchbay_routes kTable{sizeof(patchbay_routes), 0, add_route, respond_to};
  return &kTable;
}

}  // namespace patchbay::plugin_services
