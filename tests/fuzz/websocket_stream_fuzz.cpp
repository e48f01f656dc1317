// A client's bytes after the WebSocket handshake: however they are cut, the stream gives the same payload and ends the
// same way, and what it answers is made of whole server frames.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fuzz/fuzz_target.h"
#include "support/websocket_harness.h"

namespace patchbay::net {
namespace {

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "websocket_stream_fuzz: %s\n", what);
  std::abort();
}

struct Outcome {
  std::string payload;
  connection::StreamStatus end = connection::StreamStatus::would_block;
  bool operator==(const Outcome&) const = default;
};

/// Only pongs and one close may come, the close last.
void check_answers(std::string_view bytes) {
  bool closed = false;
  while (!bytes.empty()) {
    require(bytes.size() >= 2 && !closed, "half a frame, or one after the close");
    const auto first = static_cast<uint8_t>(bytes[0]);
    const auto size = static_cast<size_t>(static_cast<uint8_t>(bytes[1]));
    require((first == 0x88 || first == 0x8A) && size <= 125 && bytes.size() >= 2 + size, "no control frame");
    closed = first == 0x88;
    bytes.remove_prefix(2 + size);
  }
}

Outcome feed(const std::string& bytes, size_t chunk, size_t buffer) {
  testing::WebSocketHarness harness;
  harness.open();
  harness.client.pipe().read_chunk = chunk;
  harness.client.send(bytes);
  Outcome outcome;
  outcome.payload = harness.read_all(buffer);
  // After some reads that brought no payload the stream asks for another turn instead of going on; here are the turns.
  for (size_t turn = 0; turn < bytes.size() && harness.last == connection::StreamStatus::would_block; ++turn) {
    outcome.payload += harness.read_all(buffer);
  }
  outcome.end = harness.last;
  harness.stream->close();
  check_answers(harness.client.receive());
  return outcome;
}

}  // namespace
}  // namespace patchbay::net

namespace patchbay::fuzz {

std::vector<std::vector<uint8_t>> fuzz_seeds() {
  using testing::masked_frame;
  const std::string texts[] = {
      masked_frame(0x82, "hello") + masked_frame(0x89, "ping") + masked_frame(0x82, "world"),
      masked_frame(0x02, "frag") + masked_frame(0x89, "") + masked_frame(0x00, "men") + masked_frame(0x80, "ted"),
      masked_frame(0x82, std::string(300, 'x')) + masked_frame(0x88, std::string("\x03\xe8", 2) + "bye"),
      masked_frame(0x81, "text"),
      masked_frame(0x88, ""),
  };
  std::vector<std::vector<uint8_t>> seeds;
  for (const std::string& text : texts) seeds.emplace_back(text.begin(), text.end());
  return seeds;
}

}  // namespace patchbay::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace patchbay::net;
  constexpr size_t kLargest = 4096;
  const std::string bytes(reinterpret_cast<const char*>(data), size < kLargest ? size : kLargest);
  const Outcome whole = feed(bytes, kLargest, kLargest);
  require(feed(bytes, 1, 64) == whole, "byte by byte is different");
  require(feed(bytes, 7, 16) == whole, "cuts change what is read");
  return 0;
}
