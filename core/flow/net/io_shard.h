#pragma once

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/shard_services.h"
#include "connection/connection_limits.h"
#include "connection/connection_shard.h"

namespace patchbay::net {

class Readiness;
struct LendingPolicy;

/// One thread and its loop. A *turn* is one pass: wait, enter the epoch, read the clock once, run mail, sockets,
/// timers, then the turn's end: registered callbacks (the distribution posts to other shards), one gathered write for
/// each connection that has output, burial of the dead; leave the epoch.
///
/// Turns of one shard never overlap. Its own thread runs them, or, while little happens, a host shard's thread.
class IoShard {
 public:
  IoShard(base::ShardId id, const base::Clock& clock, base::EpochDomain& epoch,
          const connection::ConnectionLimits& limits);
  ~IoShard();
  IoShard(const IoShard&) = delete;
  IoShard& operator=(const IoShard&) = delete;

  /// Lives as long as the shard. [shard], or before start() [control]
  [[nodiscard]] base::ShardServices& services();
  [[nodiscard]] connection::ConnectionShard& connections();
  [[nodiscard]] Readiness& readiness();
  [[nodiscard]] base::ShardId id() const;

  /// Runs `callback` at the end of each turn, before connections write; in the order of registration. Before start().
  /// [control]
  using TurnEnd = void (*)(void* context);
  void at_turn_end(TurnEnd callback, void* context);

  /// While this shard has little to do, the thread of `host` may run it too. Before start() of both. [control]
  void may_lend_to(IoShard& host, const LendingPolicy& policy);
  /// The host's thread runs this shard just now. [any-thread]
  [[nodiscard]] bool lent() const;
  /// How often it has begun to do so. [any-thread]
  [[nodiscard]] uint32_t lendings() const;

  /// The thread is to run on this processor only. Before start(). [control]
  void stay_on_processor(int processor);
  /// Starts the thread. [control]
  void start();
  /// Ends the loop after the current turn and joins the thread. Mail that comes later is not run. Idempotent. [control]
  void stop();
  [[nodiscard]] bool running() const;
  /// After stop() of all shards: runs the mail that none of them has run, so that what it carries (a connection between
  /// two shards) finds an owner. Returns how much there was. [control]
  size_t run_left_mail();
  /// [any-thread]
  void post(std::unique_ptr<base::Mail> mail);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace patchbay::net
