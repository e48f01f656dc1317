#pragma once

#include "hooks/delivery_events.h"
#include "patchbay/events.h"
#include "plugin_bridge/abi_views.h"

/// The distribution layer's events as the ABI shows them. Views of the core's event, valid as long as it.
namespace patchbay::plugin_bridge {

[[nodiscard]] inline patchbay_deliver_before_event show(const hooks::DeliverBeforeEvent& event) {
  patchbay_deliver_before_event abi;
  abi.size = sizeof abi;
  abi.reserved = 0;
  abi.client = to_abi(event.client);
  abi.message = to_abi(event.message.get());
  abi.topic = view(event.message->topic());
  return abi;
}

[[nodiscard]] inline patchbay_delivery_event show(const hooks::DeliveryEvent& event) {
  patchbay_delivery_event abi{};
  abi.size = sizeof abi;
  abi.qos = static_cast<uint8_t>(event.qos);
  abi.client = to_abi(event.client);
  abi.client_id = view(event.client_id);
  abi.message = to_abi(event.message);
  abi.topic = view(event.message->topic());
  abi.reason = view(event.reason);
  return abi;
}

}  // namespace patchbay::plugin_bridge
