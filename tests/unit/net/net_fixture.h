#pragma once

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/epoch.h"
#include "net/listeners.h"
#include "net/shard_group.h"
#include "session/protocol_machine.h"

namespace patchbay::net {

/// What all shards' machines have seen; counted, since they run on other threads.
struct EchoCounts {
  std::atomic<uint32_t> machines{0};
  std::atomic<uint32_t> closed{0};
  std::atomic<uint32_t> kicked{0};
};

/// Echoes. Some first bytes of what comes in one piece are orders: 'W' who am I (answers address, certificate name and
/// shard), 'Q' quit, '>' and a digit: move to that shard and echo there.
class EchoMachine final : public session::ProtocolMachine {
 public:
  EchoMachine(session::ConnectionPort& port, EchoCounts& counts) : port_(port), counts_(counts) { ++counts_.machines; }

  size_t on_bytes(std::span<const uint8_t> bytes, size_t&) override {
    std::string text(bytes.begin(), bytes.end());
    if (text[0] == 'W') text = who();
    if (text[0] == '>' && text.size() > 1) {
      const auto target = static_cast<base::ShardId>(text[1] - '0');
      if (target != base::current_shard()) {
        port_.move_to(target);
        return 0;
      }
    }
    write(text);
    if (text[0] == 'Q') port_.close(session::CloseReason::normal);
    return bytes.size();
  }
  void on_writable() override {}
  void on_closed(session::CloseReason) override { ++counts_.closed; }
  void on_kick(session::CloseReason reason) override {
    ++counts_.kicked;
    write("bye");
    port_.close(reason);
  }

 private:
  std::string who() const {
    const session::PeerInfo& peer = port_.peer();
    return peer.address_text() + "|" + (peer.loopback ? "loopback" : "remote") + "|" +
           (peer.certificate == nullptr ? "-" : peer.certificate->common_name) + "|" + peer.listener->id + "\n";
  }
  void write(std::string_view text) {
    port_.output().append(port_.pool(), {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
    port_.output_added();
  }

  session::ConnectionPort& port_;
  EchoCounts& counts_;
};

class EchoFactory final : public session::ProtocolFactory {
 public:
  explicit EchoFactory(EchoCounts& counts) : counts_(counts) {}
  std::unique_ptr<session::ProtocolMachine> create(session::ConnectionPort& port) override {
    return std::make_unique<EchoMachine>(port, counts_);
  }

 private:
  EchoCounts& counts_;
};

/// Two shards that run, and listeners on free ports of 127.0.0.1.
struct NetFixture {
  explicit NetFixture(const NetLimits& limits = {}, const connection::ConnectionLimits& connection_limits = {},
                      const LendingPolicy& lending = {})
      : shards(2, clock, epoch, connection_limits, lending), listeners(shards, limits) {
    shards.start();
  }
  ~NetFixture() { shards.stop(); }

  uint16_t start(ListenerOptions options) {
    options.bind = "127.0.0.1:0";
    auto started = listeners.start(
        options, [this](IoShard&, const session::ListenerInfo&) { return std::make_unique<EchoFactory>(counts); });
    if (!started) FAIL(started.error());
    return started->port;
  }
  uint16_t start(ListenerType type) {
    ListenerOptions options;
    options.type = type;
    return start(options);
  }
  /// Waits (by yielding) until `counter` has reached `value`; real sockets have no clock that a test could move.
  bool reaches(base::Counter counter, uint64_t value) const {
    const uint64_t end_ms = clock.steady_ms() + 10'000;
    while (shards.count(counter) < value) {
      if (clock.steady_ms() > end_ms) return false;
      std::this_thread::yield();
    }
    return true;
  }

  base::SystemClock clock;
  base::EpochDomain epoch;
  EchoCounts counts;
  ShardGroup shards;
  Listeners listeners;
};

}  // namespace patchbay::net
