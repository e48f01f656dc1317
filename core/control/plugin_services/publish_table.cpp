// The functions of the host as plugins call them.

#include "plugin_services/service_tables.h"

#include "plugin_bridge/abi_views.h"
#include "plugin_services/service_set.h"

namespace patchbay::plugin_services {

namespace {
patchbay_status publish_message(const patchbay_host* host, const patchbay_message* message_ref) {
  ServiceSet& services = services_of(host);
  // The share comes from message_create() or message_ref(), where it was counted.
  const mqtt::MessageRef message = mqtt::MessageRef::adopt(plugin_bridge::from_abi(message_ref));
  if (message) services.account().held.remove(plugin_bridge::Held::message_references);
  return services.publishing().publish(message);
}
}  // namespace

const patchbay_publish* publish_table() {
  static constexpr patchbay_publish kTable{sizeof(patchbay_publish), 0, publish_message};
  return &kTable;
}

}  // namespace patchbay::plugin_services
