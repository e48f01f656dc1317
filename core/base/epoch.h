#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>

#include "base/full_fence.h"

namespace patchbay::base {

/// Epoch-based reclamation: readers on shards walk shared structures without locks; what a writer unlinks is freed only
/// after every reader that could still see it has left its section.
///
/// A shard is one reader slot. It enters when a turn of its loop begins and leaves when the turn ends, so that a lookup
/// itself costs nothing. A shard that sleeps is outside and never delays a writer. The same barrier serves hook chains
/// and plugin unload.
class EpochDomain {
 public:
  static constexpr size_t kMaximumReaders = 256;

  EpochDomain() = default;
  EpochDomain(const EpochDomain&) = delete;
  EpochDomain& operator=(const EpochDomain&) = delete;
  ~EpochDomain();

  /// Begins a reading section of `reader`. Sections of one reader do not nest. [shard]
  void enter(size_t reader) {
    // Acquire: who reads this epoch sees everything that was unlinked before it.
    const uint64_t epoch = global_.load(std::memory_order_acquire);
#ifdef PATCHBAY_THREAD_SANITIZER
    slots_[reader].epoch.store(epoch, std::memory_order_seq_cst);
#else
    // Release: the sections before this one are over for whoever sees it. The fence, with the one in advance(), keeps
    // every pointer that is loaded in this section behind the store, whatever the order of that load: either the writer
    // sees us inside, or we do not see what it unlinked. An acquire load alone may overtake the store (ARM's LDAPR).
    slots_[reader].epoch.store(epoch, std::memory_order_release);
    full_fence();
#endif
  }
  /// Ends the section. [shard]
  void leave(size_t reader) {
    slots_[reader].epoch.store(kOutside, std::memory_order_release);
  }

  /// Takes over `object`, already unlinked from every shared structure, and calls `destroy(object)` once no reader can
  /// see it. [any-thread]
  void retire(void* object, void (*destroy)(void*));

  template <class T>
  void retire(T* object) {
    retire(const_cast<void*>(static_cast<const void*>(object)), [](void* p) { delete static_cast<T*>(p); });
  }

  /// Frees what may be freed now; returns how many objects still wait. Called by retire() now and then, and by the
  /// shard's timer. Costs one look at each reader and what it frees, however many objects wait. [any-thread]
  size_t reclaim();

  /// True when every reader has been outside, or began a section, after this epoch was taken: the barrier's test.
  /// [any-thread]
  [[nodiscard]] bool passed(uint64_t epoch) const;
  /// Starts a barrier: what was unlinked before this call is unseen by everybody once passed(result) is true.
  /// [any-thread]
  [[nodiscard]] uint64_t advance() {
    const uint64_t epoch = global_.fetch_add(1, std::memory_order_seq_cst) + 1;
    full_fence();  // see enter()
    return epoch;
  }

 private:
  static constexpr uint64_t kOutside = ~uint64_t{0};
  static constexpr size_t kReclaimEvery = 64;

  struct alignas(64) Slot {
    std::atomic<uint64_t> epoch{kOutside};
  };
  struct Retired {
    uint64_t epoch;
    void* object;
    void (*destroy)(void*);
  };

  std::atomic<uint64_t> global_{1};
  std::array<Slot, kMaximumReaders> slots_{};
  std::mutex mutex_;             // guards retired_; taken by writers only
  std::deque<Retired> retired_;  // by epoch
};

}  // namespace patchbay::base
