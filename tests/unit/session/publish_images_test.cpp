#include "session/publish_images.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "mqtt/codec/decoder.h"
#include "mqtt/codec/packet_framer.h"
#include "session/output_buffer.h"

using namespace patchbay;
using namespace patchbay::session;
using mqtt::ProtocolVersion;
using mqtt::Qos;

namespace {

mqtt::MessageRef message(std::string_view topic, const std::string& payload, std::optional<uint32_t> expiry_s = {}) {
  mqtt::MessageFields fields;
  fields.topic = topic;
  fields.payload = {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()};
  fields.message_expiry_interval_s = expiry_s;
  return mqtt::Message::create(fields);
}

}  // namespace

TEST_CASE("images: one for each version family, QoS and RETAIN, and each decodes to its message") {
  const auto original = message("a/b", "hello");
  PublishImages images;
  images.begin();
  for (const ProtocolVersion version : {ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    for (const Qos qos : {Qos::at_most_once, Qos::at_least_once, Qos::exactly_once}) {
      for (const bool retain : {false, true}) {
        const auto& image = images.get(*original, version, qos, retain, 0);
        std::vector<uint8_t> bytes = image.bytes;
        if (qos != Qos::at_most_once) mqtt::patch_packet_id(bytes.data(), image.layout, 513);
        const mqtt::Frame frame = mqtt::frame_next(bytes, 1000);
        REQUIRE(frame.status == mqtt::Frame::Status::complete);
        CHECK(frame.total_size == image.layout.total_size);
        const auto decoded = mqtt::decode_publish(frame.first_byte, frame.body, version, mqtt::Sender::server);
        REQUIRE(decoded.has_value());
        CHECK(decoded->topic == "a/b");
        CHECK(std::string(decoded->payload.begin(), decoded->payload.end()) == "hello");
        CHECK(decoded->qos == qos);
        CHECK(decoded->retain == retain);
        CHECK(decoded->packet_id == (qos == Qos::at_most_once ? 0 : 513));
      }
    }
  }
}

TEST_CASE("images: made once for a message, anew for the next") {
  PublishImages images;
  images.begin();
  const auto first = message("a", "1");
  const auto second = message("a", "2");
  CHECK(images.get(*first, ProtocolVersion::v5, Qos::at_most_once, false, 0).bytes.back() == '1');
  CHECK(images.get(*second, ProtocolVersion::v5, Qos::at_most_once, false, 0).bytes.back() == '1');
  images.begin();
  CHECK(images.get(*second, ProtocolVersion::v5, Qos::at_most_once, false, 0).bytes.back() == '2');
}

TEST_CASE("images: a large payload is not part of the image") {
  PublishImages images;
  images.begin();
  const auto large = message("a", std::string(OutputBuffer::kShareFrom, 'x'));
  const auto& image = images.get(*large, ProtocolVersion::v5, Qos::at_most_once, false, 0);
  CHECK(image.bytes.size() == image.layout.head_size);
  CHECK(image.layout.total_size == image.bytes.size() + OutputBuffer::kShareFrom);
}

TEST_CASE("images: carry what is left of the expiry interval [MQTT-3.3.2-6]") {
  PublishImages images;
  images.begin();
  const auto& image = images.get(*message("a", "", 10), ProtocolVersion::v5, Qos::at_most_once, false, 4'200);
  const mqtt::Frame frame = mqtt::frame_next(image.bytes, 1000);
  const auto decoded = mqtt::decode_publish(frame.first_byte, frame.body, ProtocolVersion::v5, mqtt::Sender::server);
  REQUIRE(decoded.has_value());
  CHECK(decoded->properties.has_message_expiry_interval);
  CHECK(decoded->properties.message_expiry_interval_s == 6);
}
