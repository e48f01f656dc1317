#include "base/byte_reader.h"

#include <catch2/catch.hpp>
#include <vector>

namespace patchbay::base {

TEST_CASE("byte reader: integers are big-endian and are read front to back") {
  const std::vector<uint8_t> bytes = {0x01, 0x02, 0x03, 0xFF, 0xFE, 0xFD, 0xFC};
  ByteReader reader(bytes);
  uint8_t small = 0;
  uint16_t medium = 0;
  uint32_t large = 0;
  REQUIRE(reader.read_u8(small));
  REQUIRE(reader.read_u16(medium));
  REQUIRE(reader.read_u32(large));
  CHECK(small == 0x01);
  CHECK(medium == 0x0203);
  CHECK(large == 0xFFFEFDFC);
  CHECK(reader.empty());
  CHECK(reader.position() == 7);
}

TEST_CASE("byte reader: a read that does not fit changes nothing") {
  const std::vector<uint8_t> bytes = {0x12};
  ByteReader reader(bytes);
  uint8_t small = 7;
  uint16_t medium = 7;
  uint32_t large = 7;
  std::span<const uint8_t> run;
  std::string_view text = "before";
  CHECK_FALSE(reader.read_u16(medium));
  CHECK_FALSE(reader.read_u32(large));
  CHECK_FALSE(reader.read_bytes(2, run));
  CHECK_FALSE(reader.read_prefixed(text));
  CHECK_FALSE(reader.skip(2));
  CHECK(medium == 7);
  CHECK(large == 7);
  CHECK(text == "before");
  CHECK(reader.position() == 0);
  CHECK(reader.read_u8(small));
  CHECK(small == 0x12);
  CHECK_FALSE(reader.read_u8(small));
}

TEST_CASE("byte reader: prefixed texts are views, and may be empty") {
  const std::vector<uint8_t> bytes = {0, 2, 'h', 'i', 0, 0, 0, 3, 'x'};
  ByteReader reader(bytes);
  std::string_view text;
  REQUIRE(reader.read_prefixed(text));
  CHECK(text == "hi");
  CHECK(text.data() == reinterpret_cast<const char*>(bytes.data() + 2));
  REQUIRE(reader.read_prefixed(text));
  CHECK(text.empty());
  CHECK_FALSE(reader.read_prefixed(text));
  CHECK(reader.position() == 6);
  CHECK(reader.remaining() == 3);
}

TEST_CASE("byte reader: bytes, rest and skip share the position") {
  const std::vector<uint8_t> bytes = {1, 2, 3, 4};
  ByteReader reader(bytes);
  std::span<const uint8_t> run;
  REQUIRE(reader.skip(1));
  REQUIRE(reader.read_bytes(2, run));
  CHECK(std::vector<uint8_t>(run.begin(), run.end()) == std::vector<uint8_t>{2, 3});
  CHECK(reader.rest().size() == 1);
  CHECK(reader.rest().front() == 4);
  CHECK(reader.cursor() == bytes.data() + 3);
}

TEST_CASE("byte reader: nothing can be read from nothing") {
  ByteReader reader;
  uint8_t value = 0;
  std::span<const uint8_t> run;
  CHECK(reader.empty());
  CHECK_FALSE(reader.read_u8(value));
  CHECK(reader.read_bytes(0, run));
}

TEST_CASE("byte reader: texts and bytes are two views of the same memory") {
  const std::string_view text = "abc";
  CHECK(as_bytes(text).size() == 3);
  CHECK(as_text(as_bytes(text)) == text);
  CHECK(as_text(as_bytes(text)).data() == text.data());
}

}  // namespace patchbay::base
