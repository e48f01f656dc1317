#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/deferral.h"
#include "connection/connection_extensions.h"
#include "net_fixture.h"
#include "support/point_listener.h"

namespace patchbay::net {

/// Two shards that run with hook points and a directory of protocols.
struct NetHookFixture {
  NetHookFixture() : shards(2, clock, epoch, {}), listeners(shards, {}, extensions) {
    shards.run_on_each([this](IoShard& shard) {
      deferrals.push_back(std::make_unique<base::Deferrals>(shard.services(), 16));
      shard.services().deferrals = deferrals.back().get();
      completions.attach(shard.id(), deferrals.back().get());
    });
    shards.start();
  }
  ~NetHookFixture() {
    shards.stop();
    shards.run_on_each([](IoShard& shard) { shard.connections().destroy_all(); });
  }

  uint16_t start(ListenerOptions options) {
    options.bind = "127.0.0.1:0";
    auto started = listeners.start(
        options, [this](IoShard&, const session::ListenerInfo&) { return std::make_unique<EchoFactory>(counts); });
    if (!started) FAIL(started.error());
    return started->port;
  }
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
  hooks::HookPoints points;
  connection::ProtocolDirectory protocols;
  connection::ConnectionExtensions extensions{points, protocols};
  EchoCounts counts;
  base::CompletionRouter completions;
  ShardGroup shards;
  std::vector<std::unique_ptr<base::Deferrals>> deferrals;
  Listeners listeners;
};

/// Texts that shards note and the test reads.
class Notes {
 public:
  void add(std::string text) {
    const std::lock_guard lock(mutex_);
    texts_.push_back(std::move(text));
  }
  [[nodiscard]] std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return texts_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> texts_;
};

}  // namespace patchbay::net
