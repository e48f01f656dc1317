// What the golden packets cannot say: offsets, views, directions, and rules over all values of a field.
#include "mqtt/codec/decoder.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/byte_reader.h"

namespace patchbay::mqtt {
namespace {

std::vector<uint8_t> bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

constexpr ProtocolVersion kVersions[] = {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5};

}  // namespace

TEST_CASE("decoder: a decoded PUBLISH is a view into the body") {
  const std::vector<uint8_t> body = {0, 1, 't', 0, 9, 'p', 'q'};
  const Decoded<Publish> packet = decode_publish(0x32, body, ProtocolVersion::v3_1_1);
  REQUIRE(packet.has_value());
  CHECK(packet->topic.data() == reinterpret_cast<const char*>(body.data() + 2));
  CHECK(packet->payload.data() == body.data() + 5);
  CHECK(packet->payload.size() == 2);
}

TEST_CASE("decoder: the offset of an error is where reading stopped") {
  const std::vector<uint8_t> zero_id = {0, 1, 't', 0, 0};
  CHECK(decode_publish(0x32, zero_id, ProtocolVersion::v3_1_1).error().offset == 5);
  const std::vector<uint8_t> bad_property = {0, 1, 't', 2, 0x01, 2, 'x'};
  CHECK(decode_publish(0x30, bad_property, ProtocolVersion::v5).error().offset == 6);
  const std::vector<uint8_t> cut = {0, 9, 't'};
  CHECK(decode_publish(0x30, cut, ProtocolVersion::v5).error().offset == 0);
}

TEST_CASE("decoder: of all reason code bytes, each acknowledgement takes those of the table") {
  for (const PacketType type : {PacketType::puback, PacketType::pubrec, PacketType::pubrel, PacketType::pubcomp}) {
    for (int code = 0; code < 256; ++code) {
      for (const Sender sender : {Sender::client, Sender::server}) {
        const std::vector<uint8_t> body = {0, 1, static_cast<uint8_t>(code)};
        const auto packet = decode_acknowledgement(first_byte_of(type), body, ProtocolVersion::v5, sender);
        CHECK(packet.has_value() == may_carry(type, sender, static_cast<uint8_t>(code)));
      }
    }
  }
}

TEST_CASE("decoder: of all CONNECT flags, only consistent ones are taken [MQTT-3.1.2-3] [MQTT-3.1.2-11]") {
  for (int flags = 0; flags < 256; ++flags) {
    std::vector<uint8_t> body = bytes_of(std::string_view("\0\4MQTT\4", 7));
    body.insert(body.end(), {static_cast<uint8_t>(flags), 0, 0, 0, 1, 'c'});
    const bool will = (flags & 0x04) != 0;
    if (will) body.insert(body.end(), {0, 1, 'w', 0, 0});
    if ((flags & 0x80) != 0) body.insert(body.end(), {0, 1, 'u'});
    if ((flags & 0x40) != 0) body.insert(body.end(), {0, 1, 'p'});
    const bool is_consistent = (flags & 0x01) == 0 && (flags & 0x18) != 0x18 && (will || (flags & 0x38) == 0) &&
                               ((flags & 0x40) == 0 || (flags & 0x80) != 0);
    INFO(flags);
    CHECK(decode_connect(0x10, body).has_value() == is_consistent);
  }
}

TEST_CASE("decoder: of all subscription options, only those of the version are taken [MQTT-3.8.3-5]") {
  for (int options = 0; options < 256; ++options) {
    const std::vector<uint8_t> old_body = {0, 1, 0, 1, 'f', static_cast<uint8_t>(options)};
    const std::vector<uint8_t> body = {0, 1, 0, 0, 1, 'f', static_cast<uint8_t>(options)};
    const bool is_valid = (options & 0x03) != 3 && (options & 0x30) != 0x30 && (options & 0xC0) == 0;
    CHECK(decode_subscribe(0x82, old_body, ProtocolVersion::v3_1_1).has_value() == (options <= 2));
    CHECK(decode_subscribe(0x82, body, ProtocolVersion::v5).has_value() == is_valid);
  }
}

TEST_CASE("decoder: of all first bytes, only those that the sender may send are taken [MQTT-2.1.3-1]") {
  for (const ProtocolVersion version : kVersions) {
    for (int first_byte = 0; first_byte < 256; ++first_byte) {
      for (const Sender sender : {Sender::client, Sender::server}) {
        const auto packet = decode_packet(static_cast<uint8_t>(first_byte), {}, version, sender);
        const bool ping = first_byte == (sender == Sender::client ? 0xC0 : 0xD0);
        const bool disconnect = first_byte == 0xE0 && (sender == Sender::client || version == ProtocolVersion::v5);
        const bool auth = first_byte == 0xF0 && version == ProtocolVersion::v5;
        INFO(first_byte);
        CHECK(packet.has_value() == (ping || disconnect || auth));
      }
    }
  }
}

TEST_CASE("decoder: the version of a CONNECT can be told before it is whole") {
  using namespace std::string_view_literals;
  CHECK(peek_protocol_version(bytes_of("\0\4MQTT\5"sv)) == ProtocolVersion::v5);
  CHECK(peek_protocol_version(bytes_of("\0\4MQTT\4"sv)) == ProtocolVersion::v3_1_1);
  CHECK(peek_protocol_version(bytes_of("\0\4MQTT\x84"sv)) == ProtocolVersion::v3_1_1);
  CHECK(peek_protocol_version(bytes_of("\0\6MQIsdp\3rest"sv)) == ProtocolVersion::v3_1);
  CHECK_FALSE(peek_protocol_version(bytes_of("\0\4MQTT"sv)).has_value());
  // Levels that we do not speak are answered in the form that their clients know [MQTT3-3.1.2-2], [MQTT-3.1.2-2].
  CHECK(peek_protocol_version(bytes_of("\0\4MQTT\0"sv)) == ProtocolVersion::v3_1_1);
  CHECK(peek_protocol_version(bytes_of("\0\4MQTT\3"sv)) == ProtocolVersion::v3_1_1);
  CHECK(peek_protocol_version(bytes_of("\0\4MQTT\x83"sv)) == ProtocolVersion::v3_1_1);
  CHECK(peek_protocol_version(bytes_of("\0\4MQTT\6"sv)) == ProtocolVersion::v5);
  CHECK(peek_protocol_version(bytes_of("\0\4MQTT\x85"sv)) == ProtocolVersion::v5);
  CHECK(peek_protocol_version(bytes_of("\0\6MQIsdp\4"sv)) == ProtocolVersion::v3_1);
  CHECK_FALSE(peek_protocol_version(bytes_of("\0\4HTTP\4"sv)).has_value());
  CHECK_FALSE(peek_protocol_version({}).has_value());
}

TEST_CASE("decoder: a property length must not reach behind the packet, whatever it is [MQTT-2.2.2-1]") {
  for (int length = 1; length < 128; ++length) {
    const std::vector<uint8_t> body = {0, 1, 't', static_cast<uint8_t>(length)};
    CHECK_FALSE(decode_publish(0x30, body, ProtocolVersion::v5).has_value());
  }
}

TEST_CASE("decoder: no reason code is lost between packets that may carry it and the byte") {
  const std::vector<uint8_t> body = {0x00, 0x99, 0x00};
  const Decoded<Connack> packet = decode_connack(0x20, body, ProtocolVersion::v5);
  REQUIRE(packet.has_value());
  CHECK(packet->reason_code == ReasonCode::payload_format_invalid);
}

}  // namespace patchbay::mqtt
