// The golden packets of tests/vectors against decoders and encoders. [MQTT-3.3.2-4] [MQTT-3.3.2-15] [MQTT-3.3.2-16]
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "base/byte_reader.h"
#include "mqtt/codec/decoder.h"
#include "mqtt/codec/encoder.h"
#include "mqtt/codec/packet_framer.h"
#include "support/packet_text.h"
#include "support/vector_reader.h"

namespace patchbay::mqtt {
namespace {

using test_support::packet_fields;
using test_support::PacketVector;

const std::vector<PacketVector>& vectors() {
  static const std::vector<PacketVector> all = test_support::load_packet_vectors();
  return all;
}

Frame frame_of(const PacketVector& vector) {
  return frame_next(vector.bytes, 0xFFFFFFFF);
}

Decoded<AnyPacket> decode(const PacketVector& vector) {
  const Frame frame = frame_of(vector);
  return decode_packet(frame.first_byte, frame.body, vector.version, vector.sender);
}

// Order among different names is free; among equal names (user properties) it counts.
std::vector<std::string> by_name(std::vector<std::string> fields) {
  std::ranges::stable_sort(fields, {}, [](const std::string& field) { return field.substr(0, field.find(" =")); });
  return fields;
}

}  // namespace

TEST_CASE("golden packets: names are unique and every packet is whole") {
  std::set<std::string> names;
  for (const PacketVector& vector : vectors()) {
    INFO(vector.name);
    CHECK(names.insert(vector.name).second);
    const Frame frame = frame_of(vector);
    CHECK(frame.status == Frame::Status::complete);
    CHECK(frame.total_size == vector.bytes.size());
  }
  CHECK(names.size() >= 500);
}

TEST_CASE("golden packets: valid ones decode to the fields of the file") {
  for (const PacketVector& vector : vectors()) {
    if (!vector.is_valid()) continue;
    INFO(vector.name);
    const Decoded<AnyPacket> decoded = decode(vector);
    if (!decoded) FAIL_CHECK(reason_code_name(decoded.error().reason) << " " << decoded.error().clause);
    if (decoded) CHECK(by_name(packet_fields(*decoded)) == by_name(vector.fields));
  }
}

TEST_CASE("golden packets: invalid ones are refused with reason code and clause") {
  for (const PacketVector& vector : vectors()) {
    if (vector.is_valid()) continue;
    INFO(vector.name);
    const Decoded<AnyPacket> decoded = decode(vector);
    REQUIRE_FALSE(decoded.has_value());
    CHECK(reason_code_name(decoded.error().reason) == vector.error_reason);
    CHECK(decoded.error().clause == vector.error_clause);
    CHECK(decoded.error().offset <= frame_of(vector).body.size());
  }
}

TEST_CASE("golden packets: encoding gives back the bytes") {
  for (const PacketVector& vector : vectors()) {
    if (!vector.is_valid()) continue;
    INFO(vector.name);
    const Decoded<AnyPacket> decoded = decode(vector);
    REQUIRE(decoded.has_value());
    std::vector<uint8_t> out(encoded_size(*decoded, vector.version));
    CHECK(encode(*decoded, vector.version, out) == out.size());
    CHECK(out == vector.encoded);
  }
}

TEST_CASE("golden packets: a body cut anywhere is refused or is another valid packet, never read past its end") {
  for (const PacketVector& vector : vectors()) {
    INFO(vector.name);
    const Frame frame = frame_of(vector);
    for (size_t size = 0; size < frame.body.size(); ++size) {
      // A copy of its own, so that a sanitizer sees every read past the end.
      const std::vector<uint8_t> cut(frame.body.begin(), frame.body.begin() + static_cast<ptrdiff_t>(size));
      const Decoded<AnyPacket> decoded = decode_packet(frame.first_byte, cut, vector.version, vector.sender);
      if (decoded) {
        CHECK(encoded_size(*decoded, vector.version) <= size + 5);
      } else {
        CHECK(decoded.error().offset <= size);
      }
    }
  }
}

TEST_CASE("golden packets: every reason of refusal that the decoders know is proven") {
  std::set<std::string> reasons;
  for (const PacketVector& vector : vectors()) {
    if (!vector.is_valid()) reasons.insert(vector.error_reason);
  }
  CHECK(reasons == std::set<std::string>{"malformed_packet", "protocol_error", "unsupported_protocol_version",
                                         "topic_name_invalid", "topic_alias_invalid"});
}

}  // namespace patchbay::mqtt
