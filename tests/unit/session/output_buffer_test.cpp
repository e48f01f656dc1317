#include "session/output_buffer.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "base/byte_reader.h"

namespace patchbay::session {

namespace {

struct Buffer {
  ~Buffer() { output.clear(pool); }
  void append(std::string_view text) { output.append(pool, base::as_bytes(text)); }
  /// What is to be sent, as gather() tells it.
  std::string all() const {
    std::array<std::span<const uint8_t>, 64> pieces;
    std::string text;
    const size_t count = output.gather(pieces);
    for (size_t at = 0; at < count; ++at) text += base::as_text(pieces[at]);
    const std::span<const uint8_t> only = output.only_piece();
    CHECK((only.empty() || base::as_text(only) == text));
    return text;
  }
  size_t pieces() const {
    std::array<std::span<const uint8_t>, 64> found;
    return output.gather(found);
  }

  OutputChunkPool pool;
  OutputBuffer output;
};

mqtt::MessageRef message_of(std::string_view payload) {
  mqtt::MessageFields fields;
  fields.topic = "t";
  fields.payload = base::as_bytes(payload);
  return mqtt::Message::create(fields);
}

}  // namespace

TEST_CASE("small pieces lie together in one", "[output]") {
  Buffer b;
  CHECK(b.output.empty());
  CHECK(b.pieces() == 0);
  for (int i = 0; i < 10; ++i) b.append("piece");
  CHECK(b.output.size() == 50);
  CHECK(b.pieces() == 1);
  CHECK(b.all().substr(0, 10) == "piecepiece");
  CHECK(base::as_text(b.output.only_piece()) == b.all());
  b.output.consume(b.pool, 48);
  CHECK(base::as_text(b.output.only_piece()) == "ce");
  b.output.consume(b.pool, 2);
  CHECK(b.output.only_piece().empty());
}

TEST_CASE("what lies in several pieces is no only piece, and a shared payload alone is one", "[output]") {
  Buffer b;
  const mqtt::MessageRef message = message_of("payload");
  b.output.append_shared(b.pool, message, message->payload());
  CHECK(b.output.only_piece().data() == message->payload().data());
  CHECK(b.output.only_piece().size() == 7);
  b.append("tail");
  CHECK(b.output.only_piece().empty());
  b.output.consume(b.pool, 7);
  CHECK(base::as_text(b.output.only_piece()) == "tail");
}

TEST_CASE("consume forgets from the front, across chunks", "[output]") {
  Buffer b;
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    const std::string text = std::to_string(i) + std::string(static_cast<size_t>(i), 'x');
    b.append(text);
    expected += text;
  }
  CHECK(b.all() == expected);
  while (!expected.empty()) {
    const size_t step = std::min<size_t>(expected.size(), 777);
    b.output.consume(b.pool, step);
    expected.erase(0, step);
    REQUIRE(b.output.size() == expected.size());
    REQUIRE(b.all() == expected);
  }
  CHECK(b.output.empty());
  b.append("again");
  CHECK(b.all() == "again");
}

TEST_CASE("what was reserved and not committed is not sent", "[output]") {
  Buffer b;
  uint8_t* room = b.output.reserve(b.pool, 100);
  room[0] = 'a';
  CHECK(b.output.empty());
  CHECK(b.pieces() == 0);
  b.output.commit(1);
  CHECK(b.all() == "a");
  [[maybe_unused]] uint8_t* unused = b.output.reserve(b.pool, 50'000);
  CHECK(b.all() == "a");
  b.output.consume(b.pool, 1);
  CHECK(b.output.empty());
}

TEST_CASE("a shared payload is sent from the message, which lives as long", "[output]") {
  Buffer b;
  const std::string payload(5000, 'p');
  {
    const mqtt::MessageRef message = message_of(payload);
    b.append("head");
    b.output.append_shared(b.pool, message, message->payload());
    b.output.append_shared(b.pool, message, {});
    b.append("tail");
    CHECK(message.use_count() == 2);
    std::array<std::span<const uint8_t>, 3> pieces;
    REQUIRE(b.output.gather(pieces) == 3);
    CHECK(pieces[1].data() == message->payload().data());
  }
  CHECK(b.output.size() == 5008);
  CHECK(b.all() == "head" + payload + "tail");
  b.output.consume(b.pool, 3000);
  CHECK(b.all() == std::string(2004, 'p') + "tail");
}

TEST_CASE("a message is let go when its bytes are sent", "[output]") {
  Buffer b;
  const mqtt::MessageRef message = message_of("payload");
  b.output.append_shared(b.pool, message, message->payload());
  CHECK(message.use_count() == 2);
  b.output.consume(b.pool, 6);
  CHECK(message.use_count() == 2);
  b.output.consume(b.pool, 1);
  CHECK(message.use_count() == 1);
}

TEST_CASE("gather fills what it is given and goes on after consume", "[output]") {
  Buffer b;
  const mqtt::MessageRef message = message_of("shared");
  for (int i = 0; i < 10; ++i) b.output.append_shared(b.pool, message, message->payload());
  std::array<std::span<const uint8_t>, 4> pieces;
  size_t total = 0;
  while (!b.output.empty()) {
    const size_t count = b.output.gather(pieces);
    CHECK(count <= 4);
    b.output.consume(b.pool, count * 6);
    total += count;
  }
  CHECK(total == 10);
  CHECK(message.use_count() == 1);
}

TEST_CASE("a buffer begins small, and blocks are used again", "[output]") {
  OutputChunkPool pool;
  OutputBuffer output;
  const std::string small(OutputChunkPool::kSmallSize, 's');
  output.append(pool, base::as_bytes(small));
  std::array<std::span<const uint8_t>, 2> pieces;
  REQUIRE(output.gather(pieces) == 1);
  const uint8_t* first = pieces[0].data();
  output.append(pool, base::as_bytes("more"));
  CHECK(output.gather(pieces) == 2);
  output.clear(pool);
  output.append(pool, base::as_bytes("new"));
  REQUIRE(output.gather(pieces) == 1);
  CHECK(pieces[0].data() == first);
  const std::string large(100'000, 'L');
  output.append(pool, base::as_bytes(large));
  CHECK(output.size() == 100'003);
  output.clear(pool);
}

TEST_CASE("an empty buffer costs three words", "[output]") {
  CHECK(sizeof(OutputBuffer) == 3 * sizeof(void*));
}

}  // namespace patchbay::session
