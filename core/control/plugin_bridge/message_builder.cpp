#include "plugin_bridge/message_builder.h"

#include <cstdint>
#include <optional>
#include <vector>

#include "base/utf8.h"
#include "mqtt/codec/property_codec.h"
#include "mqtt/codec/raw_property.h"
#include "plugin_bridge/abi_views.h"
#include "topic/topic_name.h"

namespace patchbay::plugin_bridge {

namespace {

constexpr size_t kMaximumPayload = 268'435'455;  // what a packet can hold [MQTT-2.1.4]
constexpr size_t kMaximumText = 65'535;          // the length of strings and binary data has two bytes
constexpr size_t kMaximumUserProperties = 10'000;

using Problem = std::optional<std::string>;

Problem check_text(std::string_view text, const char* what) {
  if (text.size() > kMaximumText) return std::string(what) + " is longer than 65535 bytes";
  if (!base::is_clean_utf8(text)) return std::string(what) + " is no UTF-8 text";
  return std::nullopt;
}

Problem check_topic(std::string_view topic, const char* what) {
  if (Problem problem = check_text(topic, what)) return problem;
  if (!topic::is_valid_topic_name(topic)) return std::string(what) + " is no topic name";
  return std::nullopt;
}

Problem check_user_properties(const patchbay_message_fields& fields) {
  if (fields.user_property_count > kMaximumUserProperties) return "more than 10000 user properties";
  for (size_t i = 0; i < fields.user_property_count; ++i) {
    if (Problem problem = check_text(text_of(fields.user_properties[i].name), "the name of a user property")) {
      return problem;
    }
    if (Problem problem = check_text(text_of(fields.user_properties[i].value), "the value of a user property")) {
      return problem;
    }
  }
  return std::nullopt;
}

bool gives(const patchbay_message_fields& fields, uint32_t bit) {
  return (fields.present & bit) != 0;
}

Problem check(const patchbay_message_fields& fields) {
  Problem problem;
  if (gives(fields, PATCHBAY_FIELD_TOPIC)) problem = check_topic(text_of(fields.topic), "the topic");
  if (!problem && gives(fields, PATCHBAY_FIELD_RESPONSE_TOPIC)) {
    problem = check_topic(text_of(fields.response_topic), "the response topic");
  }
  if (!problem && gives(fields, PATCHBAY_FIELD_CONTENT_TYPE)) {
    problem = check_text(text_of(fields.content_type), "the content type");
  }
  if (!problem && gives(fields, PATCHBAY_FIELD_PUBLISHER)) {
    problem = check_text(text_of(fields.publisher_client_id), "the publisher's client id");
  }
  if (!problem && gives(fields, PATCHBAY_FIELD_USER_PROPERTIES)) problem = check_user_properties(fields);
  if (problem) return problem;
  if (gives(fields, PATCHBAY_FIELD_QOS) && fields.qos > 2) return "a QoS above 2";
  if (gives(fields, PATCHBAY_FIELD_PAYLOAD) && fields.payload.len > kMaximumPayload) return "the payload is too large";
  if (gives(fields, PATCHBAY_FIELD_CORRELATION_DATA) && fields.correlation_data.len > kMaximumText) {
    return "the correlation data is longer than 65535 bytes";
  }
  return std::nullopt;
}

/// Which field takes the place of a property of the base.
uint32_t field_of(mqtt::PropertyId id) {
  switch (id) {
    case mqtt::PropertyId::payload_format_indicator:
      return PATCHBAY_FIELD_PAYLOAD_FORMAT;
    case mqtt::PropertyId::content_type:
      return PATCHBAY_FIELD_CONTENT_TYPE;
    case mqtt::PropertyId::response_topic:
      return PATCHBAY_FIELD_RESPONSE_TOPIC;
    case mqtt::PropertyId::correlation_data:
      return PATCHBAY_FIELD_CORRELATION_DATA;
    case mqtt::PropertyId::user_property:
      return PATCHBAY_FIELD_USER_PROPERTIES;
    default:
      return 0;
  }
}

constexpr uint32_t kPropertyFields = PATCHBAY_FIELD_PAYLOAD_FORMAT | PATCHBAY_FIELD_CONTENT_TYPE |
                                     PATCHBAY_FIELD_RESPONSE_TOPIC | PATCHBAY_FIELD_CORRELATION_DATA |
                                     PATCHBAY_FIELD_USER_PROPERTIES;

/// The base's properties that stay, then the new ones.
std::vector<uint8_t> property_block(const mqtt::Message* base, const patchbay_message_fields& fields) {
  std::vector<uint8_t> block;
  std::span<const uint8_t> rest = base == nullptr ? std::span<const uint8_t>{} : base->forwardable_properties();
  mqtt::RawProperty property;
  while (mqtt::next_raw_property(rest, property)) {
    if (gives(fields, field_of(property.row->id))) continue;
    block.insert(block.end(), property.encoded.begin(), property.encoded.end());
  }
  if (gives(fields, PATCHBAY_FIELD_PAYLOAD_FORMAT)) {
    const uint32_t is_utf8 = fields.payload_format_is_utf8 != 0 ? 1 : 0;
    mqtt::append_property(block, mqtt::PropertyId::payload_format_indicator, is_utf8);
  }
  if (gives(fields, PATCHBAY_FIELD_CONTENT_TYPE)) {
    mqtt::append_property(block, mqtt::PropertyId::content_type, text_of(fields.content_type));
  }
  if (gives(fields, PATCHBAY_FIELD_RESPONSE_TOPIC)) {
    mqtt::append_property(block, mqtt::PropertyId::response_topic, text_of(fields.response_topic));
  }
  if (gives(fields, PATCHBAY_FIELD_CORRELATION_DATA)) {
    const std::string_view data = as_text(bytes_of(fields.correlation_data));
    mqtt::append_property(block, mqtt::PropertyId::correlation_data, data);
  }
  if (gives(fields, PATCHBAY_FIELD_USER_PROPERTIES)) {
    for (size_t i = 0; i < fields.user_property_count; ++i) {
      mqtt::append_user_property(block, text_of(fields.user_properties[i].name),
                                 text_of(fields.user_properties[i].value));
    }
  }
  return block;
}

mqtt::MessageRef build(const mqtt::Message* base, const patchbay_message_fields& fields, const base::Clock& clock) {
  mqtt::MessageFields next;
  if (base != nullptr) {
    next = base->fields();
  } else {
    next.received_at_ms = static_cast<int64_t>(clock.steady_ms());
    next.received_at_unix_ms = static_cast<int64_t>(clock.unix_ms());
  }
  if (gives(fields, PATCHBAY_FIELD_TOPIC)) next.topic = text_of(fields.topic);
  if (gives(fields, PATCHBAY_FIELD_PAYLOAD)) next.payload = bytes_of(fields.payload);
  if (gives(fields, PATCHBAY_FIELD_QOS)) next.qos = static_cast<mqtt::Qos>(fields.qos);
  if (gives(fields, PATCHBAY_FIELD_RETAIN)) next.retain = fields.retain != 0;
  if (gives(fields, PATCHBAY_FIELD_EXPIRY)) next.message_expiry_interval_s = fields.message_expiry_interval_s;
  if (gives(fields, PATCHBAY_FIELD_PUBLISHER)) next.publisher_client_id = text_of(fields.publisher_client_id);
  if ((fields.present & kPropertyFields) == 0) return mqtt::Message::create(next);
  const std::vector<uint8_t> block = property_block(base, fields);
  next.properties = {block, static_cast<uint32_t>(block.size())};
  return mqtt::Message::create(next);
}

}  // namespace

base::Result<mqtt::MessageRef, std::string> build_message(const mqtt::Message* base,
                                                          const patchbay_message_fields& given,
                                                          const base::Clock& clock) {
  const patchbay_message_fields fields = read_abi(&given);
  Problem problem = check(fields);
  if (!problem && base == nullptr && !gives(fields, PATCHBAY_FIELD_TOPIC)) problem = "a message without a topic";
  mqtt::MessageRef message;
  if (!problem) message = build(base, fields, clock);
  if (fields.payload_free != nullptr) fields.payload_free(fields.payload_arg);
  if (problem) return base::fail(std::move(*problem));
  return message;
}

}  // namespace patchbay::plugin_bridge
