#include "mqtt/codec/packet_framer.h"

#include <catch2/catch.hpp>
#include <vector>

namespace patchbay::mqtt {
namespace {

constexpr uint32_t kNoLimit = 0xFFFFFFFF;

std::vector<uint8_t> packet_of(uint8_t first_byte, size_t body_size) {
  std::vector<uint8_t> bytes(1 + 4 + body_size);
  bytes[0] = first_byte;
  base::ByteWriter writer(std::span<uint8_t>(bytes).subspan(1));
  put_variable_byte_integer(writer, static_cast<uint32_t>(body_size));
  bytes.resize(1 + writer.written() + body_size);
  return bytes;
}

}  // namespace

TEST_CASE("framer: an empty input and a lone first byte ask for two bytes") {
  const std::vector<uint8_t> bytes = {0xC0};
  CHECK(frame_next({}, kNoLimit).status == Frame::Status::need_more);
  CHECK(frame_next({}, kNoLimit).total_size == 2);
  CHECK(frame_next(bytes, kNoLimit).status == Frame::Status::need_more);
  CHECK(frame_next(bytes, kNoLimit).total_size == 2);
}

TEST_CASE("framer: packets of every length of the remaining length are cut exactly") {
  for (const size_t body_size : {0u, 1u, 127u, 128u, 16'383u, 16'384u, 2'097'151u, 2'097'152u}) {
    INFO(body_size);
    std::vector<uint8_t> bytes = packet_of(0x30, body_size);
    const size_t total_size = bytes.size();
    bytes.push_back(0xEE);  // Of the next packet.
    const Frame frame = frame_next(bytes, kNoLimit);
    CHECK(frame.status == Frame::Status::complete);
    CHECK(frame.first_byte == 0x30);
    CHECK(frame.total_size == total_size);
    CHECK(frame.body.size() == body_size);
    CHECK(frame.body.data() == bytes.data() + total_size - body_size);
  }
}

TEST_CASE("framer: a packet cut anywhere asks for more, never for more than it has") {
  const std::vector<uint8_t> bytes = packet_of(0x30, 200);
  for (size_t size = 0; size < bytes.size(); ++size) {
    const Frame frame = frame_next(std::span(bytes).first(size), kNoLimit);
    CHECK(frame.status == Frame::Status::need_more);
    CHECK(frame.total_size > size);
    CHECK(frame.total_size <= bytes.size());
    if (size >= 3) CHECK(frame.total_size == bytes.size());
  }
}

TEST_CASE("framer: an overlong remaining length is malformed, as soon as it is seen [MQTT-1.5.5-1]") {
  for (const std::vector<uint8_t>& bytes : std::vector<std::vector<uint8_t>>{
           {0x30, 0x80, 0x00}, {0x30, 0xFF, 0xFF, 0xFF, 0x80}, {0x30, 0x80, 0x80, 0x80, 0x80, 0x01}}) {
    const Frame frame = frame_next(bytes, kNoLimit);
    CHECK(frame.status == Frame::Status::failed);
    CHECK(frame.reason == ReasonCode::malformed_packet);
    CHECK(frame.clause == std::string("MQTT-1.5.5-1"));
  }
}

TEST_CASE("framer: a packet larger than allowed fails before its body is there [MQTT-3.2.2-15]") {
  const std::vector<uint8_t> bytes = packet_of(0x30, 98);
  REQUIRE(bytes.size() == 100);
  CHECK(frame_next(bytes, 100).status == Frame::Status::complete);
  const Frame whole = frame_next(bytes, 99);
  CHECK(whole.status == Frame::Status::failed);
  CHECK(whole.reason == ReasonCode::packet_too_large);
  CHECK(whole.clause == std::string("MQTT-3.2.2-15"));
  CHECK(frame_next(std::span(bytes).first(2), 99).status == Frame::Status::failed);
  CHECK(frame_next(std::span(bytes).first(2), 100).status == Frame::Status::need_more);
}

TEST_CASE("framer: a stream of packets is cut into the same packets, however its bytes arrive") {
  std::vector<uint8_t> stream;
  std::vector<size_t> sizes;
  for (const size_t body_size : {0u, 5u, 130u, 0u, 64u}) {
    const std::vector<uint8_t> packet = packet_of(0xC0, body_size);
    sizes.push_back(packet.size());
    stream.insert(stream.end(), packet.begin(), packet.end());
  }
  for (size_t step = 1; step < stream.size(); ++step) {
    std::vector<size_t> cut_sizes;
    size_t begin = 0;
    for (size_t end = step; begin < stream.size(); end = std::min(end + step, stream.size())) {
      for (;;) {
        const Frame frame = frame_next(std::span(stream).subspan(begin, end - begin), kNoLimit);
        if (frame.status != Frame::Status::complete) break;
        cut_sizes.push_back(frame.total_size);
        begin += frame.total_size;
      }
    }
    CHECK(cut_sizes == sizes);
  }
}

}  // namespace patchbay::mqtt
