#include "mqtt/codec/variable_byte_integer.h"

#include <array>
#include <catch2/catch.hpp>
#include <vector>

namespace patchbay::mqtt {
namespace {

struct Example {
  uint32_t value;
  std::vector<uint8_t> bytes;
};

// Table 1-1 of the standard: the smallest and the largest value of each length.
const std::vector<Example>& table() {
  static const std::vector<Example> rows = {
      {0, {0x00}},
      {127, {0x7F}},
      {128, {0x80, 0x01}},
      {16'383, {0xFF, 0x7F}},
      {16'384, {0x80, 0x80, 0x01}},
      {2'097'151, {0xFF, 0xFF, 0x7F}},
      {2'097'152, {0x80, 0x80, 0x80, 0x01}},
      {268'435'455, {0xFF, 0xFF, 0xFF, 0x7F}},
  };
  return rows;
}

}  // namespace

TEST_CASE("variable byte integer: the limits of each length, both ways") {
  for (const Example& row : table()) {
    INFO(row.value);
    const VariableByteInteger read = read_variable_byte_integer(row.bytes);
    CHECK(read.value == row.value);
    CHECK(read.size == row.bytes.size());
    CHECK(variable_byte_integer_size(row.value) == row.bytes.size());
    std::array<uint8_t, 4> buffer{};
    base::ByteWriter writer(buffer);
    put_variable_byte_integer(writer, row.value);
    CHECK(std::vector<uint8_t>(buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(writer.written())) == row.bytes);
  }
}

TEST_CASE("variable byte integer: what follows is left alone") {
  const std::vector<uint8_t> bytes = {0x80, 0x01, 0xFF, 0xFF};
  CHECK(read_variable_byte_integer(bytes).size == 2);
  CHECK(read_variable_byte_integer(bytes).value == 128);
}

TEST_CASE("variable byte integer: a cut one asks for more") {
  for (const Example& row : table()) {
    const std::span<const uint8_t> whole(row.bytes);
    for (size_t size = 0; size < whole.size(); ++size) {
      CHECK(read_variable_byte_integer(whole.first(size)).size == VariableByteInteger::cut_off);
    }
  }
}

TEST_CASE("variable byte integer: more bytes than needed, or a fifth one, are malformed [MQTT-1.5.5-1]") {
  for (const std::vector<uint8_t>& bytes : std::vector<std::vector<uint8_t>>{{0x80, 0x00},
                                                                             {0xFF, 0x00},
                                                                             {0x80, 0x80, 0x00},
                                                                             {0xFF, 0xFF, 0xFF, 0x00},
                                                                             {0x80, 0x80, 0x80, 0x80},
                                                                             {0xFF, 0xFF, 0xFF, 0xFF, 0x01},
                                                                             {0x80, 0x80, 0x80, 0x80, 0x01}}) {
    CHECK(read_variable_byte_integer(bytes).size == VariableByteInteger::malformed);
  }
}

}  // namespace patchbay::mqtt
