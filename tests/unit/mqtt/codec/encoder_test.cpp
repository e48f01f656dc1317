// What the golden packets cannot say: packets that were built by hand, and what older versions leave out.
#include "mqtt/codec/encoder.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "mqtt/codec/decoder.h"
#include "mqtt/codec/packet_framer.h"
#include "mqtt/codec/property_codec.h"
#include "support/packet_text.h"

namespace patchbay::mqtt {
namespace {

template <class Packet>
std::vector<uint8_t> encoded(const Packet& packet, ProtocolVersion version) {
  std::vector<uint8_t> out(encoded_size(packet, version));
  CHECK(encode(packet, version, out) == out.size());
  return out;
}

}  // namespace

TEST_CASE("encoder: an acknowledgement in its short form is the same for all versions") {
  for (const PacketType type : {PacketType::puback, PacketType::pubrec, PacketType::pubrel, PacketType::pubcomp}) {
    Acknowledgement packet;
    packet.type = type;
    packet.packet_id = 0x0102;
    std::array<uint8_t, kShortAcknowledgementSize> fast{};
    encode_short_acknowledgement(type, 0x0102, fast.data());
    for (const ProtocolVersion version : {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
      CHECK(encoded(packet, version) == std::vector<uint8_t>(fast.begin(), fast.end()));
    }
  }
}

TEST_CASE("encoder: before 5.0 reason codes and properties are left out") {
  Acknowledgement puback;
  puback.packet_id = 1;
  puback.reason_code = ReasonCode::quota_exceeded;
  puback.has_reason_string = true;
  puback.reason_string = "full";
  CHECK(encoded(puback, ProtocolVersion::v3_1_1) == std::vector<uint8_t>{0x40, 2, 0, 1});
  Disconnect disconnect;
  disconnect.reason_code = ReasonCode::server_shutting_down;
  CHECK(encoded(disconnect, ProtocolVersion::v3_1_1) == std::vector<uint8_t>{0xE0, 0});
  CHECK(encoded(disconnect, ProtocolVersion::v5) == std::vector<uint8_t>{0xE0, 1, 0x8B});
  Connack connack;
  connack.reason_code = ReasonCode::banned;
  connack.properties.set(PropertyId::reason_string, std::string_view("no"));
  CHECK(encoded(connack, ProtocolVersion::v3_1_1) == std::vector<uint8_t>{0x20, 2, 0, 5});
}

TEST_CASE("encoder: before 5.0 every failure of a subscription is 0x80, and UNSUBACK has no codes") {
  const std::vector<uint8_t> codes = {0, 1, 2, 0x87, 0x8F};
  Suback suback;
  suback.packet_id = 1;
  suback.reason_codes = codes;
  CHECK(encoded(suback, ProtocolVersion::v3_1_1) == std::vector<uint8_t>{0x90, 7, 0, 1, 0, 1, 2, 0x80, 0x80});
  CHECK(encoded(suback, ProtocolVersion::v5) == std::vector<uint8_t>{0x90, 8, 0, 1, 0, 0, 1, 2, 0x87, 0x8F});
  Unsuback unsuback;
  unsuback.packet_id = 1;
  unsuback.reason_codes = codes;
  CHECK(encoded(unsuback, ProtocolVersion::v3_1_1) == std::vector<uint8_t>{0xB0, 2, 0, 1});
}

TEST_CASE("encoder: session present does not exist in 3.1") {
  Connack packet;
  packet.session_present = true;
  CHECK(encoded(packet, ProtocolVersion::v3_1) == std::vector<uint8_t>{0x20, 2, 0, 0});
  CHECK(encoded(packet, ProtocolVersion::v3_1_1) == std::vector<uint8_t>{0x20, 2, 1, 0});
}

TEST_CASE("encoder: properties that a packet may not carry are left out") {
  Disconnect packet;
  packet.properties.set(PropertyId::topic_alias, 1u);
  packet.properties.set(PropertyId::reason_string, std::string_view("r"));
  CHECK(encoded(packet, ProtocolVersion::v5) == std::vector<uint8_t>{0xE0, 6, 0, 4, 0x1F, 0, 1, 'r'});
}

TEST_CASE("encoder: a packet built by hand decodes to the same fields") {
  std::vector<uint8_t> subscriptions;
  append_subscription(subscriptions, {"a/b", {Qos::exactly_once, true, true, RetainHandling::send_if_new}});
  Subscribe packet;
  packet.packet_id = 7;
  packet.subscriptions = {subscriptions, 1};
  packet.properties.set(PropertyId::subscription_identifier, 300u);
  std::vector<uint8_t> user_properties;
  append_user_property(user_properties, "k", "v");
  packet.properties.set_user_properties(user_properties, 1);
  const std::vector<uint8_t> bytes = encoded(packet, ProtocolVersion::v5);
  const Frame frame = frame_next(bytes, 0xFFFFFFFF);
  const auto decoded = decode_packet(frame.first_byte, frame.body, ProtocolVersion::v5, Sender::client);
  REQUIRE(decoded.has_value());
  CHECK(test_support::packet_fields(*decoded) == test_support::packet_fields(packet));
}

TEST_CASE("encoder: a PUBLISH whose properties were appended to a block decodes to the same fields") {
  std::vector<uint8_t> block;
  append_property(block, PropertyId::response_topic, std::string_view("re/ply"));
  append_property(block, PropertyId::correlation_data, std::string_view("\0\1", 2));
  append_property(block, PropertyId::content_type, std::string_view("text"));
  append_property(block, PropertyId::topic_alias, 5u);
  append_property(block, PropertyId::message_expiry_interval, 60u);
  append_user_property(block, "k", "v");
  Publish packet;
  packet.topic = "a/b";
  packet.properties = publish_properties_of(block);
  CHECK(packet.properties.response_topic() == "re/ply");
  CHECK(packet.properties.correlation_data() == std::string_view("\0\1", 2));
  CHECK(packet.properties.content_type() == "text");
  CHECK(packet.properties.topic_alias == 5);
  const std::vector<uint8_t> bytes = encoded(packet, ProtocolVersion::v5);
  const Frame frame = frame_next(bytes, 0xFFFFFFFF);
  const auto decoded = decode_publish(frame.first_byte, frame.body, ProtocolVersion::v5);
  REQUIRE(decoded.has_value());
  CHECK(test_support::packet_fields(*decoded) == test_support::packet_fields(packet));
  CHECK(PublishProperties{}.response_topic().empty());
  CHECK(PublishProperties{}.correlation_data().empty());
  CHECK(PublishProperties{}.content_type().empty());
}

TEST_CASE("encoder: sizes are right on both sides of each length of the remaining length") {
  for (const size_t payload_size :
       {120u, 121u, 122u, 123u, 16'375u, 16'376u, 16'377u, 16'378u, 2'097'144u, 2'097'145u}) {
    const std::vector<uint8_t> payload(payload_size, 'p');
    Publish packet;
    packet.topic = "topic";
    packet.payload = payload;
    const std::vector<uint8_t> bytes = encoded(packet, ProtocolVersion::v3_1_1);
    const Frame frame = frame_next(bytes, 0xFFFFFFFF);
    CHECK(frame.status == Frame::Status::complete);
    CHECK(frame.total_size == bytes.size());
  }
}

TEST_CASE("encoder: a packet beyond the protocol's limit is known by its size") {
  const std::vector<uint8_t> codes;
  Suback packet;
  packet.packet_id = 1;
  packet.reason_codes = {codes.data(), 268'435'456};  // Only its size is looked at.
  CHECK(encoded_size(packet, ProtocolVersion::v5) > kMaximumEncodedSize);
}

}  // namespace patchbay::mqtt
