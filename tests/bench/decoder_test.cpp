#include "bench/decoder.h"

#include <catch2/catch.hpp>
#include <string>

#include "bench/encoder.h"

using namespace patchbay::bench;
using namespace std::string_literals;

namespace {

Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// The frame of one whole packet; the text must outlive it.
Frame frame_of(const std::string& packet) {
  Frame frame;
  REQUIRE(next_frame(bytes_of(packet), frame) == FrameStatus::complete);
  REQUIRE(frame.size == packet.size());
  return frame;
}

}  // namespace

TEST_CASE("a frame is complete at its last byte and not before") {
  std::string packet = encode_publish(ProtocolVersion::v5, "a/b", std::string(300, 'x'), 1, false).bytes;
  Frame frame;
  for (std::size_t size = 0; size < packet.size(); ++size) {
    CHECK(next_frame(bytes_of(packet).first(size), frame) == FrameStatus::incomplete);
  }
  std::string with_next = packet + "\xD0";
  REQUIRE(next_frame(bytes_of(with_next), frame) == FrameStatus::complete);
  CHECK(frame.size == packet.size());
  CHECK(frame.type == PacketType::publish);
  CHECK(frame.flags == 0x02);
}

TEST_CASE("a remaining length of five bytes and packet type 0 are malformed") {
  Frame frame;
  CHECK(next_frame(bytes_of("\x30\xFF\xFF\xFF\xFF\x01"s), frame) == FrameStatus::malformed);
  CHECK(next_frame(bytes_of("\x30\xFF\xFF\xFF\xFF"s), frame) == FrameStatus::malformed);
  CHECK(next_frame(bytes_of("\x30\xFF\xFF\xFF"s), frame) == FrameStatus::incomplete);
  CHECK(next_frame(bytes_of("\x00\x00"s), frame) == FrameStatus::malformed);
}

TEST_CASE("PUBLISH of 3.1.1 and QoS 0") {
  std::string packet = "\x31\x08\x00\x03"s + "a/bxyz";
  PublishView publish;
  REQUIRE(decode_publish(ProtocolVersion::v3_1_1, frame_of(packet), publish));
  CHECK(publish.topic == "a/b");
  CHECK(std::string(publish.payload.begin(), publish.payload.end()) == "xyz");
  CHECK(publish.qos == 0);
  CHECK(publish.packet_id == 0);
  CHECK(publish.retain);
  CHECK_FALSE(publish.duplicate);
}

TEST_CASE("PUBLISH of 5 with properties, QoS 2 and DUP") {
  // Topic "t", packet id 258, message expiry interval (0x02) of 10 s, payload "z".
  std::string packet = "\x3C\x0C\x00\x01t\x01\x02\x05\x02\x00\x00\x00\x0Az"s;
  packet[1] = static_cast<char>(packet.size() - 2);
  PublishView publish;
  REQUIRE(decode_publish(ProtocolVersion::v5, frame_of(packet), publish));
  CHECK(publish.qos == 2);
  CHECK(publish.duplicate);
  CHECK(publish.packet_id == 258);
  CHECK(std::string(publish.payload.begin(), publish.payload.end()) == "z");
}

TEST_CASE("PUBLISH that is cut short or breaks a rule is refused") {
  PublishView publish;
  auto decodes = [&](const std::string& packet) {
    return decode_publish(ProtocolVersion::v5, frame_of(packet), publish);
  };
  CHECK_FALSE(decodes("\x30\x01\x00"s));                   // half a topic length
  CHECK_FALSE(decodes("\x30\x03\x00\x02t"s));              // topic longer than the packet
  CHECK_FALSE(decodes("\x32\x04\x00\x01t\x01"s));          // half a packet id
  CHECK_FALSE(decodes("\x32\x06\x00\x01t\x00\x00\x00"s));  // packet id 0
  CHECK_FALSE(decodes("\x36\x06\x00\x01t\x00\x01\x00"s));  // QoS 3
  CHECK_FALSE(decodes("\x30\x04\x00\x01t\x05"s));          // properties longer than the packet
  CHECK_FALSE(decodes("\x30\x03\x00\x01t"s));              // no property length
  CHECK(decodes("\x30\x04\x00\x01t\x00"s));
}

