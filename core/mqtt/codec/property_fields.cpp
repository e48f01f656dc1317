#include "mqtt/codec/property_fields.h"

#include <array>

#include "base/assert.h"

namespace patchbay::mqtt {
namespace {

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

}  // namespace

PropertyField property_field(PropertyId id) {
  PATCHBAY_ASSERT(static_cast<uint8_t>(id) <= kHighestPropertyId);
  return kFields[static_cast<uint8_t>(id)];
}

}  // namespace patchbay::mqtt
