#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "mqtt/application_message.h"
#include "mqtt/qos.h"

namespace patchbay::session {

/// A message on its way to one client, with what its subscription decided.
struct OutboundMessage {
  mqtt::MessageRef message;
  uint32_t subscription_identifier = 0;  ///< 0: none
  uint16_t packet_id = 0;                ///< 0 until it is in flight with QoS 1 or 2
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  bool retain = false;        ///< RETAIN flag as this client shall see it
  uint16_t shared_group = 0;  ///< came by this shared subscription: another member may take it; 0: by a plain one
  std::unique_ptr<std::vector<uint32_t>> further_identifiers;  ///< of overlapping subscriptions; rare

  /// Gives all subscription identifiers in `scratch` (valid until it changes).
  [[nodiscard]] std::span<const uint32_t> identifiers(std::vector<uint32_t>& scratch) const {
    scratch.clear();
    if (subscription_identifier != 0) scratch.push_back(subscription_identifier);
    if (further_identifiers) scratch.insert(scratch.end(), further_identifiers->begin(), further_identifiers->end());
    return scratch;
  }
};

}  // namespace patchbay::session
