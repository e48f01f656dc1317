#pragma once

#include <algorithm>
#include <atomic>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/deferral.h"
#include "base/epoch.h"
#include "base/verdict.h"

namespace patchbay::base {

/// Phases come before numbers: who decides sees what the client sent, who observes sees what became of it.
enum class Phase : uint8_t { decide, transform, observe };

/// What counts when an entry doesn't answer in time. The operator's choice; a plugin only proposes.
enum class Fallback : uint8_t { deny, allow, next };

/// The place of an entry in its chain, and the place from which a deferred run goes on, also in a newer chain.
struct ChainOrder {
  static constexpr uint32_t kUnlisted = ~uint32_t{0};

  Phase phase = Phase::decide;
  uint32_t list_index = kUnlisted;  ///< place in the operator's explicit list
  int32_t priority = 0;             ///< lower runs first
  std::string name;                 ///< "plugin:instance", unique within a chain and phase

  friend std::strong_ordering operator<=>(const ChainOrder&, const ChainOrder&) = default;
};

/// One listener at a point. `call` gets what was registered as `self`; its views are valid during the call. Must not
/// throw and not block: it answers, or defers by means of the token. [shard]
template <class Event>
struct ChainEntry {
  using Call = Verdict (*)(void* self, Event& event, Token token) noexcept;
  using Wants = bool (*)(const void* filter, const Event& event) noexcept;

  Call call = nullptr;
  void* self = nullptr;
  ChainOrder order;
  uint32_t deadline_ms = 2'000;
  Fallback fallback = Fallback::deny;
  std::shared_ptr<const void> filter;  ///< evaluated here, so that what an entry doesn't want costs it nothing
  Wants wants = nullptr;               ///< null: everything

  [[nodiscard]] bool is_for(const Event& event) const { return wants == nullptr || wants(filter.get(), event); }
};

/// An immutable list of listeners in their final order. [any-thread]
template <class Event>
class Chain {
 public:
  explicit Chain(std::vector<ChainEntry<Event>> entries) : entries_(std::move(entries)) {
    std::sort(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) { return a.order < b.order; });
  }
  [[nodiscard]] const std::vector<ChainEntry<Event>>& entries() const { return entries_; }
  /// Index of the first entry behind `order`.
  [[nodiscard]] size_t first_after(const ChainOrder& order) const {
    const auto behind = std::upper_bound(entries_.begin(), entries_.end(), order,
                                         [](const ChainOrder& o, const auto& entry) { return o < entry.order; });
    return static_cast<size_t>(behind - entries_.begin());
  }

 private:
  std::vector<ChainEntry<Event>> entries_;
};

/// Where a chain hangs: one pointer, null when nobody listens. Shared by all shards.
template <class Event>
class ChainPoint {
 public:
  ChainPoint() = default;
  ChainPoint(const ChainPoint&) = delete;
  ChainPoint& operator=(const ChainPoint&) = delete;
  ~ChainPoint() { delete current_.load(std::memory_order_relaxed); }

  /// One load and compare. [any-thread]
  [[nodiscard]] bool empty() const { return current_.load(std::memory_order_relaxed) == nullptr; }
  /// Valid until the shard's turn ends. Sequentially consistent, to be ordered behind EpochDomain::enter(). [shard]
  [[nodiscard]] const Chain<Event>* load() const { return current_.load(std::memory_order_seq_cst); }
  /// Replaces the list; an empty list leaves the point empty. The old one is freed when no shard can see it. [control]
  void swap(std::vector<ChainEntry<Event>> entries, EpochDomain& epoch) {
    const Chain<Event>* next = entries.empty() ? nullptr : new Chain<Event>(std::move(entries));
    const Chain<Event>* old = current_.exchange(next, std::memory_order_seq_cst);
    if (old != nullptr) epoch.retire(old);
  }

 private:
  std::atomic<const Chain<Event>*> current_{nullptr};
};

}  // namespace patchbay::base
