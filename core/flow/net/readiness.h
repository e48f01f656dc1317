#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/shard_services.h"

namespace patchbay::net {

/// Somebody who has a descriptor watched. [shard]
class ReadinessEntry {
 public:
  /// Bits of on_ready().
  static constexpr uint32_t kReadable = 1;
  static constexpr uint32_t kWritable = 2;
  static constexpr uint32_t kEnded = 4;  ///< end of stream or an error waits behind what can still be read

  ReadinessEntry() = default;
  ReadinessEntry(const ReadinessEntry&) = delete;
  ReadinessEntry& operator=(const ReadinessEntry&) = delete;

  virtual void on_ready(uint32_t what) = 0;
  /// The turn that request_turn() asked for.
  virtual void on_turn() = 0;
  /// The one it was added with, where it stays open until remove(); -1: unknown. Such an entry's events may be found
  /// by the wait of another Readiness that watches its own.
  [[nodiscard]] virtual int descriptor() const { return -1; }

 protected:
  virtual ~ReadinessEntry() = default;

 private:
  friend class Readiness;
  static constexpr uint32_t kMostWatched = 31;
  // Together, for each connection has one of these.
  uint32_t turn_place_ : 27 = 0;  ///< place in the list of those who asked for a turn, plus 1
  uint32_t found_by_ : 5 = 0;     ///< who watches finds its events: place in his list, plus 1; 0: nobody else
};

/// Which sockets of a shard can be read or written. Edge-triggered: told once, until a read or write found nothing more
/// to do. On Linux one epoll descriptor, each socket registered once, and the loop waits right in it: a wake-up costs
/// one system call. Elsewhere (PATCHBAY_PORTABLE_READINESS) Asio's reactor does the same, at its price.
class Readiness {
 public:
  explicit Readiness(const base::ShardServices& services);
  ~Readiness();
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  /// The one of the shard that this thread runs. [shard]
  [[nodiscard]] static Readiness& current();
  /// Makes this thread a shard's while the object lives.
  class Scope {
   public:
    explicit Scope(Readiness& readiness);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Readiness* before_;
  };

  [[nodiscard]] const base::ShardServices& services() const { return services_; }

  /// False when the system refuses to watch one more descriptor.
  [[nodiscard]] bool add(int fd, ReadinessEntry& entry);
  /// Nothing reaches `entry` any more, not even what wait() has collected already. `closing`: the descriptor is closed
  /// right after, which unregisters it at no cost.
  void remove(int fd, ReadinessEntry& entry, bool closing);
  /// A read (write) found nothing more to do: only now does the portable form wait again.
  void read_drained(int fd, ReadinessEntry& entry);
  void write_blocked(int fd, ReadinessEntry& entry);

  void request_turn(ReadinessEntry& entry);
  [[nodiscard]] bool wants_turn() const { return !turns_.empty(); }

  /// Waits at most `timeout_ms` (negative: without end) and collects what is ready; returns how much. Entries of
  /// watch() are told right here and do not count.
  size_t wait(int timeout_ms);
  /// Collects what is ready now, besides what has been collected already. False when there may be more.
  bool collect();
  /// Whether there is something for dispatch(). Besides wait() and collect(), the wait of one that watches brings it.
  [[nodiscard]] bool has_collected() const;
  /// Calls the entries that wait() collected, then those that asked for a turn before this call.
  void dispatch();

  /// Makes wait() return, now or at its next call; costs a system call only while the shard sleeps. [any-thread]
  void wake();
  /// True once after wake(). [shard]
  [[nodiscard]] bool take_wake() { return woken() && woken_.exchange(false, std::memory_order_seq_cst); }
  [[nodiscard]] bool woken() const { return woken_.load(std::memory_order_relaxed); }

  // One thread that runs several shards waits in the host's wait() only (see shard_lending.cpp). A descriptor of
  // another Readiness that is ready is watched by that wait itself from then on, so that it need not be collected: one
  // system call for all shards, not one more for each.

  /// How many descriptors of `other` are watched so; those of the rest, collect() finds.
  static constexpr size_t kMostTaken = 1024;
  /// False where the system has no way to watch the sockets of another Readiness.
  static const bool kCanWatchOthers;
  /// Tells `entry` when something is ready in `other`: once, until other.collect() has returned true.
  /// From then on wait() returns also after other.wake(), now or at its next call.
  [[nodiscard]] bool watch(Readiness& other, ReadinessEntry& entry);
  void unwatch(Readiness& other);

 private:
  struct Poller;
  /// False when there has been a wake() of this or of one that is watched: it must not wait.
  [[nodiscard]] bool begin_sleep();
  void end_sleep();
  void hand_out();
  void take_found(int first);
  void give_back_all();
  void run_turns();
  void forget_turn(ReadinessEntry& entry);

  const base::ShardServices& services_;
  std::unique_ptr<Poller> poller_;
  std::vector<ReadinessEntry*> turns_;
  std::vector<ReadinessEntry*> turns_now_;
  std::vector<Readiness*> watched_;     ///< null: a free place
  Readiness* watcher_ = nullptr;        ///< who watches this one
  uint32_t watcher_place_ = 0;          ///< place in his list, plus 1
  std::vector<ReadinessEntry*> taken_;  ///< entries of this one whose events he finds
  std::atomic<bool> woken_{false};
  std::atomic<bool> sleeping_{false};
};

}  // namespace patchbay::net
