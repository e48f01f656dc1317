#include "mqtt/property_table.h"

#include <array>

namespace patchbay::mqtt {
namespace {

constexpr PacketSet kConnect = packet_bit(PacketType::connect);
constexpr PacketSet kConnack = packet_bit(PacketType::connack);
constexpr PacketSet kPublish = packet_bit(PacketType::publish);
constexpr PacketSet kSubscribe = packet_bit(PacketType::subscribe);
constexpr PacketSet kDisconnect = packet_bit(PacketType::disconnect);
constexpr PacketSet kAuth = packet_bit(PacketType::auth);
constexpr PacketSet kWill = will_bit;
constexpr PacketSet kAcknowledgements = packet_bit(PacketType::puback) | packet_bit(PacketType::pubrec) |
                                        packet_bit(PacketType::pubrel) | packet_bit(PacketType::pubcomp) |
                                        packet_bit(PacketType::suback) | packet_bit(PacketType::unsuback);
constexpr PacketSet kAll = kConnect | kConnack | kPublish | kSubscribe | packet_bit(PacketType::unsubscribe) |
                           kDisconnect | kAuth | kWill | kAcknowledgements;

constexpr uint32_t kAny16 = 0xFFFF;
constexpr uint32_t kAny32 = 0xFFFFFFFF;
constexpr uint32_t kAnyVariable = 268'435'455;

using enum PropertyType;
using Id = PropertyId;

// clang-format off
constexpr std::array<PropertyRow, 27> kTable = {{
  // identifier, type, packets, packets where it may repeat, minimum, maximum,
  // name, clause
  {Id::payload_format_indicator, byte, kPublish | kWill, 0, 0, 1,
   "payload_format_indicator", "MQTT-3.3.2.3.2"},
  {Id::message_expiry_interval, four_byte_integer, kPublish | kWill, 0, 0, kAny32,
   "message_expiry_interval_s", "MQTT-3.3.2.3.3"},
  {Id::content_type, utf8_string, kPublish | kWill, 0, 0, 0,
   "content_type", "MQTT-3.3.2.3.9"},
  {Id::response_topic, utf8_string, kPublish | kWill, 0, 0, 0,
   "response_topic", "MQTT-3.3.2.3.5"},
  {Id::correlation_data, binary_data, kPublish | kWill, 0, 0, 0,
   "correlation_data", "MQTT-3.3.2.3.6"},
  {Id::subscription_identifier, variable_byte_integer, kPublish | kSubscribe, kPublish, 1, kAnyVariable,
   "subscription_identifier", "MQTT-3.8.2.1.2"},
  {Id::session_expiry_interval, four_byte_integer, kConnect | kConnack | kDisconnect, 0, 0, kAny32,
   "session_expiry_interval_s", "MQTT-3.1.2.11.2"},
  {Id::assigned_client_identifier, utf8_string, kConnack, 0, 0, 0,
   "assigned_client_identifier", "MQTT-3.2.2.3.7"},
  {Id::server_keep_alive, two_byte_integer, kConnack, 0, 0, kAny16,
   "server_keep_alive_s", "MQTT-3.2.2.3.14"},
  {Id::authentication_method, utf8_string, kConnect | kConnack | kAuth, 0, 0, 0,
   "authentication_method", "MQTT-3.1.2.11.9"},
  {Id::authentication_data, binary_data, kConnect | kConnack | kAuth, 0, 0, 0,
   "authentication_data", "MQTT-3.1.2.11.10"},
  {Id::request_problem_information, byte, kConnect, 0, 0, 1,
   "request_problem_information", "MQTT-3.1.2.11.7"},
  {Id::will_delay_interval, four_byte_integer, kWill, 0, 0, kAny32,
   "will_delay_interval_s", "MQTT-3.1.3.2.2"},
  {Id::request_response_information, byte, kConnect, 0, 0, 1,
   "request_response_information", "MQTT-3.1.2.11.6"},
  {Id::response_information, utf8_string, kConnack, 0, 0, 0,
   "response_information", "MQTT-3.2.2.3.15"},
  {Id::server_reference, utf8_string, kConnack | kDisconnect, 0, 0, 0,
   "server_reference", "MQTT-3.2.2.3.16"},
  {Id::reason_string, utf8_string, kConnack | kAcknowledgements | kDisconnect | kAuth, 0, 0, 0,
   "reason_string", "MQTT-3.2.2.3.9"},
  {Id::receive_maximum, two_byte_integer, kConnect | kConnack, 0, 1, kAny16,
   "receive_maximum", "MQTT-3.1.2.11.3"},
  {Id::topic_alias_maximum, two_byte_integer, kConnect | kConnack, 0, 0, kAny16,
   "topic_alias_maximum", "MQTT-3.1.2.11.5"},
  {Id::topic_alias, two_byte_integer, kPublish, 0, 1, kAny16,
   "topic_alias", "MQTT-3.3.2.3.4"},
  {Id::maximum_qos, byte, kConnack, 0, 0, 1,
   "maximum_qos", "MQTT-3.2.2.3.4"},
  {Id::retain_available, byte, kConnack, 0, 0, 1,
   "retain_available", "MQTT-3.2.2.3.5"},
  {Id::user_property, utf8_string_pair, kAll, kAll, 0, 0,
   "user_property", "MQTT-3.1.2.11.8"},
  {Id::maximum_packet_size, four_byte_integer, kConnect | kConnack, 0, 1, kAny32,
   "maximum_packet_size", "MQTT-3.1.2.11.4"},
  {Id::wildcard_subscription_available, byte, kConnack, 0, 0, 1,
   "wildcard_subscription_available", "MQTT-3.2.2.3.11"},
  {Id::subscription_identifier_available, byte, kConnack, 0, 0, 1,
   "subscription_identifier_available", "MQTT-3.2.2.3.12"},
  {Id::shared_subscription_available, byte, kConnack, 0, 0, 1,
   "shared_subscription_available", "MQTT-3.2.2.3.13"},
}};
// clang-format on

// Row number plus one by identifier; 0 where there is no such property.
constexpr std::array<uint8_t, kHighestPropertyId + 1> make_index() {
  std::array<uint8_t, kHighestPropertyId + 1> index{};
  for (size_t row = 0; row < kTable.size(); ++row) {
    index[static_cast<uint8_t>(kTable[row].id)] = static_cast<uint8_t>(row + 1);
  }
  return index;
}

constexpr auto kIndex = make_index();

}  // namespace

std::span<const PropertyRow> property_table() {
  return kTable;
}

const PropertyRow* find_property(uint8_t id) {
  if (id > kHighestPropertyId || kIndex[id] == 0) return nullptr;
  return &kTable[kIndex[id] - 1];
}

}  // namespace patchbay::mqtt
