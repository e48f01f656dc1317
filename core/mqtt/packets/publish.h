#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "mqtt/properties.h"
#include "mqtt/qos.h"

namespace patchbay::mqtt {

/// The properties of a PUBLISH, kept small because every message of the flow has them. Views point into the packet.
struct PublishProperties {
  PropertyBlock block;
  uint32_t forwardable_size = 0;
  uint32_t user_property_count = 0;
  uint32_t subscription_identifier_count = 0;
  uint32_t message_expiry_interval_s = 0;
  uint16_t topic_alias = 0;  // 0: none.
  uint8_t payload_format_indicator = 0;
  bool has_message_expiry_interval = false;
  bool has_payload_format_indicator = false;
  bool has_response_topic = false;
  bool has_correlation_data = false;
  bool has_content_type = false;
  std::string_view response_topic;
  std::string_view correlation_data;  // Binary.
  std::string_view content_type;

  UserPropertyReader user_properties() const { return UserPropertyReader(block); }
  SubscriptionIdentifierReader subscription_identifiers() const { return SubscriptionIdentifierReader(block); }
  ForwardableProperties forwardable() const { return {block, forwardable_size}; }
};

/// PUBLISH, section 3.3. A view into the receive buffer.
struct Publish {
  std::string_view topic;  // Empty only where a topic alias stands for it.
  std::span<const uint8_t> payload;
  uint16_t packet_id = 0;  // 0 with QoS 0.
  Qos qos = Qos::at_most_once;
  bool dup = false;
  bool retain = false;
  PublishProperties properties;
};

}  // namespace patchbay::mqtt
