#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/shard.h"

namespace patchbay::plugin_bridge {

/// What an instance may have a hand on. Its code can be unmapped only when all of them are zero.
enum class Held : uint8_t {
  hook_entries,  ///< in a published list, or not yet past the barrier
  tokens,        ///< deferred questions
  leases,        ///< of services, given and taken
  timers,
  fd_watches,
  streams,  ///< outgoing connections
  listeners,
  connections,
  worker_jobs,  ///< waiting or running
  threads,      ///< started by the host for it, not joined
  message_references,
  adopted_payloads,
  answers,  ///< made by answers.h and not sent yet
  client_slots,
  subscriptions,
  routes,
  metrics,
  count_
};

inline constexpr size_t kHeldKinds = static_cast<size_t>(Held::count_);

/// "message references", for the sentence that says why an instance cannot be unmapped.
[[nodiscard]] std::string_view held_name(Held what);

/// Counts what one instance holds: on a shard one plain store in the shard's own line. Taking on one thread and giving
/// back on another is the rule, so that only the sum means anything. [any-thread]
class HeldCounters {
 public:
  explicit HeldCounters(uint32_t shards);

  void add(Held what, uint32_t amount = 1) { change(what, static_cast<int64_t>(amount)); }
  void remove(Held what, uint32_t amount = 1) { change(what, -static_cast<int64_t>(amount)); }
  /// Exact when nobody changes it meanwhile.
  [[nodiscard]] uint64_t value(Held what) const;
  [[nodiscard]] bool all_zero() const;

 private:
  struct alignas(64) Cells {
    std::array<std::atomic<int64_t>, kHeldKinds> amounts{};
  };
  void change(Held what, int64_t amount) {
    const base::ShardId shard = base::current_shard();
    std::atomic<int64_t>& own = cells_[shard < shards_ ? shard : shards_].amounts[static_cast<size_t>(what)];
    if (shard < shards_) {
      own.store(own.load(std::memory_order_relaxed) + amount, std::memory_order_release);
    } else {
      own.fetch_add(amount, std::memory_order_acq_rel);
    }
  }

  uint32_t shards_;
  std::unique_ptr<Cells[]> cells_;  // one for each shard, and one for all other threads
};

/// One kind of HeldCounters, for whoever only counts that.
class HeldCounter {
 public:
  HeldCounter(HeldCounters& counters, Held what) : counters_(&counters), what_(what) {}
  void add(uint32_t amount = 1) const { counters_->add(what_, amount); }
  void remove(uint32_t amount = 1) const { counters_->remove(what_, amount); }
  [[nodiscard]] uint64_t value() const { return counters_->value(what_); }

 private:
  HeldCounters* counters_;
  Held what_;
};

}  // namespace patchbay::plugin_bridge
