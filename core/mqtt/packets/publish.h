#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "mqtt/properties.h"
#include "mqtt/qos.h"

namespace patchbay::mqtt {

/// The properties of a PUBLISH, kept small because every message of the flow has them: what the broker acts upon is
/// read once, the texts that it only passes on are looked up in the block when somebody asks. Views point into the
/// packet. To build one, append the properties to a block and hand it to publish_properties_of() in
/// codec/property_codec.h.
struct PublishProperties {
  PropertyBlock block;
  uint32_t forwardable_size = 0;
  uint32_t user_property_count = 0;
  uint32_t message_expiry_interval_s = 0;
  uint16_t topic_alias = 0;  // 0: none.
  uint8_t payload_format_indicator = 0;
  bool has_message_expiry_interval : 1 = false;
  bool has_payload_format_indicator : 1 = false;
  bool has_response_topic : 1 = false;
  bool has_correlation_data : 1 = false;
  bool has_content_type : 1 = false;
  bool has_subscription_identifier : 1 = false;  // At least one.

  /// Empty where the property is absent; each call walks the block.
  std::string_view response_topic() const;
  std::string_view correlation_data() const;  // Binary.
  std::string_view content_type() const;

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

// Up to here compilers clear and copy a Decoded<Publish> with a few vector moves; beyond it they turn to "rep stos",
// which tripled the time of decoding a small PUBLISH.
static_assert(sizeof(Publish) <= 72);

}  // namespace patchbay::mqtt
