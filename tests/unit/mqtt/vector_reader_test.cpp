// The reader of golden packets itself: a vector that is misread proves nothing.
#include "support/vector_reader.h"

#include <catch2/catch.hpp>
#include <stdexcept>

namespace patchbay::test_support {

TEST_CASE("vector reader: a block is read with bytes, texts and comments") {
  const auto vectors = parse_packet_vectors(
      "# about the file\n\nname: one\nclause: MQTT-1.2.3-4 MQTT-5.6.7-8\nversion: 3.1\nfrom: server\nhex:\n"
      "  32 0A \"a # b\" ff # comment \"not this\"\n  00\nis:\n  topic = a # b\n  user_property =\nencodes: 32 00\n\n"
      "name: two\nversion: 5\nfrom: client\nhex:\n  c0 01 00\nerror: malformed_packet MQTT-2.1.4\n");
  REQUIRE(vectors.size() == 2);
  CHECK(vectors[0].name == "one");
  CHECK(vectors[0].clauses == std::vector<std::string>{"MQTT-1.2.3-4", "MQTT-5.6.7-8"});
  CHECK(vectors[0].version == mqtt::ProtocolVersion::v3_1);
  CHECK(vectors[0].sender == mqtt::Sender::server);
  CHECK(vectors[0].bytes == std::vector<uint8_t>{0x32, 0x0A, 'a', ' ', '#', ' ', 'b', 0xFF, 0x00});
  CHECK(vectors[0].fields == std::vector<std::string>{"topic = a # b", "user_property ="});
  CHECK(vectors[0].encoded == std::vector<uint8_t>{0x32, 0x00});
  CHECK(vectors[0].is_valid());
  CHECK_FALSE(vectors[1].is_valid());
  CHECK(vectors[1].error_reason == "malformed_packet");
  CHECK(vectors[1].error_clause == "MQTT-2.1.4");
  CHECK(vectors[1].encoded == vectors[1].bytes);
}

TEST_CASE("vector reader: what breaks the form is refused with the line") {
  for (const char* text : {"name: x\nhex:\n  0g\nis:\n", "name: x\nhex:\n  \"open\nis:\n", "name: x\nhex:\n  00\n",
                           "hex:\n  00\nis:\n", "name: x\nversion: 4\n", "name: x\nfrom: nobody\n", "color: red\n",
                           "nothing\n", "  indented\n", "name: x\nhex:\n  00\nerror: one_word\n"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_packet_vectors(text), std::runtime_error);
  }
  CHECK_THROWS_WITH(parse_packet_vectors("name: x\nhex:\n  zz\nis:\n"), Catch::Contains("line 3"));
}

}  // namespace patchbay::test_support
