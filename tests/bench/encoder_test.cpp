#include "bench/encoder.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bench/message_stamp.h"

using namespace patchbay::bench;
using namespace std::string_literals;

// The expected bytes are written out from the standard, not made by any encoder.
TEST_CASE("CONNECT of 3.1.1 without credentials") {
  std::string out;
  append_connect(out, {ProtocolVersion::v3_1_1, "ab", "", "", 60});
  CHECK(out == "\x10\x0E\x00\x04MQTT\x04\x02\x00\x3C\x00\x02"s + "ab");
}

TEST_CASE("CONNECT of 5 with user name and password, and no properties") {
  std::string out;
  append_connect(out, {ProtocolVersion::v5, "ab", "user", "pw", 0});
  CHECK(out == "\x10\x19\x00\x04MQTT\x05\xC2\x00\x00\x00\x00\x02"s + "ab" + "\x00\x04user\x00\x02pw"s);
}

TEST_CASE("SUBSCRIBE carries its filters and the reserved flags") {
  std::vector<std::string> topic_filters{"a/+", "b"};
  std::string out;
  append_subscribe(out, ProtocolVersion::v3_1_1, 10, topic_filters, 1);
  CHECK(out == "\x82\x0C\x00\x0A\x00\x03"s + "a/+\x01" + "\x00\x01"s + "b\x01");
  out.clear();
  append_subscribe(out, ProtocolVersion::v5, 10, topic_filters, 2);
  CHECK(out == "\x82\x0D\x00\x0A\x00\x00\x03"s + "a/+\x02" + "\x00\x01"s + "b\x02");
}

TEST_CASE("PUBLISH of QoS 0 has no packet id") {
  PublishImage image = encode_publish(ProtocolVersion::v3_1_1, "a/b", "xyz", 0, false);
  CHECK(image.bytes == "\x30\x08\x00\x03"s + "a/bxyz");
  CHECK(image.packet_id_offset == 0);
  CHECK(image.payload_offset == 7);
}

TEST_CASE("PUBLISH of QoS 1 and 2 leaves room for the packet id") {
  PublishImage image = encode_publish(ProtocolVersion::v5, "a/b", "xyz", 1, true);
  CHECK(image.bytes == "\x33\x0B\x00\x03"s + "a/b" + "\x00\x00\x00"s + "xyz");
  CHECK(image.packet_id_offset == 7);
  CHECK(image.payload_offset == 10);
  write_u16(image.bytes.data() + image.packet_id_offset, 0x1234);
  CHECK(image.bytes.substr(7, 2) == "\x12\x34");
  CHECK(encode_publish(ProtocolVersion::v3_1_1, "a", "", 2, false).bytes[0] == '\x34');
}

TEST_CASE("the remaining length takes as many bytes as it must") {
  // MQTT 5.0, table 1-1: the last value of one size and the first of the next.
  auto header = [](std::size_t remaining_length) {
    std::string payload(remaining_length - 3, 'x');
    return encode_publish(ProtocolVersion::v3_1_1, "a", payload, 0, false).bytes.substr(1, 5);
  };
  CHECK(header(127).substr(0, 2) == "\x7F\x00"s);
  CHECK(header(128).substr(0, 3) == "\x80\x01\x00"s);
  CHECK(header(16'383).substr(0, 3) == "\xFF\x7F\x00"s);
  CHECK(header(16'384).substr(0, 4) == "\x80\x80\x01\x00"s);
  CHECK(header(2'097'151).substr(0, 4) == "\xFF\xFF\x7F\x00"s);
  CHECK(header(2'097'152) == "\x80\x80\x80\x01\x00"s);
}

TEST_CASE("acknowledgements, PINGREQ and DISCONNECT") {
  std::string out;
  append_ack(out, PacketType::puback, 0x0102);
  append_ack(out, PacketType::pubrec, 3);
  append_ack(out, PacketType::pubrel, 3);
  append_ack(out, PacketType::pubcomp, 3);
  append_pingreq(out);
  append_disconnect(out);
  CHECK(out == "\x40\x02\x01\x02\x50\x02\x00\x03\x62\x02\x00\x03\x70\x02\x00\x03\xC0\x00\xE0\x00"s);
}

TEST_CASE("a stamp is read as it was written, and only where there is one") {
  std::string payload(40, 'p');
  write_stamp(payload.data(), {kStampMark, 7, 123'456'789'012, -1});
  Bytes bytes{reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size()};
  MessageStamp stamp;
  REQUIRE(read_stamp(bytes, stamp));
  CHECK(stamp.publisher == 7);
  CHECK(stamp.sequence == 123'456'789'012);
  CHECK(stamp.scheduled_ns == -1);
  CHECK(payload.substr(kStampSize) == std::string(16, 'p'));
  CHECK_FALSE(read_stamp(bytes.first(kStampSize - 1), stamp));
  CHECK_FALSE(read_stamp(bytes.subspan(1), stamp));
}
