#include "mqtt/properties.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "mqtt/codec/property_codec.h"
#include "mqtt/property_table.h"

namespace patchbay::mqtt {
namespace {

std::vector<uint8_t> encode_block(const Properties& properties, PacketSet packet) {
  const uint32_t size = encoded_properties_size(properties, packet);
  std::vector<uint8_t> bytes(variable_byte_integer_size(size) + size);
  base::ByteWriter writer(bytes);
  encode_properties(properties, packet, size, writer);
  CHECK(writer.written() == bytes.size());
  return bytes;
}

}  // namespace

TEST_CASE("properties: absent ones have the standard's values") {
  const Properties properties;
  CHECK(properties.present == 0);
  CHECK(properties.session_expiry_interval_s == 0);
  CHECK(properties.receive_maximum == 65'535);
  CHECK(properties.topic_alias_maximum == 0);
  CHECK(properties.request_problem_information == 1);
  CHECK(properties.request_response_information == 0);
  CHECK(properties.maximum_qos == 2);
  CHECK(properties.retain_available == 1);
  CHECK(properties.wildcard_subscription_available == 1);
  CHECK(properties.subscription_identifier_available == 1);
  CHECK(properties.shared_subscription_available == 1);
  UserProperty property;
  CHECK_FALSE(properties.user_properties().next(property));
}

TEST_CASE("properties: each identifier but the user property has exactly one field of its type") {
  for (const PropertyRow& row : property_table()) {
    INFO(row.name);
    const PropertyField field = property_field(row.id);
    const bool is_text = row.type == PropertyType::utf8_string || row.type == PropertyType::binary_data;
    const bool is_pair = row.type == PropertyType::utf8_string_pair;
    CHECK((field.text != nullptr) == is_text);
    CHECK((field.number != nullptr) == (!is_text && !is_pair));
  }
}

TEST_CASE("properties: what is set is there, what is unset is not written") {
  Properties properties;
  properties.set(PropertyId::receive_maximum, 20u);
  properties.set(PropertyId::reason_string, std::string_view("why"));
  CHECK(properties.has(PropertyId::receive_maximum));
  CHECK(properties.has(PropertyId::reason_string));
  CHECK_FALSE(properties.has(PropertyId::topic_alias_maximum));
  CHECK(properties.receive_maximum == 20);
  CHECK(properties.reason_string == "why");
  properties.unset(PropertyId::reason_string);
  CHECK(encode_block(properties, packet_bit(PacketType::connack)) == std::vector<uint8_t>{3, 0x21, 0, 20});
}

TEST_CASE("properties: every property of every packet is written and read back the same") {
  std::vector<uint8_t> user_properties;
  append_user_property(user_properties, "k", "v");
  append_user_property(user_properties, "k", "");
  for (int type = 1; type <= 16; ++type) {
    const PacketSet packet = PacketSet{1} << type;
    Properties properties;
    properties.set_user_properties(user_properties, 2);
    for (const PropertyRow& row : property_table()) {
      const PropertyField field = property_field(row.id);
      if (field.number != nullptr) properties.set(row.id, row.maximum);
      if (field.text != nullptr) properties.set(row.id, std::string_view(row.name));
    }
    const std::vector<uint8_t> bytes = encode_block(properties, packet);
    DecodeError error;
    BodyReader reader(bytes, error);
    Properties decoded;
    INFO(type);
    REQUIRE(decode_properties(reader, packet, decoded));
    CHECK(reader.empty());
    for (const PropertyRow& row : property_table()) {
      INFO(row.name);
      CHECK(decoded.has(row.id) == ((row.packets & packet) != 0));
      const PropertyField field = property_field(row.id);
      if (decoded.has(row.id) && field.number != nullptr) CHECK(decoded.*field.number == row.maximum);
      if (decoded.has(row.id) && field.text != nullptr) CHECK(decoded.*field.text == row.name);
    }
    CHECK(encode_block(decoded, packet) == bytes);
  }
}

TEST_CASE("properties: user properties are read in their order, with repeated names [MQTT-3.1.3-10]") {
  std::vector<uint8_t> block;
  append_user_property(block, "b", "1");
  append_property(block, PropertyId::content_type, std::string_view("text"));
  append_user_property(block, "a", "2");
  append_user_property(block, "b", "3");
  std::vector<std::string> read;
  UserProperty property;
  for (UserPropertyReader reader(block); reader.next(property);) {
    read.push_back(std::string(property.name) + "=" + std::string(property.value));
  }
  CHECK(read == std::vector<std::string>{"b=1", "a=2", "b=3"});
  CHECK(encoded_user_properties_size(block) == 21);
}

TEST_CASE("properties: appended ones of each type stand as the standard draws them") {
  std::vector<uint8_t> block;
  append_property(block, PropertyId::payload_format_indicator, 1u);
  append_property(block, PropertyId::receive_maximum, 0x0102u);
  append_property(block, PropertyId::session_expiry_interval, 0x01020304u);
  append_property(block, PropertyId::subscription_identifier, 128u);
  append_property(block, PropertyId::correlation_data, std::string_view("\0", 1));
  CHECK(block == std::vector<uint8_t>{0x01, 1, 0x21, 1, 2, 0x11, 1, 2, 3, 4, 0x0B, 0x80, 1, 0x09, 0, 1, 0});
}

TEST_CASE("properties: forwardable ones of a will leave delay and expiry behind") {
  std::vector<uint8_t> block = {0};
  std::vector<uint8_t> inside;
  append_property(inside, PropertyId::will_delay_interval, 1u);
  append_property(inside, PropertyId::content_type, std::string_view("c"));
  append_property(inside, PropertyId::message_expiry_interval, 2u);
  append_user_property(inside, "k", "v");
  block[0] = static_cast<uint8_t>(inside.size());
  block.insert(block.end(), inside.begin(), inside.end());
  DecodeError error;
  BodyReader reader(block, error);
  Properties properties;
  REQUIRE(decode_properties(reader, will_bit, properties));
  CHECK(properties.forwardable_size == 4 + 7);
  std::vector<uint8_t> out(properties.forwardable_size);
  copy_forwardable_properties(properties.forwardable(), out);
  CHECK(out == std::vector<uint8_t>{0x03, 0, 1, 'c', 0x26, 0, 1, 'k', 0, 1, 'v'});
}

}  // namespace patchbay::mqtt
