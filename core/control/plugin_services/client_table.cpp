// The functions of the host as plugins call them.

#include "plugin_services/service_tables.h"

#include <utility>

#include "plugin_services/service_set.h"

namespace patchbay::plugin_services {

namespace {
patchbay_status find_client(const patchbay_host* host, patchbay_str client_id, patchbay_clients_fn fn, void* self) {
  return services_of(host).clients().find(view_of(client_id), fn, self);
}
patchbay_status page_of_clients(const patchbay_host* host, uint64_t cursor, uint32_t limit, patchbay_clients_fn fn,
                                void* self) {
  return services_of(host).clients().page(cursor, limit, fn, self);
}
patchbay_status disconnect_client(const patchbay_host* host, patchbay_str client_id, uint8_t reason) {
  return services_of(host).clients().disconnect(view_of(client_id), reason);
}
patchbay_status set_client_attributes(const patchbay_host* host, patchbay_str client_id,
                                      const patchbay_pair* attributes, size_t count) {
  ServiceSet& services = services_of(host);
  if (count > ClientService::kMaximumAttributes) return services.account().invalid("too many attributes for a client");
  ClientService::Attributes copied;
  for (size_t i = 0; i < count; ++i) copied.emplace_back(view_of(attributes[i].name), view_of(attributes[i].value));
  return services.clients().set_attributes(view_of(client_id), std::move(copied));
}
patchbay_status invalidate_client_acl(const patchbay_host* host, patchbay_str client_id, patchbay_str username) {
  return services_of(host).clients().invalidate_acl(view_of(client_id), view_of(username));
}
}  // namespace

const patchbay_clients* clients_table() {
  static constexpr patchbay_clients kTable{
      sizeof(patchbay_clients), 0, find_client, page_of_clients, disconnect_client, set_client_attributes,
      invalidate_client_acl};
  return &kTable;
}

}  // namespace patchbay::plugin_services
