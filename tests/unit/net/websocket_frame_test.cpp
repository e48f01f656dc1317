#include "net/websocket_frame.h"

#include <catch2/catch.hpp>
#include <numeric>
#include <string>
#include <vector>

namespace patchbay::net {

namespace {

using Status = WebSocketFrameStatus;
using Bytes = std::vector<uint8_t>;

struct Read {
  Status status;
  WebSocketFrameHeader header;
  size_t left;
};

Read read(const Bytes& bytes) {
  WebSocketHeaderReader reader;
  std::span<const uint8_t> rest(bytes);
  Read result{};
  result.status = reader.take(rest, result.header);
  result.left = rest.size();
  return result;
}

}  // namespace

TEST_CASE("frame headers of all three length forms are read", "[websocket]") {
  const Read small = read({0x82, 0x85, 1, 2, 3, 4, 'h', 'e'});
  CHECK(small.status == Status::complete);
  CHECK(small.header.final);
  CHECK(small.header.opcode == WebSocketOpcode::binary);
  CHECK(small.header.payload_size == 5);
  CHECK(small.header.mask == std::array<uint8_t, 4>{1, 2, 3, 4});
  CHECK(small.left == 2);

  const Read medium = read({0x02, 0xFE, 0x01, 0x00, 9, 9, 9, 9});
  CHECK(medium.status == Status::complete);
  CHECK_FALSE(medium.header.final);
  CHECK(medium.header.payload_size == 256);

  const Read large = read({0x80, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0, 9, 9, 9, 9});
  CHECK(large.status == Status::complete);
  CHECK(large.header.opcode == WebSocketOpcode::continuation);
  CHECK(large.header.payload_size == 65536);
}

TEST_CASE("a header may come byte by byte", "[websocket]") {
  const Bytes bytes = {0x82, 0xFE, 0x01, 0x02, 1, 2, 3, 4};
  WebSocketHeaderReader reader;
  WebSocketFrameHeader header;
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::span<const uint8_t> one(bytes.data() + at, 1);
    const Status expected = at + 1 == bytes.size() ? Status::complete : Status::incomplete;
    CHECK(reader.take(one, header) == expected);
    CHECK(one.empty());
  }
  CHECK(header.payload_size == 0x102);
}

TEST_CASE("what RFC 6455 forbids in one frame is malformed", "[websocket]") {
  CHECK(read({0x82, 0x05}).status == Status::malformed);        // 5.1: a client masks
  CHECK(read({0xC2}).status == Status::malformed);              // 5.2: reserved bit 1
  CHECK(read({0xA2}).status == Status::malformed);              // reserved bit 2
  CHECK(read({0x92}).status == Status::malformed);              // reserved bit 3
  for (uint8_t opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {  // reserved opcodes
    CHECK(read({static_cast<uint8_t>(0x80 | opcode)}).status == Status::malformed);
  }
  CHECK(read({0x82, 0xFE, 0, 125, 0, 0, 0, 0}).status == Status::malformed);  // not the shortest length form
  CHECK(read({0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0}).status == Status::malformed);
  CHECK(read({0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}).status == Status::malformed);  // top bit of 64
  for (uint8_t opcode : {8, 9, 10}) {
    CHECK(read({opcode, 0x80, 0, 0, 0, 0}).status == Status::malformed);  // 5.5: control frames are whole
    CHECK(read({static_cast<uint8_t>(0x80 | opcode), 0xFE, 0, 126, 0, 0, 0, 0}).status == Status::malformed);
    CHECK(read({static_cast<uint8_t>(0x80 | opcode), 0xFD, 0, 0, 0, 0}).status == Status::complete);  // 125
  }
}

TEST_CASE("unmasking is the same at every offset, length and alignment, also in place", "[websocket]") {
  const std::array<uint8_t, 4> mask = {0x11, 0x22, 0x44, 0x88};
  for (size_t size = 0; size < 40; ++size) {
    for (uint64_t offset = 0; offset < 9; ++offset) {
      Bytes bytes(size + 3);
      std::iota(bytes.begin(), bytes.end(), static_cast<uint8_t>(size));
      Bytes expected;
      for (size_t at = 0; at < size; ++at) expected.push_back(bytes[at + 3] ^ mask[(offset + at) % 4]);
      unmask(std::span<const uint8_t>(bytes).subspan(3), bytes.data(), mask, offset);
      bytes.resize(size);
      CHECK(bytes == expected);
    }
  }
}

TEST_CASE("server frames carry no mask and the shortest length form", "[websocket]") {
  std::array<uint8_t, 10> header;
  CHECK(write_frame_header(header, WebSocketOpcode::binary, 125) == 2);
  CHECK((header[0] == 0x82 && header[1] == 125));
  CHECK(write_frame_header(header, WebSocketOpcode::pong, 0) == 2);
  CHECK((header[0] == 0x8A && header[1] == 0));
  CHECK(write_frame_header(header, WebSocketOpcode::binary, 126) == 4);
  CHECK((header[1] == 126 && header[2] == 0 && header[3] == 126));
  CHECK(write_frame_header(header, WebSocketOpcode::binary, 65535) == 4);
  CHECK(write_frame_header(header, WebSocketOpcode::binary, 65536) == 10);
  CHECK((header[1] == 127 && header[7] == 1 && header[8] == 0 && header[9] == 0));
}

TEST_CASE("close codes that a peer may send", "[websocket]") {
  for (uint16_t code : {1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999}) CHECK(is_valid_close_code(code));
  for (uint16_t code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535})
    CHECK_FALSE(is_valid_close_code(code));
}

}  // namespace patchbay::net
