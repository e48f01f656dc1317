#include "support/packet_text.h"

#include <array>

#include "base/byte_reader.h"
#include "mqtt/properties.h"
#include "mqtt/property_table.h"

namespace patchbay::test_support {
namespace {

using mqtt::PropertyId;

class FieldList {
 public:
  void add(const std::string& name, std::string_view value) {
    fields_.push_back(prefix_ + name + (value.empty() ? " =" : " = ") + escaped(value));
  }
  void add(const std::string& name, uint64_t value) { add(name, std::to_string(value)); }
  void set_prefix(std::string prefix) { prefix_ = std::move(prefix); }
  std::vector<std::string> take() { return std::move(fields_); }

 private:
  std::string prefix_;
  std::vector<std::string> fields_;
};

std::string hex(uint8_t byte) {
  constexpr char digits[] = "0123456789abcdef";
  return {digits[byte >> 4], digits[byte & 0x0F]};
}

void add_user_properties(FieldList& fields, mqtt::UserPropertyReader reader) {
  for (mqtt::UserProperty property; reader.next(property);) {
    fields.add("user_property", std::string(property.name) + ":" + std::string(property.value));
  }
}

void add_properties(FieldList& fields, const mqtt::Properties& properties) {
  for (const mqtt::PropertyRow& row : mqtt::property_table()) {
    if (!properties.has(row.id)) continue;
    const mqtt::PropertyField field = mqtt::property_field(row.id);
    if (row.id == PropertyId::user_property) {
      add_user_properties(fields, properties.user_properties());
    } else if (field.text != nullptr) {
      fields.add(row.name, properties.*field.text);
    } else {
      fields.add(row.name, properties.*field.number);
    }
  }
}

void add_publish_properties(FieldList& fields, const mqtt::PublishProperties& properties) {
  if (properties.has_payload_format_indicator) {
    fields.add("payload_format_indicator", properties.payload_format_indicator);
  }
  if (properties.has_message_expiry_interval) {
    fields.add("message_expiry_interval_s", properties.message_expiry_interval_s);
  }
  if (properties.has_content_type) fields.add("content_type", properties.content_type());
  if (properties.has_response_topic) fields.add("response_topic", properties.response_topic());
  if (properties.has_correlation_data) fields.add("correlation_data", properties.correlation_data());
  uint32_t identifier = 0;
  for (auto reader = properties.subscription_identifiers(); reader.next(identifier);) {
    fields.add("subscription_identifier", identifier);
  }
  if (properties.topic_alias != 0) fields.add("topic_alias", properties.topic_alias);
  add_user_properties(fields, properties.user_properties());
  if (properties.forwardable_size != 0) fields.add("forwardable_size", properties.forwardable_size);
}

void add_reason_codes(FieldList& fields, std::span<const uint8_t> codes) {
  std::string text;
  for (const uint8_t code : codes) text += (text.empty() ? "" : " ") + hex(code);
  fields.add("reasons", text);
}

std::string version_text(mqtt::ProtocolVersion version) {
  switch (version) {
    case mqtt::ProtocolVersion::v3_1:
      return "3.1";
    case mqtt::ProtocolVersion::v3_1_1:
      return "3.1.1";
    default:
      return "5";
  }
}

void add_will(FieldList& fields, const mqtt::Will& will) {
  fields.set_prefix("will.");
  fields.add("topic", will.topic);
  fields.add("payload", base::as_text(will.payload));
  fields.add("qos", static_cast<uint8_t>(will.qos));
  fields.add("retain", will.retain ? 1u : 0u);
  add_properties(fields, will.properties);
  fields.set_prefix("");
}

void describe(FieldList& fields, const mqtt::Connect& packet) {
  fields.add("version", version_text(packet.version));
  if (packet.is_bridge) fields.add("bridge", 1u);
  fields.add("clean_start", packet.clean_start ? 1u : 0u);
  fields.add("keep_alive_s", packet.keep_alive_s);
  fields.add("client_id", packet.client_id);
  if (packet.has_will) add_will(fields, packet.will);
  if (packet.has_user_name) fields.add("user_name", packet.user_name);
  if (packet.has_password) fields.add("password", packet.password);
  add_properties(fields, packet.properties);
}

void describe(FieldList& fields, const mqtt::Connack& packet) {
  fields.add("session_present", packet.session_present ? 1u : 0u);
  fields.add("reason", mqtt::reason_code_name(packet.reason_code));
  add_properties(fields, packet.properties);
}

void describe(FieldList& fields, const mqtt::Publish& packet) {
  fields.add("topic", packet.topic);
  fields.add("qos", static_cast<uint8_t>(packet.qos));
  fields.add("dup", packet.dup ? 1u : 0u);
  fields.add("retain", packet.retain ? 1u : 0u);
  if (packet.packet_id != 0) fields.add("packet_id", packet.packet_id);
  fields.add("payload", base::as_text(packet.payload));
  add_publish_properties(fields, packet.properties);
}

void describe(FieldList& fields, const mqtt::Acknowledgement& packet) {
  fields.add("packet_id", packet.packet_id);
  fields.add("reason", mqtt::reason_code_name(packet.reason_code));
  if (packet.has_reason_string) fields.add("reason_string", packet.reason_string);
  add_user_properties(fields, mqtt::UserPropertyReader(packet.block));
}

void describe(FieldList& fields, const mqtt::Subscribe& packet) {
  fields.add("packet_id", packet.packet_id);
  add_properties(fields, packet.properties);
  mqtt::SubscriptionRequest request;
  for (auto reader = packet.subscriptions.read(); reader.next(request);) {
    fields.add("subscription", std::string(request.topic_filter) + " " + hex(request.options.to_byte()));
  }
}

void describe(FieldList& fields, const mqtt::Suback& packet) {
  fields.add("packet_id", packet.packet_id);
  add_properties(fields, packet.properties);
  add_reason_codes(fields, packet.reason_codes);
}

void describe(FieldList& fields, const mqtt::Unsubscribe& packet) {
  fields.add("packet_id", packet.packet_id);
  add_properties(fields, packet.properties);
  std::string_view topic_filter;
  for (auto reader = packet.topic_filters.read(); reader.next(topic_filter);) fields.add("topic_filter", topic_filter);
}

void describe(FieldList& fields, const mqtt::Unsuback& packet) {
  fields.add("packet_id", packet.packet_id);
  add_properties(fields, packet.properties);
  add_reason_codes(fields, packet.reason_codes);
}

void describe(FieldList&, const mqtt::Pingreq&) {}
void describe(FieldList&, const mqtt::Pingresp&) {}

void describe(FieldList& fields, const mqtt::Disconnect& packet) {
  fields.add("reason", mqtt::reason_code_name(packet.reason_code));
  add_properties(fields, packet.properties);
}

void describe(FieldList& fields, const mqtt::Auth& packet) {
  fields.add("reason", mqtt::reason_code_name(packet.reason_code));
  add_properties(fields, packet.properties);
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  for (const char character : text) {
    const auto byte = static_cast<uint8_t>(character);
    if (byte >= 0x20 && byte < 0x7F) {
      result += character;
    } else {
      result += "\\x" + hex(byte);
    }
  }
  return result;
}

std::vector<std::string> packet_fields(const mqtt::AnyPacket& packet) {
  FieldList fields;
  std::visit([&fields](const auto& alternative) { describe(fields, alternative); }, packet);
  return fields.take();
}

}  // namespace patchbay::test_support
