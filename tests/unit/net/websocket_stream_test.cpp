#include "net/websocket_stream.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/websocket_harness.h"

namespace patchbay::net {

using base::Counter;
using connection::StreamResult;
using connection::StreamStatus;
using testing::masked_frame;
using testing::WebSocketHarness;

namespace {

std::string text_of_size(size_t size) {
  std::string text(size, '\0');
  for (size_t at = 0; at < size; ++at) text[at] = static_cast<char>('a' + (at * 3 + at / 41) % 26);
  return text;
}

/// Writes all of `text` in pieces of `piece` bytes, as a connection offers what is left again and again.
void write_all(WebSocketHarness& harness, const std::string& text, size_t piece) {
  size_t sent = 0;
  for (int calls = 0; sent < text.size(); ++calls) {
    REQUIRE(calls < 1'000'000);
    std::vector<std::span<const uint8_t>> pieces;
    for (size_t at = sent; at < text.size() && pieces.size() < 5; at += piece) {
      const std::string_view part = std::string_view(text).substr(at, piece);
      pieces.push_back({reinterpret_cast<const uint8_t*>(part.data()), part.size()});
    }
    const StreamResult result = harness.stream->write(pieces);
    REQUIRE(result.status == StreamStatus::ok);
    sent += result.bytes;
  }
}

/// Takes server frames apart: payload of the binary ones, and of the pongs.
void take_apart(std::string_view bytes, std::string& binary, std::string& pongs) {
  while (!bytes.empty()) {
    const auto first = static_cast<uint8_t>(bytes[0]);
    size_t size = static_cast<uint8_t>(bytes[1]);
    REQUIRE(size <= 127);
    const size_t extra = size < 126 ? 0 : (size == 126 ? 2 : 8);
    if (extra != 0) size = 0;
    for (size_t at = 0; at < extra; ++at) size = size << 8 | static_cast<uint8_t>(bytes[2 + at]);
    REQUIRE(bytes.size() >= 2 + extra + size);
    REQUIRE((first == 0x82 || first == 0x8A));
    (first == 0x82 ? binary : pongs).append(bytes.substr(2 + extra, size));
    bytes.remove_prefix(2 + extra + size);
  }
}

}  // namespace

TEST_CASE("reads that are cut anywhere give the same bytes", "[websocket]") {
  const std::string whole = text_of_size(70'300);
  const std::string frames = masked_frame(0x02, whole.substr(0, 100)) + masked_frame(0x00, whole.substr(100, 200)) +
                             masked_frame(0x89, "ping") + masked_frame(0x80, whole.substr(300, 70'000 - 300)) +
                             masked_frame(0x8A, "") + masked_frame(0x82, "") + masked_frame(0x82, whole.substr(70'000));
  for (const size_t chunk : {size_t{1}, size_t{2}, size_t{3}, size_t{7}, size_t{1000}, size_t{100'000}}) {
    for (const size_t buffer : {size_t{1}, size_t{5}, size_t{64}, size_t{65536}}) {
      if (chunk * buffer < 5) continue;
      CAPTURE(chunk, buffer);
      WebSocketHarness harness;
      harness.open();
      harness.client.pipe().read_chunk = chunk;
      harness.client.send(frames);
      CHECK(harness.read_all(buffer) == whole);
      CHECK(harness.last == StreamStatus::would_block);
      CHECK(harness.client.receive() == std::string("\x8a\x04ping"));
    }
  }
}

TEST_CASE("writes that are cut anywhere give whole frames", "[websocket]") {
  const std::string text = text_of_size(3'000);
  for (const size_t chunk : {size_t{1}, size_t{2}, size_t{3}, size_t{50}, size_t{1'000'000}}) {
    for (const size_t piece : {size_t{1}, size_t{100}, size_t{700}}) {
      CAPTURE(chunk, piece);
      WebSocketHarness harness;
      harness.open();
      harness.client.pipe().write_chunk = chunk;
      write_all(harness, text, piece);
      std::string binary;
      std::string pongs;
      take_apart(harness.client.receive(), binary, pongs);
      CHECK(binary == text);
      CHECK_FALSE(harness.stream->has_pending_output());
    }
  }
}

TEST_CASE("a pong waits for the end of the frame that is being written", "[websocket]") {
  WebSocketHarness harness;
  harness.open();
  harness.client.pipe().window = 50;
  const std::string text = text_of_size(100);
  const std::span<const uint8_t> all(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  const StreamResult first = harness.stream->write({&all, 1});
  CHECK(first.bytes == 48);  // of 50, two are the header
  harness.client.send(masked_frame(0x89, "now?"));
  CHECK(harness.read_all(1000).empty());
  CHECK(harness.stream->has_pending_output());
  std::string received = harness.client.receive();
  harness.client.pipe().window = 1000;
  const std::span<const uint8_t> rest = all.subspan(first.bytes);
  CHECK(harness.stream->write({&rest, 1}).bytes == rest.size());
  CHECK(harness.stream->write({}).status == StreamStatus::ok);
  CHECK_FALSE(harness.stream->has_pending_output());
  received += harness.client.receive();
  std::string binary;
  std::string pongs;
  take_apart(received, binary, pongs);
  CHECK(binary == text);
  CHECK(pongs == "now?");
}

TEST_CASE("bytes added while a frame is under way go into the next one", "[websocket]") {
  WebSocketHarness harness;
  harness.open();
  harness.client.pipe().window = 12;
  std::string text = "0123456789abcdef";
  std::span<const uint8_t> piece(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  CHECK(harness.stream->write({&piece, 1}).bytes == 10);
  std::string received = harness.client.receive();
  harness.client.pipe().window = 1000;
  text += "more";
  piece = {reinterpret_cast<const uint8_t*>(text.data()) + 10, text.size() - 10};
  CHECK(harness.stream->write({&piece, 1}).bytes == 6);
  piece = piece.subspan(6);
  CHECK(harness.stream->write({&piece, 1}).bytes == 4);
  received += harness.client.receive();
  CHECK(received == std::string("\x82\x10") + "0123456789abcdef" + "\x82\x04more");
}

TEST_CASE("the answer to the request may leave in parts", "[websocket]") {
  WebSocketHarness harness;
  harness.client.pipe().window = 10;
  harness.client.send(WebSocketHarness::kRequest);
  CHECK(harness.read_all(100).empty());
  CHECK(harness.stream->has_pending_output());
  std::string answer = harness.client.receive();
  CHECK(answer == "HTTP/1.1 1");
  harness.client.pipe().window = 10'000;
  CHECK(harness.stream->write({}).status == StreamStatus::ok);
  CHECK_FALSE(harness.stream->has_pending_output());
  answer += harness.client.receive();
  CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("the handshake's time is bounded on the shard's clock", "[websocket]") {
  WebSocketHarness harness;
  harness.client.send("GET /mqtt");
  CHECK(harness.read_all(100).empty());
  CHECK(harness.last == StreamStatus::would_block);
  harness.clock.advance_ms(15'100);
  harness.timers.advance(harness.clock.steady_ms());
  CHECK(harness.read_all(100).empty());
  CHECK(harness.last == StreamStatus::failed);
  CHECK(harness.counters.get(Counter::connections_websocket_failed) == 1);
}

TEST_CASE("once open, no timer runs", "[websocket]") {
  WebSocketHarness harness;
  CHECK(harness.timers.size() == 1);
  harness.open();
  CHECK(harness.timers.size() == 0);
}

TEST_CASE("nothing is sent behind a close frame", "[websocket]") {
  WebSocketHarness harness;
  harness.open();
  harness.client.send(masked_frame(0x88, std::string("\x03\xe8", 2)));
  CHECK(harness.read_all(100).empty());
  CHECK(harness.last == StreamStatus::end);
  const std::span<const uint8_t> piece(reinterpret_cast<const uint8_t*>("late"), 4);
  CHECK(harness.stream->write({&piece, 1}).status == StreamStatus::would_block);
  harness.stream->close();
  CHECK(harness.client.receive() == std::string("\x88\x02\x03\xe8", 4));
}

}  // namespace patchbay::net
