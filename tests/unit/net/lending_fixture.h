#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "base/clock.h"
#include "net/shard_group.h"
#include "net_fixture.h"

namespace patchbay::net {

/// Lends after one window without asking how much there is to do, and keeps the guest.
inline LendingPolicy at_once() {
  LendingPolicy policy;
  policy.join_percent = 1000;
  policy.part_percent = 1000;
  policy.quiet_windows = 1;
  policy.window_ms = 1;
  policy.stay_ms = 0;
  policy.stall_ms = 60'000;
  return policy;
}

template <class Condition>
bool comes_true(const NetFixture& f, Condition condition) {
  const uint64_t end_ms = f.clock.steady_ms() + 10'000;
  while (!condition()) {
    if (f.clock.steady_ms() > end_ms) return false;
    std::this_thread::yield();
  }
  return true;
}

/// Shards look at their load when a turn ends: gives them one.
inline bool is_lent_soon(NetFixture& f) {
  return comes_true(f, [&f] {
    f.shards.run_on_each([](IoShard&) {});
    return f.shards.shard(1).lent();
  });
}

/// Whether the second shard comes to be lent; the round in which it came is over then.
inline bool is_lent_for_good(ShardGroup& shards) {
  for (int round = 0; round < 200'000 && !shards.shard(1).lent(); ++round) shards.run_on_each([](IoShard&) {});
  for (int round = 0; round < 10; ++round) shards.run_on_each([](IoShard&) {});
  return shards.shard(1).lent();
}

/// Each look at it is a millisecond after the one before, whoever looks: two that should be the same look are told
/// apart.
class TellingClock final : public base::Clock {
 public:
  [[nodiscard]] uint64_t steady_ms() const override { return ++now_ms_; }
  [[nodiscard]] uint64_t unix_ms() const override { return system_.unix_ms(); }
  [[nodiscard]] uint64_t thread_cpu_us() const override { return system_.thread_cpu_us(); }
  [[nodiscard]] uint64_t looks() const { return now_ms_.load(); }

 private:
  base::SystemClock system_;
  mutable std::atomic<uint64_t> now_ms_{1'000'000};
};

}  // namespace patchbay::net
