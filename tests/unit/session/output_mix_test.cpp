#include "session/output_buffer.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/random.h"

using namespace patchbay;
using namespace patchbay::session;

namespace {

mqtt::MessageRef message(const std::string& payload) {
  mqtt::MessageFields fields;
  fields.topic = "t";
  fields.payload = {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()};
  return mqtt::Message::create(fields);
}

std::span<const uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// Takes up to `maximum` bytes out, as a socket would.
std::string take(OutputBuffer& buffer, OutputChunkPool& pool, size_t maximum) {
  std::string text;
  std::span<const uint8_t> pieces[3];
  const size_t count = buffer.gather(pieces);
  for (size_t i = 0; i < count && text.size() < maximum; ++i) {
    const size_t size = std::min(pieces[i].size(), maximum - text.size());
    text.append(reinterpret_cast<const char*>(pieces[i].data()), size);
  }
  buffer.consume(pool, text.size());
  return text;
}

}  // namespace

TEST_CASE("output mix: small pieces are copied together, large payloads are referenced, order is kept") {
  OutputChunkPool pool;
  OutputBuffer buffer;
  const std::string payload(5000, 'p');
  const auto shared = message(payload);
  buffer.append(pool, bytes_of("head"));
  buffer.append(pool, bytes_of("+"));
  buffer.append_shared(pool, shared, shared->payload());
  CHECK(shared.use_count() == 2);
  buffer.append(pool, bytes_of("tail"));
  CHECK(buffer.size() == 5009);
  std::span<const uint8_t> pieces[8];
  CHECK(buffer.gather(pieces) == 3);
  CHECK(pieces[1].data() == shared->payload().data());
  CHECK(take(buffer, pool, 100'000) == "head+" + payload + "tail");
  CHECK(buffer.empty());
  CHECK(shared.use_count() == 1);
}

TEST_CASE("output mix: nothing to share, and nothing to gather") {
  OutputChunkPool pool;
  OutputBuffer buffer;
  const auto empty = message("");
  buffer.append_shared(pool, empty, empty->payload());
  std::span<const uint8_t> pieces[2];
  CHECK(buffer.gather(pieces) == 0);
  CHECK(buffer.empty());
}

TEST_CASE("output mix: what is left is given back when it is cleared") {
  OutputChunkPool pool;
  OutputBuffer buffer;
  const auto shared = message(std::string(3000, 's'));
  buffer.append(pool, bytes_of(std::string(100'000, 'x')));
  buffer.append_shared(pool, shared, shared->payload());
  buffer.consume(pool, 10);
  buffer.clear(pool);
  CHECK(buffer.empty());
  CHECK(shared.use_count() == 1);
}

TEST_CASE("output mix: any mix of pieces and partial writes comes out as it went in") {
  base::SeededRandom random(3);
  OutputChunkPool pool;
  OutputBuffer buffer;
  std::string expected;
  std::string got;
  for (int step = 0; step < 3000; ++step) {
    const std::string text(random.below(60) + (random.below(20) == 0 ? 20'000 : 0),
                           static_cast<char>('a' + random.below(26)));
    if (random.below(8) == 0) {
      const auto shared = message(text);
      buffer.append_shared(pool, shared, shared->payload());
    } else if (!text.empty()) {
      buffer.append(pool, bytes_of(text));
    }
    expected += text;
    if (random.below(3) == 0) got += take(buffer, pool, random.below(4000));
    REQUIRE(buffer.size() == expected.size() - got.size());
  }
  while (!buffer.empty()) got += take(buffer, pool, 100'000);
  CHECK(got == expected);
}