TEST_CASE("CONNACK of 3.1.1") {
  ConnackFields connack;
  REQUIRE(decode_connack(ProtocolVersion::v3_1_1, frame_of("\x20\x02\x01\x00"s), connack));
  CHECK(connack.session_present);
  CHECK(connack.reason == 0);
  CHECK(connack.receive_maximum == 65'535);
  REQUIRE(decode_connack(ProtocolVersion::v3_1_1, frame_of("\x20\x02\x00\x05"s), connack));
  CHECK(connack.reason == 5);
  CHECK_FALSE(decode_connack(ProtocolVersion::v3_1_1, frame_of("\x20\x03\x00\x00\x00"s), connack));
  CHECK_FALSE(decode_connack(ProtocolVersion::v3_1_1, frame_of("\x20\x01\x00"s), connack));
}

TEST_CASE("CONNACK of 5: what binds the publisher is found among all other properties") {
  std::string properties = "\x11\x00\x00\x00\x10"s +       // session expiry interval
                           "\x12\x00\x03xyz"s +            // assigned client identifier
                           "\x26\x00\x01n\x00\x01v"s +     // user property
                           "\x1F\x00\x02ok"s +             // reason string
                           "\x21\x00\x14"s +               // receive maximum 20
                           "\x24\x01"s +                   // maximum QoS 1
                           "\x25\x01"s + "\x13\x00\x3C"s;  // retain available, server keep alive
  std::string packet = "\x20"s + static_cast<char>(properties.size() + 3) + "\x00\x00"s +
                       static_cast<char>(properties.size()) + properties;
  ConnackFields connack;
  REQUIRE(decode_connack(ProtocolVersion::v5, frame_of(packet), connack));
  CHECK(connack.receive_maximum == 20);
  CHECK(connack.maximum_qos == 1);
}

TEST_CASE("CONNACK of 5 that breaks a rule is refused") {
  ConnackFields connack;
  auto decodes = [&](const std::string& packet) {
    return decode_connack(ProtocolVersion::v5, frame_of(packet), connack);
  };
  CHECK(decodes("\x20\x03\x00\x00\x00"s));
  CHECK_FALSE(decodes("\x20\x06\x00\x00\x03\x21\x00\x00"s));  // receive maximum 0
  CHECK_FALSE(decodes("\x20\x05\x00\x00\x02\x21\x00"s));      // half a receive maximum
  CHECK_FALSE(decodes("\x20\x04\x00\x00\x01\x7E"s));          // no such property
  CHECK_FALSE(decodes("\x20\x03\x00\x00\x05"s));              // fewer properties than announced
  CHECK_FALSE(decodes("\x20\x02\x00\x00"s));                  // success without properties
  CHECK(decodes("\x20\x02\x00\x01"s));                        // a refusal by a broker of 3.1.1
}

TEST_CASE("acknowledgements with and without a reason code") {
  AckFields ack;
  REQUIRE(decode_ack(frame_of("\x40\x02\x01\x02"s), ack));
  CHECK(ack.packet_id == 0x0102);
  CHECK(ack.reason == 0);
  REQUIRE(decode_ack(frame_of("\x50\x04\x00\x03\x97\x00"s), ack));
  CHECK(ack.reason == 0x97);
  CHECK_FALSE(decode_ack(frame_of("\x40\x02\x00\x00"s), ack));
  CHECK_FALSE(decode_ack(frame_of("\x40\x01\x01"s), ack));
}

TEST_CASE("SUBACK tells accepted from refused filters") {
  SubackFields suback;
  REQUIRE(decode_suback(ProtocolVersion::v3_1_1, frame_of("\x90\x05\x00\x0A\x00\x80\x02"s), suback));
  CHECK(suback.packet_id == 10);
  CHECK(suback.accepted == 2);
  CHECK(suback.refused == 1);
  REQUIRE(decode_suback(ProtocolVersion::v5, frame_of("\x90\x05\x00\x0A\x00\x01\x87"s), suback));
  CHECK(suback.accepted == 1);
  CHECK(suback.refused == 1);
  CHECK_FALSE(decode_suback(ProtocolVersion::v5, frame_of("\x90\x03\x00\x0A\x00"s), suback));
  CHECK_FALSE(decode_suback(ProtocolVersion::v3_1_1, frame_of("\x90\x02\x00\x0A"s), suback));
}

TEST_CASE("DISCONNECT without a body means reason 0") {
  CHECK(decode_disconnect_reason(frame_of("\xE0\x00"s)) == 0);
  CHECK(decode_disconnect_reason(frame_of("\xE0\x01\x8B"s)) == 0x8B);
}
