#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "mqtt/property_id.h"

namespace patchbay::mqtt {

/// One user property; the views point into the packet that it was read from.
struct UserProperty {
  std::string_view name;
  std::string_view value;
};

/// A property block as it stands in a packet, without its length, already checked by the decoder (or made by the
/// helpers in codec/property_codec.h). A view: the packet must outlive it.
using PropertyBlock = std::span<const uint8_t>;

/// The properties that travel unchanged from publisher to subscriber: payload format indicator, content type, response
/// topic, correlation data and the user properties in their order. Topic alias, message expiry interval, subscription
/// identifiers and the will delay stay behind. Held as the block they stand in and their size without the others; where
/// both sizes agree, the block is copied whole.
struct ForwardableProperties {
  ForwardableProperties() = default;
  ForwardableProperties(PropertyBlock checked_block, uint32_t forwardable_size)
      : block(checked_block), size(forwardable_size) {}

  PropertyBlock block;
  uint32_t size = 0;
};

/// Writes the forwardable properties, `properties.size` bytes, to `out`. [any-thread]
void copy_forwardable_properties(const ForwardableProperties& properties, std::span<uint8_t> out);

/// Walks the user properties of a checked block in their order, lazily:
///   for (UserPropertyReader reader(block); reader.next(property);) ...
class UserPropertyReader {
 public:
  explicit UserPropertyReader(PropertyBlock block) : rest_(block) {}

  /// False, and `property` untouched, after the last one.
  bool next(UserProperty& property);

 private:
  PropertyBlock rest_;
};

/// Walks the subscription identifiers of a checked block in their order; only PUBLISH from a server carries several.
class SubscriptionIdentifierReader {
 public:
  explicit SubscriptionIdentifierReader(PropertyBlock block) : rest_(block) {}

  bool next(uint32_t& subscription_identifier);

 private:
  PropertyBlock rest_;
};

/// The properties of any packet but PUBLISH. Scalars hold the value that the standard gives to an absent property;
/// has() tells whether it was there. Strings and binary data are views into the packet. To build: set() the scalars and
/// texts, and give the user properties as an encoded block (append_user_property in codec/property_codec.h).
struct Properties {
  uint64_t present = 0;  // One bit per identifier.

  uint32_t session_expiry_interval_s = 0;
  uint32_t receive_maximum = 65535;
  uint32_t maximum_packet_size = 0xFFFFFFFF;  // No limit beyond the protocol's.
  uint32_t topic_alias_maximum = 0;
  uint32_t topic_alias = 0;
  uint32_t request_response_information = 0;
  uint32_t request_problem_information = 1;
  uint32_t maximum_qos = 2;
  uint32_t retain_available = 1;
  uint32_t wildcard_subscription_available = 1;
  uint32_t subscription_identifier_available = 1;
  uint32_t shared_subscription_available = 1;
  uint32_t server_keep_alive_s = 0;
  uint32_t will_delay_interval_s = 0;
  uint32_t message_expiry_interval_s = 0;
  uint32_t payload_format_indicator = 0;
  uint32_t subscription_identifier = 0;  // The first one, where several are allowed.

  std::string_view assigned_client_identifier;
  std::string_view authentication_method;
  std::string_view authentication_data;  // Binary.
  std::string_view response_information;
  std::string_view server_reference;
  std::string_view reason_string;
  std::string_view content_type;
  std::string_view response_topic;
  std::string_view correlation_data;  // Binary.

  /// The whole block; user properties (and further subscription identifiers) are read from here.
  PropertyBlock block;
  uint32_t user_property_count = 0;
  uint32_t forwardable_size = 0;

  bool has(PropertyId id) const { return (present >> static_cast<uint8_t>(id) & 1) != 0; }
  void set(PropertyId id, uint32_t value);
  void set(PropertyId id, std::string_view text);
  /// Takes the user properties of the block (and of nothing else) into these properties; the block is not copied.
  void set_user_properties(PropertyBlock user_properties, uint32_t count);
  void unset(PropertyId id) { present &= ~(uint64_t{1} << static_cast<uint8_t>(id)); }

  UserPropertyReader user_properties() const { return UserPropertyReader(block); }
  ForwardableProperties forwardable() const { return {block, forwardable_size}; }
};

/// Where Properties keeps the value of an identifier: one of the two is set, none for user properties.
struct PropertyField {
  uint32_t Properties::*number = nullptr;
  std::string_view Properties::*text = nullptr;
};

/// The identifier must be one of the 27. [any-thread]
PropertyField property_field(PropertyId id);

}  // namespace patchbay::mqtt
