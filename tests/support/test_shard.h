#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/shard_services.h"
#include "connection/connection_shard.h"
#include "support/memory_stream.h"

namespace patchbay::testing {

/// A shard without a thread: services on a manual clock and connections on in-memory streams. Several may be played on
/// one thread; each call runs as its own shard.
class TestShard {
 public:
  TestShard(base::ShardId id, base::ManualClock& clock, base::EpochDomain& epoch,
            const connection::ConnectionLimits& limits = {})
      : clock_(clock),
        random_(id + 1U),
        timers_(clock.steady_ms()),
        mailbox_([](void* self) { static_cast<TestShard*>(self)->mail_waits_ = true; }, this) {
    services_ = {id, clock.steady_ms(), clock.unix_ms(), &clock_, &random_, &timers_, &counters_, &epoch, &mailbox_};
    connections_ = std::make_unique<connection::ConnectionShard>(services_, limits);
  }
  ~TestShard() {
    const base::ShardScope shard_scope(services_.id);
    const MemoryLoop::Scope loop_scope(loop_);
    connections_.reset();
  }

  [[nodiscard]] base::ShardServices& services() { return services_; }
  [[nodiscard]] connection::ConnectionShard& connections() { return *connections_; }
  [[nodiscard]] uint64_t count(base::Counter counter) const { return counters_.get(counter); }

  /// As IoShard::at_turn_end().
  void at_turn_end(void (*callback)(void*), void* context) { turn_ends_.push_back({callback, context}); }

  /// A client that the listener has just accepted.
  connection::Connection& accept(MemoryClient& client, const session::ListenerInfo& listener) {
    session::PeerInfo peer;
    peer.listener = &listener;
    const base::ShardScope shard_scope(services_.id);
    const MemoryLoop::Scope loop_scope(loop_);
    return connections_->add(client.make_stream(peer));
  }

  /// Runs `work` as a part of a turn of this shard.
  template <class Work>
  void turn(Work&& work) {
    const base::ShardScope shard_scope(services_.id);
    const MemoryLoop::Scope loop_scope(loop_);
    services_.epoch->enter(services_.id);
    services_.now_ms = clock_.steady_ms();
    services_.now_unix_ms = clock_.unix_ms();
    mail_waits_ = false;
    mailbox_.drain();
    loop_.dispatch();
    timers_.advance(services_.now_ms);
    work();
    connections_->end_turn(&TestShard::run_turn_ends, this);
    services_.epoch->leave(services_.id);
  }
  void turn() {
    turn([] {});
  }
  [[nodiscard]] bool idle() const { return !mail_waits_ && loop_.idle() && !connections_->wants_turn(); }

 private:
  struct TurnEnd {
    void (*callback)(void*);
    void* context;
  };
  static void run_turn_ends(void* self) {
    for (const TurnEnd& end : static_cast<TestShard*>(self)->turn_ends_) end.callback(end.context);
  }

  base::ManualClock& clock_;
  base::SeededRandom random_;
  base::TimerWheel timers_;
  base::Counters counters_;
  base::Mailbox mailbox_;
  base::ShardServices services_;
  MemoryLoop loop_;
  std::unique_ptr<connection::ConnectionShard> connections_;
  std::vector<TurnEnd> turn_ends_;
  bool mail_waits_ = false;
};

/// Runs turns until no shard has anything to do without outside help.
inline void run_until_idle(std::initializer_list<TestShard*> shards) {
  constexpr int kTooLong = 100'000;
  for (int turns = 0; turns < kTooLong; ++turns) {
    bool idle = true;
    for (TestShard* shard : shards) {
      shard->turn();
      idle = idle && shard->idle();
    }
    if (idle) return;
  }
  PATCHBAY_ASSERT(!"the shards never come to rest");
}

}  // namespace patchbay::testing
