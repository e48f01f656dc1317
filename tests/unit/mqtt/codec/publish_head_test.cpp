#include "mqtt/codec/publish_head.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "mqtt/codec/decoder.h"
#include "mqtt/codec/packet_framer.h"
#include "mqtt/codec/property_codec.h"

namespace patchbay::mqtt {
namespace {

constexpr ProtocolVersion kVersions[] = {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5};

std::vector<uint8_t> encode_whole(const PublishHead& head, ProtocolVersion version, std::string_view payload) {
  const PublishHeadLayout layout = layout_publish_head(head, version);
  std::vector<uint8_t> bytes(layout.head_size);
  encode_publish_head(head, layout, version, bytes);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  CHECK(bytes.size() == layout.total_size);
  CHECK(publish_head_size(head, version) == layout.head_size);
  return bytes;
}

Publish decode_whole(const std::vector<uint8_t>& bytes, ProtocolVersion version) {
  const Frame frame = frame_next(bytes, 0xFFFFFFFF);
  REQUIRE(frame.status == Frame::Status::complete);
  REQUIRE(frame.total_size == bytes.size());
  const Decoded<Publish> decoded = decode_publish(frame.first_byte, frame.body, version, Sender::server);
  REQUIRE(decoded.has_value());
  return *decoded;
}

PublishHead head_for(std::string_view topic, std::string_view payload) {
  PublishHead head;
  head.topic = topic;
  head.payload_size = static_cast<uint32_t>(payload.size());
  return head;
}

}  // namespace

TEST_CASE("publish head: QoS 0 is written byte for byte as the standard draws it") {
  const PublishHead head = head_for("a/b", "hi");
  CHECK(encode_whole(head, ProtocolVersion::v3_1_1, "hi") ==
        std::vector<uint8_t>{0x30, 7, 0, 3, 'a', '/', 'b', 'h', 'i'});
  CHECK(encode_whole(head, ProtocolVersion::v5, "hi") ==
        std::vector<uint8_t>{0x30, 8, 0, 3, 'a', '/', 'b', 0, 'h', 'i'});
}

TEST_CASE("publish head: head and payload decode to what was meant, in every version") {
  for (const ProtocolVersion version : kVersions) {
    for (const size_t payload_size : {0u, 1u, 100u, 121u, 122u, 123u, 16'376u, 20'000u}) {
      const std::string payload(payload_size, 'p');
      PublishHead head = head_for("some/topic", payload);
      head.qos = Qos::exactly_once;
      head.dup = true;
      head.retain = true;
      head.packet_id = 0x1234;
      const std::vector<uint8_t> bytes = encode_whole(head, version, payload);
      const Publish packet = decode_whole(bytes, version);
      CHECK(packet.topic == head.topic);
      CHECK(packet.qos == head.qos);
      CHECK(packet.dup);
      CHECK(packet.retain);
      CHECK(packet.packet_id == 0x1234);
      CHECK(base::as_text(packet.payload) == payload);
    }
  }
}

TEST_CASE("publish head: the delivery's own properties come first, then the publisher's as they were") {
  std::vector<uint8_t> forwardable;
  append_property(forwardable, PropertyId::payload_format_indicator, 1u);
  append_user_property(forwardable, "k", "v");
  append_property(forwardable, PropertyId::content_type, std::string_view("text"));
  const std::vector<uint32_t> identifiers = {1, 200, 268'435'455};
  PublishHead head = head_for("t", "x");
  head.has_message_expiry_interval = true;
  head.message_expiry_interval_s = 77;
  head.topic_alias = 9;
  head.subscription_identifiers = identifiers;
  head.forwardable_properties = forwardable;
  const std::vector<uint8_t> bytes = encode_whole(head, ProtocolVersion::v5, "x");
  const Publish packet = decode_whole(bytes, ProtocolVersion::v5);
  CHECK(packet.properties.message_expiry_interval_s == 77);
  CHECK(packet.properties.topic_alias == 9);
  CHECK(packet.properties.content_type() == "text");
  CHECK(packet.properties.forwardable_size == forwardable.size());
  std::vector<uint8_t> copied(packet.properties.forwardable_size);
  copy_forwardable_properties(packet.properties.forwardable(), copied);
  CHECK(copied == forwardable);
  std::vector<uint32_t> read;
  uint32_t identifier = 0;
  for (auto reader = packet.properties.subscription_identifiers(); reader.next(identifier);) read.push_back(identifier);
  CHECK(read == identifiers);
}

TEST_CASE("publish head: before 5.0 there are no properties") {
  std::vector<uint8_t> forwardable;
  append_user_property(forwardable, "k", "v");
  PublishHead head = head_for("t", "");
  head.has_message_expiry_interval = true;
  head.forwardable_properties = forwardable;
  CHECK(encode_whole(head, ProtocolVersion::v3_1_1, "") == std::vector<uint8_t>{0x30, 3, 0, 1, 't'});
}

TEST_CASE("publish head: a topic alias may stand for the topic") {
  PublishHead head = head_for("", "x");
  head.topic_alias = 3;
  const std::vector<uint8_t> bytes = encode_whole(head, ProtocolVersion::v5, "x");
  const Publish packet = decode_whole(bytes, ProtocolVersion::v5);
  CHECK(packet.topic.empty());
  CHECK(packet.properties.topic_alias == 3);
}

TEST_CASE("publish head: a copied head serves the next receiver with another packet identifier") {
  for (const ProtocolVersion version : kVersions) {
    for (const size_t payload_size : {1u, 300u, 20'000u}) {
      const std::string payload(payload_size, 'p');
      PublishHead head = head_for("a/topic", payload);
      head.qos = Qos::at_least_once;
      head.packet_id = 1;
      std::vector<uint8_t> bytes = encode_whole(head, version, payload);
      const PublishHeadLayout layout = layout_publish_head(head, version);
      patch_packet_id(bytes.data(), layout, 0xABCD);
      patch_dup(bytes.data());
      const Publish packet = decode_whole(bytes, version);
      CHECK(packet.packet_id == 0xABCD);
      CHECK(packet.dup);
      CHECK(packet.topic == "a/topic");
      CHECK(base::as_text(packet.payload) == payload);
    }
  }
}

TEST_CASE("publish head: QoS 0 has no place for a packet identifier") {
  CHECK(layout_publish_head(head_for("t", ""), ProtocolVersion::v5).packet_id_offset == 0);
}

TEST_CASE("publish head: what the remaining length cannot hold is not encodable") {
  PublishHead head = head_for("t", "");
  head.payload_size = 268'435'455 - 3;
  CHECK(layout_publish_head(head, ProtocolVersion::v3_1_1).is_encodable);
  CHECK_FALSE(layout_publish_head(head, ProtocolVersion::v5).is_encodable);
  head.payload_size = 0xFFFFFFFF;
  CHECK_FALSE(layout_publish_head(head, ProtocolVersion::v3_1_1).is_encodable);
  CHECK(layout_publish_head(head, ProtocolVersion::v3_1_1).total_size > 0xFFFFFFFF);
}

TEST_CASE("plain publish: the same bytes as the general form writes, at every boundary") {
  const std::string payloads(20'000, 'p');
  for (const ProtocolVersion version : kVersions) {
    for (const Qos qos : {Qos::at_most_once, Qos::at_least_once, Qos::exactly_once}) {
      for (const uint8_t flags : {0, 1, 2, 3}) {
        // Around one and two bytes of remaining length, whatever QoS and version take of it.
        for (const size_t payload_size :
             {0u,   1u,     64u,     109u,    110u,    111u,    112u,    113u,    114u,    115u,   116u,
              117u, 2'000u, 16'365u, 16'366u, 16'367u, 16'368u, 16'369u, 16'370u, 16'371u, 16'372u}) {
          INFO("payload " << payload_size << " qos " << static_cast<int>(qos));
          const std::string_view payload = std::string_view(payloads).substr(0, payload_size);
          PublishHead head = head_for("some/topic", payload);
          PlainPublish plain;
          plain.topic = head.topic;
          plain.payload = {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()};
          plain.qos = head.qos = qos;
          plain.dup = head.dup = (flags & 1) != 0;
          plain.retain = head.retain = (flags & 2) != 0;
          plain.packet_id = head.packet_id = qos == Qos::at_most_once ? 0 : 0xABCD;
          const std::vector<uint8_t> expected = encode_whole(head, version, payload);
          const size_t size = plain_publish_size(plain, version);
          if (expected.size() > 2 + 16'383 + 1) {
            CHECK(size == 0);  // three bytes of remaining length: not for this form
            continue;
          }
          REQUIRE(size == expected.size());
          std::vector<uint8_t> written(size + 8, 0xEE);
          encode_plain_publish(plain, version, size, written.data());
          CHECK(std::equal(expected.begin(), expected.end(), written.begin()));
          CHECK(std::vector<uint8_t>(written.begin() + static_cast<std::ptrdiff_t>(size), written.end()) ==
                std::vector<uint8_t>(8, 0xEE));
        }
      }
    }
  }
}

TEST_CASE("plain publish: without a payload") {
  PlainPublish plain;
  plain.topic = "a";
  const size_t size = plain_publish_size(plain, ProtocolVersion::v3_1_1);
  REQUIRE(size == 5);
  std::array<uint8_t, 5> out{};
  encode_plain_publish(plain, ProtocolVersion::v3_1_1, size, out.data());
  CHECK(out == std::array<uint8_t, 5>{0x30, 3, 0, 1, 'a'});
}

TEST_CASE("plain publish: what was written is read again, topic and payload where they lie") {
  for (const ProtocolVersion version : kVersions) {
    for (const size_t payload_size : {0u, 1u, 64u, 200u}) {
      const std::vector<uint8_t> payload(payload_size, 'p');
      const PlainPublish plain{"some/topic", payload};
      std::vector<uint8_t> packet(plain_publish_size(plain, version));
      encode_plain_publish(plain, version, packet.size(), packet.data());
      CHECK(packet[0] == kPlainPublishFirstByte);
      const std::span<const uint8_t> body = std::span(packet).subspan(packet.size() < 130 ? 2 : 3);
      const PassingMessage read = read_plain_publish(packet, body, version);
      CHECK(read.topic == "some/topic");
      CHECK(read.packet.data() == packet.data());
      CHECK(read.packet.size() == packet.size());
      CHECK(read.is_v5 == (version == ProtocolVersion::v5));
      CHECK(reinterpret_cast<const uint8_t*>(read.topic.data()) == body.data() + 2);
      CHECK(std::vector<uint8_t>(read.payload.begin(), read.payload.end()) == payload);
      CHECK(read.payload.data() + read.payload.size() == packet.data() + packet.size());
    }
  }
}

TEST_CASE("plain publish: what is cut off or has properties is not read as one") {
  const auto topic_of = [](const std::vector<uint8_t>& body, ProtocolVersion version) {
    return read_plain_publish({}, body, version).topic;
  };
  const std::vector<uint8_t> whole = {0, 2, 'a', 'b', 0};
  CHECK(topic_of(whole, ProtocolVersion::v5) == "ab");
  CHECK(topic_of(whole, ProtocolVersion::v3_1_1) == "ab");
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::vector<uint8_t> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(topic_of(cut, ProtocolVersion::v5).empty());
    CHECK(topic_of(cut, ProtocolVersion::v3_1_1).empty() == (size < 4));
  }
  CHECK(topic_of({0xFF, 0xFF, 'a', 'b', 0}, ProtocolVersion::v3_1_1).empty());
  CHECK(topic_of({0, 2, 'a', 'b', 2, 1, 0}, ProtocolVersion::v5).empty());  // payload format indicator
  CHECK(topic_of({0, 2, 'a', 'b', 0x80, 0}, ProtocolVersion::v5).empty());  // a longer form of 0 [MQTT-1.5.5-1]
  CHECK(topic_of({0, 0, 0, 'p'}, ProtocolVersion::v5).empty());             // an alias stands for it, or nothing
}

}  // namespace patchbay::mqtt
