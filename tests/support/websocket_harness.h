#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/shard_services.h"
#include "net/connection_quota.h"
#include "net/listener_state.h"
#include "net/readiness.h"
#include "net/websocket_stream.h"
#include "support/memory_stream.h"

namespace patchbay::testing {

/// A WebSocket stream on top of an in-memory stream, whose reads and writes may be cut anywhere.
class WebSocketHarness final : private connection::StreamWatcher {
 public:
  static constexpr std::string_view kRequest =
      "GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";

  WebSocketHarness() : timers(clock.steady_ms()), readiness(services), scope(readiness), loop_scope(loop) {
    services.now_ms = clock.steady_ms();
    services.clock = &clock;
    services.timers = &timers;
    services.counters = &counters;
    listener.options.type = net::ListenerType::ws;
    session::PeerInfo peer;
    peer.listener = &listener;
    stream = std::make_unique<net::WebSocketStream>(client.make_stream(peer), listener);
    stream->watch(this);
  }
  ~WebSocketHarness() override { stream.reset(); }

  /// Sends the opening request and takes the answer away.
  void open() {
    client.send(kRequest);
    std::vector<uint8_t> nothing(1);
    last = stream->read(nothing).status;
    [[maybe_unused]] const std::string answer = client.receive();
  }

  /// Reads until nothing more comes, `size` bytes at a time; `last` tells how it ended.
  std::string read_all(size_t size) {
    constexpr int kTurns = 64;  // the stream asks for turns of its own when frames carry no data
    std::string text;
    std::vector<uint8_t> buffer(size);
    for (int turn = 0; turn < kTurns;) {
      const connection::StreamResult result = stream->read(buffer);
      last = result.status;
      text.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(result.bytes));
      if (last == connection::StreamStatus::would_block) ++turn;
      if (last == connection::StreamStatus::end || last == connection::StreamStatus::failed) break;
      if (last == connection::StreamStatus::would_block && client.pipe().to_server.empty()) break;
    }
    return text;
  }

  base::ManualClock clock;
  base::TimerWheel timers;
  base::Counters counters;
  base::ShardServices services;
  net::Readiness readiness;
  net::Readiness::Scope scope;
  MemoryLoop loop;
  MemoryLoop::Scope loop_scope;
  net::ListenerState listener;
  MemoryClient client;
  std::unique_ptr<net::WebSocketStream> stream;
  connection::StreamStatus last = connection::StreamStatus::would_block;

 private:
  void on_readable() override {}
  void on_writable() override {}
};

/// A client's frame, masked. `first`: FIN and opcode.
inline std::string masked_frame(uint8_t first, std::string_view payload) {
  constexpr std::string_view kMask = "\x37\xfa\x21\x3d";
  const size_t extra = payload.size() < 126 ? 0 : (payload.size() <= 0xFFFF ? 2 : 8);
  std::string text(1, static_cast<char>(first));
  text += static_cast<char>(0x80 | (extra == 0 ? payload.size() : (extra == 2 ? 126U : 127U)));
  for (size_t at = extra; at > 0; --at) text += static_cast<char>(uint64_t{payload.size()} >> (8 * (at - 1)) & 0xFF);
  text += kMask;
  for (size_t at = 0; at < payload.size(); ++at) text += static_cast<char>(payload[at] ^ kMask[at % 4]);
  return text;
}

}  // namespace patchbay::testing
