#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/mailbox.h"
#include "base/patient_mailbox.h"
#include "base/random.h"
#include "base/shard_services.h"
#include "base/timer_wheel.h"
#include "connection/connection_shard.h"
#include "net/io_shard.h"
#include "net/lending_policy.h"
#include "net/readiness.h"
#include "net/shard_lease.h"
#include "net/thread_load.h"

namespace patchbay::net {

/// The inside of an IoShard: its parts (io_shard.cpp), and how one thread runs several shards (shard_lending.cpp).
struct IoShard::State {
  State(base::ShardId id, const base::Clock& clock, base::EpochDomain& epoch,
        const connection::ConnectionLimits& limits);
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// A shard that this one's thread runs too.
  struct Guest final : ReadinessEntry {
    explicit Guest(State& its_shard) : shard(its_shard) {}
    void on_ready(uint32_t) override { ready = true; }
    void on_turn() override {}  // asks for none
    [[nodiscard]] bool wants_turn(uint64_t now_ms) const {
      return ready || shard.readiness.woken() || shard.mailbox.has_near_mail() || due_ms <= now_ms;
    }

    State& shard;
    uint64_t due_ms = 0;  ///< it wants a turn then, whatever happens
    bool ready = true;    ///< its readiness has something to collect
  };

  void loop();
  void wait_and_turn();
  /// A turn without its wait, within an epoch section of the running thread's shard; `found`: there was something
  /// ready.
  void turn(bool found, uint64_t now_ms);
  [[nodiscard]] bool wants_turn() const {
    return connections.wants_turn() || readiness.wants_turn() || mailbox.has_near_mail();
  }
  [[nodiscard]] int sleep_ms() const;
  void refresh_time() { refresh_time(services.clock->steady_ms()); }
  void refresh_time(uint64_t now_ms);
  static void reclaim(void* self);
  static void before_flush(void* self);

  void set_lending(const LendingPolicy& policy) {
    lending = policy;
    load = ThreadLoad(policy.window_ms);
  }

  // Lending. Everything but offer_quiet_shard() runs on the host's thread.
  void look_at_load();
  void offer_quiet_shard();
  void consider(State& guest);
  void wait_and_turn_with_guests();
  void turns_of_all(bool found);
  [[nodiscard]] int sleep_ms_with_guests();
  void turn_guest(Guest& guest);
  void end_near_mail();
  void part(size_t index);
  void part_from_all();

  base::ShardServices services;
  base::SystemRandom random;
  base::TimerWheel timers;
  base::Counters counters;
  Readiness readiness;
  base::Mailbox mailbox;
  base::PatientMailbox patient_mailbox;
  connection::ConnectionShard connections;
  base::Timer reclaim_timer;
  std::vector<std::pair<TurnEnd, void*>> turn_ends;
  uint64_t unix_due_ms = 0;
  bool busy = false;
  std::atomic<bool> stopping{false};
  std::optional<int> processor;  ///< that the thread stays on
  std::thread thread;

  LendingPolicy lending;
  State* host = nullptr;  ///< whose thread may run this shard; null: none
  ShardLease lease;
  ThreadLoad load{LendingPolicy().window_ms};
  uint32_t quiet_windows = 0;
  uint64_t stay_until_ms = 0;
  bool was_hung = false;   ///< given back after turns that took very long; the host's, then the own thread's
  uint64_t awake_ms = 0;   ///< end of the last wait with guests, or when the first came
  uint64_t latest_ms = 0;  ///< time of the last turn of this shard or a guest
  std::vector<std::unique_ptr<Guest>> guests;
  std::atomic<bool> lent{false};  ///< this and the next for observers only
  std::atomic<uint32_t> lendings{0};
};

}  // namespace patchbay::net
