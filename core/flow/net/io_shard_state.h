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

  /// What its host's epoll tells of a guest's.
  struct Collection final : ReadinessEntry {
    void on_ready(uint32_t) override { due = true; }
    void on_turn() override {}  // asks for none
    bool due = true;            ///< the guest's readiness has something to collect
  };

  void loop();
  void wait_and_turn();
  /// A turn without its wait, within an epoch section of the running thread's shard; `found`: there was something
  /// ready.
  void turn(bool found, uint64_t now_ms);
  void begin_turn(bool found, uint64_t now_ms);  ///< what came in
  void end_turn();                               ///< what goes out
  [[nodiscard]] bool wants_turn() const {
    return served || connections.wants_turn() || readiness.wants_turn() || mailbox.has_near_mail();
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
  void begin_turns(bool found);
  void begin_turn_as_guest(uint64_t now_ms);
  void end_turns();
  [[nodiscard]] int sleep_ms_with_guests();
  [[nodiscard]] bool has_found() const { return collection.due || readiness.has_collected(); }
  [[nodiscard]] bool wants_turn_as_guest(uint64_t now_ms) const {
    return has_found() || served || readiness.woken() || mailbox.has_near_mail() || due_ms <= now_ms;
  }
  [[nodiscard]] bool has_more_for_each_other() const;
  static bool run_at_once(void* self, base::Mail& mail);
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
  bool in_turn = false;   ///< it has begun and not ended
  bool served = false;    ///< another shard's call has run mail of it; a turn's end has to follow
  bool serving = false;   ///< a call of this or a guest does that just now
  uint64_t begun_ms = 0;  ///< the last turn has
  uint64_t due_ms = 0;    ///< a guest wants a turn then, whatever happens
  Collection collection;
  std::atomic<bool> stopping{false};
  std::optional<int> processor;  ///< that the thread stays on
  std::thread thread;

  LendingPolicy lending;
  State* host = nullptr;  ///< whose thread may run this shard; null: none
  ShardLease lease;
  ThreadLoad load{LendingPolicy().window_ms};
  uint32_t quiet_windows = 0;
  uint64_t stay_until_ms = 0;
  bool was_hung = false;          ///< given back after turns that took very long; the host's, then the own thread's
  uint64_t awake_ms = 0;          ///< end of the last wait with guests, or when the first came
  uint64_t latest_ms = 0;         ///< time of the last turn of this shard or a guest
  std::vector<State*> guests;     ///< shards that this one's thread runs too
  std::atomic<bool> lent{false};  ///< this and the next for observers only
  std::atomic<uint32_t> lendings{0};
};

}  // namespace patchbay::net
