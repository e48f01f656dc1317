#include "mqtt/properties.h"

#include <array>
#include <cstring>

#include "base/assert.h"
#include "base/byte_reader.h"
#include "mqtt/codec/raw_property.h"
#include "mqtt/codec/variable_byte_integer.h"

namespace patchbay::mqtt {
namespace {

constexpr uint64_t present_bit(PropertyId id) {
  return uint64_t{1} << static_cast<uint8_t>(id);
}

using Fields = std::array<PropertyField, kHighestPropertyId + 1>;
using Id = PropertyId;

constexpr void set_numbers(Fields& fields) {
  const auto number = [&fields](Id id, uint32_t Properties::*field) {
    fields[static_cast<uint8_t>(id)].number = field;
  };
  number(Id::payload_format_indicator, &Properties::payload_format_indicator);
  number(Id::message_expiry_interval, &Properties::message_expiry_interval_s);
  number(Id::subscription_identifier, &Properties::subscription_identifier);
  number(Id::session_expiry_interval, &Properties::session_expiry_interval_s);
  number(Id::server_keep_alive, &Properties::server_keep_alive_s);
  number(Id::request_problem_information, &Properties::request_problem_information);
  number(Id::will_delay_interval, &Properties::will_delay_interval_s);
  number(Id::request_response_information, &Properties::request_response_information);
  number(Id::receive_maximum, &Properties::receive_maximum);
  number(Id::topic_alias_maximum, &Properties::topic_alias_maximum);
  number(Id::topic_alias, &Properties::topic_alias);
  number(Id::maximum_qos, &Properties::maximum_qos);
  number(Id::retain_available, &Properties::retain_available);
  number(Id::maximum_packet_size, &Properties::maximum_packet_size);
  number(Id::wildcard_subscription_available, &Properties::wildcard_subscription_available);
  number(Id::subscription_identifier_available, &Properties::subscription_identifier_available);
  number(Id::shared_subscription_available, &Properties::shared_subscription_available);
}

constexpr void set_texts(Fields& fields) {
  const auto text = [&fields](Id id, std::string_view Properties::*field) {
    fields[static_cast<uint8_t>(id)].text = field;
  };
  text(Id::content_type, &Properties::content_type);
  text(Id::response_topic, &Properties::response_topic);
  text(Id::correlation_data, &Properties::correlation_data);
  text(Id::assigned_client_identifier, &Properties::assigned_client_identifier);
  text(Id::authentication_method, &Properties::authentication_method);
  text(Id::authentication_data, &Properties::authentication_data);
  text(Id::response_information, &Properties::response_information);
  text(Id::server_reference, &Properties::server_reference);
  text(Id::reason_string, &Properties::reason_string);
}

constexpr Fields make_fields() {
  Fields fields{};
  set_numbers(fields);
  set_texts(fields);
  return fields;
}

constexpr Fields kFields = make_fields();

bool next_of(PropertyBlock& rest, PropertyId id, RawProperty& property) {
  while (next_raw_property(rest, property)) {
    if (property.row->id == id) return true;
  }
  return false;
}

}  // namespace

PropertyField property_field(PropertyId id) {
  PATCHBAY_ASSERT(static_cast<uint8_t>(id) <= kHighestPropertyId);
  return kFields[static_cast<uint8_t>(id)];
}

bool UserPropertyReader::next(UserProperty& property) {
  RawProperty raw;
  if (!next_of(rest_, PropertyId::user_property, raw)) return false;
  base::ByteReader reader(raw.value());
  return reader.read_prefixed(property.name) && reader.read_prefixed(property.value);
}

bool SubscriptionIdentifierReader::next(uint32_t& subscription_identifier) {
  RawProperty raw;
  if (!next_of(rest_, PropertyId::subscription_identifier, raw)) return false;
  subscription_identifier = read_variable_byte_integer(raw.value()).value;
  return true;
}

void copy_forwardable_properties(const ForwardableProperties& properties, std::span<uint8_t> out) {
  PATCHBAY_ASSERT(out.size() >= properties.size);
  if (properties.size == 0) return;
  if (properties.size == properties.block.size()) {
    std::memcpy(out.data(), properties.block.data(), properties.size);
    return;
  }
  PropertyBlock rest = properties.block;
  RawProperty property;
  size_t written = 0;
  while (next_raw_property(rest, property)) {
    if (!is_forwardable(property.row->id)) continue;
    PATCHBAY_ASSERT(written + property.encoded.size() <= properties.size);
    std::memcpy(out.data() + written, property.encoded.data(), property.encoded.size());
    written += property.encoded.size();
  }
  PATCHBAY_ASSERT(written == properties.size);
}

void Properties::set(PropertyId id, uint32_t value) {
  const PropertyField field = property_field(id);
  PATCHBAY_ASSERT(field.number != nullptr);
  this->*field.number = value;
  present |= present_bit(id);
}

void Properties::set(PropertyId id, std::string_view text) {
  const PropertyField field = property_field(id);
  PATCHBAY_ASSERT(field.text != nullptr);
  this->*field.text = text;
  present |= present_bit(id);
}

void Properties::set_user_properties(PropertyBlock user_properties, uint32_t count) {
  block = user_properties;
  user_property_count = count;
  forwardable_size = static_cast<uint32_t>(user_properties.size());
  present =
      count == 0 ? present & ~present_bit(PropertyId::user_property) : present | present_bit(PropertyId::user_property);
}

}  // namespace patchbay::mqtt
