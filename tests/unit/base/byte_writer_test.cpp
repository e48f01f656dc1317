#include "base/byte_writer.h"

#include <array>
#include <catch2/catch.hpp>
#include <vector>

#include "base/byte_reader.h"

namespace patchbay::base {

TEST_CASE("byte writer: integers are written big-endian, texts with their length") {
  std::array<uint8_t, 12> buffer{};
  ByteWriter writer(buffer);
  writer.put_u8(0x01);
  writer.put_u16(0x0203);
  writer.put_u32(0x04050607);
  writer.put_prefixed("hi");
  CHECK(writer.written() == 11);
  CHECK(writer.capacity_left() == 1);
  const std::array<uint8_t, 12> expected = {1, 2, 3, 4, 5, 6, 7, 0, 2, 'h', 'i', 0};
  CHECK(buffer == expected);
}

TEST_CASE("byte writer: bytes are copied, also none at all") {
  std::array<uint8_t, 3> buffer{};
  ByteWriter writer(buffer);
  const std::array<uint8_t, 3> bytes = {9, 8, 7};
  writer.put_bytes({});
  writer.put_bytes(bytes);
  CHECK(buffer == bytes);
  CHECK(writer.capacity_left() == 0);
  writer.put_bytes({});
  CHECK(writer.written() == 3);
}

TEST_CASE("byte writer: what is written can be read again") {
  std::vector<uint8_t> buffer(2 + 300 + 4);
  ByteWriter writer(buffer);
  const std::string text(300, 't');
  writer.put_prefixed(text);
  writer.put_u32(0xDEADBEEF);
  ByteReader reader(buffer);
  std::string_view read_text;
  uint32_t number = 0;
  REQUIRE(reader.read_prefixed(read_text));
  REQUIRE(reader.read_u32(number));
  CHECK(read_text == text);
  CHECK(number == 0xDEADBEEF);
  CHECK(reader.empty());
}

}  // namespace patchbay::base
