#include "admin/publication_json.h"

#include <utility>

#include "admin/message_json.h"
#include "admin/node_commands.h"
#include "admin/schema.h"
#include "base/utf8.h"
#include "mqtt/codec/property_codec.h"
#include "topic/topic_name.h"

namespace patchbay::admin {

namespace {

using mqtt::PropertyId;
using mqtt::ReasonCode;

constexpr size_t kMaximumText = 65'535;  // a UTF-8 encoded string or binary data [MQTT 5.0, 1.5.4, 1.5.6]

base::Failure<PublicationRefusal> invalid(ReasonCode reason, const std::string& what) {
  return base::fail(PublicationRefusal{reason, refusal_for(reason).message + ": " + what});
}

bool is_text(const std::string& text) {
  return text.size() <= kMaximumText && base::is_clean_utf8(text);
}

/// Puts the properties into their encoded form, one after the other; the first that is not in order stays as `problem`.
class PropertyWriter {
 public:
  explicit PropertyWriter(std::vector<uint8_t>& block) : block_(block) {}

  void write(const Json& properties) {
    if (properties.contains("payload_format_indicator")) {
      mqtt::append_property(block_, PropertyId::payload_format_indicator,
                            properties["payload_format_indicator"].get<uint32_t>());
    }
    text(properties, "content_type", PropertyId::content_type);
    response_topic(properties);
    text(properties, "correlation_data", PropertyId::correlation_data);
    const auto user = properties.find("user_properties");
    if (user == properties.end()) return;
    for (const auto& [name, value] : user->items()) user_property(name, value.get<std::string>());
  }

  std::string problem;

 private:
  void text(const Json& properties, const char* name, PropertyId id) {
    if (!properties.contains(name)) return;
    const auto value = properties[name].get<std::string>();
    if (is_text(value)) return mqtt::append_property(block_, id, value);
    problem = std::string("properties.") + name + " is too long, or no text that MQTT allows";
  }
  void response_topic(const Json& properties) {
    if (!properties.contains("response_topic")) return;
    if (topic::is_valid_topic_name(properties["response_topic"].get<std::string>()))  // [MQTT-3.3.2-14]
      return text(properties, "response_topic", PropertyId::response_topic);
    problem = "properties.response_topic is no topic name";
  }
  void user_property(const std::string& name, const std::string& value) {
    if (is_text(name) && is_text(value)) return mqtt::append_user_property(block_, name, value);
    problem = "properties.user_properties hold what is too long, or no text that MQTT allows";
  }

  std::vector<uint8_t>& block_;
};

bool read_properties(const Json& properties, Publication& publication, std::string& problem) {
  if (properties.contains("message_expiry_interval"))
    publication.message_expiry_interval_s = properties["message_expiry_interval"].get<uint32_t>();
  PropertyWriter writer(publication.properties);
  writer.write(properties);
  problem = writer.problem;
  return problem.empty();
}

}  // namespace

PublicationRefusal refusal_for(ReasonCode reason) {
  return {reason, std::string(mqtt::reason_code_name(reason))};
}

base::Result<Publication, PublicationRefusal> publication_of(const Json& body) {
  Publication publication;
  publication.topic = body.at("topic").get_ref<const std::string&>();
  publication.payload = body.at("payload").get_ref<const std::string&>();
  publication.qos = static_cast<mqtt::Qos>(body.value("qos", 0));
  publication.retain = body.value("retain", false);
  if (!topic::is_valid_topic_name(publication.topic) || !is_text(publication.topic))
    return base::fail(refusal_for(ReasonCode::topic_name_invalid));
  const auto encoding = body.find("payload_encoding");
  if (encoding != body.end() && *encoding == "base64") {
    auto bytes = base64_bytes(publication.payload);
    if (!bytes) return invalid(ReasonCode::payload_format_invalid, "payload is no base64");
    publication.payload = std::move(*bytes);
  }
  std::string problem;
  const auto properties = body.find("properties");
  if (properties != body.end() && !read_properties(*properties, publication, problem))
    return invalid(ReasonCode::payload_format_invalid, problem);
  return publication;
}

Json publication_schema() {
  return schema::object(
      {{"topic", schema::text(1, kMaximumText, "Topic name, without wildcards")},
       {"payload", schema::string()},
       {"payload_encoding", schema::with_default(schema::one_of_words({"plain", "base64"}), "plain")},
       {"qos", schema::with_default(schema::qos(), 0)},
       {"retain", schema::with_default(schema::boolean(), false)},
       {"properties", schema::object({{"payload_format_indicator", schema::integer(0, 1)},
                                      {"message_expiry_interval", schema::integer(0, UINT32_MAX, "Seconds")},
                                      {"response_topic", schema::text(1, kMaximumText)},
                                      {"correlation_data", schema::string()},
                                      {"user_properties", schema::map_of(schema::string())},
                                      {"content_type", schema::string()}})}},
      {"topic", "payload"});
}

ReasonCode early_refusal_of(const Publication& publication, uint64_t packet_size_max) {
  const uint64_t size = publication.topic.size() + publication.properties.size() + publication.payload.size();
  return size > packet_size_max ? ReasonCode::packet_too_large : ReasonCode::success;
}

uint64_t maximum_packet_size(const NodeAccess& node) {
  return node.commands.configuration().mqtt.max_packet_size_bytes;
}

}  // namespace patchbay::admin
