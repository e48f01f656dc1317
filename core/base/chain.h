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

/// How the answers of the phase decide become one.
enum class Combine : uint8_t {
  first_decisive,  ///< the first allow or deny ends the phase
  deny_overrides,  ///< everybody is asked; one deny wins over any allow
  unanimous,       ///< everybody who is asked must allow; no opinion counts as deny
};

/// What an entry that only watches would have decided, beside what was decided. Shared with whoever shows it; counts
/// runs. [any-thread]
struct ShadowTally {
  std::atomic<uint64_t> asked{0};
  std::atomic<uint64_t> denied{0};     ///< it would have denied or dropped
  std::atomic<uint64_t> disagreed{0};  ///< it would have denied what passed, or let pass what was denied
};

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

  /// The same of an observer that has never anything to say.
  using Tell = void (*)(void* self, Event& event) noexcept;

  Call call = nullptr;
  Tell tell = nullptr;  ///< in place of `call`, in the phase observe only
  void* self = nullptr;
  ChainOrder order;
  uint32_t deadline_ms = 2'000;
  Fallback fallback = Fallback::deny;
  std::shared_ptr<const void> filter;  ///< evaluated here, so that what an entry doesn't want costs it nothing
  Wants wants = nullptr;               ///< null: everything
  /// Set: the entry is asked, at once only, and its answer is tallied here and not used.
  std::shared_ptr<ShadowTally> shadow;
  std::shared_ptr<void> keeps;  ///< lives as long as the list: what `self` points at, where nobody else owns it

  [[nodiscard]] bool is_for(const Event& event) const { return wants == nullptr || wants(filter.get(), event); }
};

/// An immutable list of listeners in their final order. [any-thread]
template <class Event>
class Chain {
 public:
  explicit Chain(std::vector<ChainEntry<Event>> entries, Combine combine = Combine::first_decisive)
      : entries_(std::move(entries)), combine_(combine) {
    std::sort(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) { return a.order < b.order; });
    for (const ChainEntry<Event>& entry : entries_) {
      if (entry.order.phase == Phase::decide) ++decide_end_;
      if (entry.order.phase != Phase::observe) ++transform_end_;
      has_shadows_ = has_shadows_ || entry.shadow != nullptr;
    }
    prepare_to_tell();
  }
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  [[nodiscard]] const std::vector<ChainEntry<Event>>& entries() const { return entries_; }
  /// Tells the observers about the final event; nobody answers. [shard]
  void tell(Event& event) const { tell_(tell_self_, event); }
  [[nodiscard]] Combine combine() const { return combine_; }
  [[nodiscard]] bool has_shadows() const { return has_shadows_; }
  /// Index of the first entry behind the phase decide, and behind the phase transform.
  [[nodiscard]] size_t decide_end() const { return decide_end_; }
  [[nodiscard]] size_t transform_end() const { return transform_end_; }
  /// Index of the first entry behind `order`.
  [[nodiscard]] size_t first_after(const ChainOrder& order) const {
    const auto behind = std::upper_bound(entries_.begin(), entries_.end(), order,
                                         [](const ChainOrder& o, const auto& entry) { return o < entry.order; });
    return static_cast<size_t>(behind - entries_.begin());
  }

 private:
  // One observer that is told everything, and has no answer, is told without a detour.
  void prepare_to_tell() {
    if (entries_.size() != transform_end_ + 1) return;
    const ChainEntry<Event>& only = entries_.back();
    if (only.tell == nullptr || only.wants != nullptr) return;
    tell_ = only.tell;
    tell_self_ = only.self;
  }
  static void tell_each(void* self, Event& event) noexcept {
    const Chain& chain = *static_cast<const Chain*>(self);
    for (size_t i = chain.transform_end_; i < chain.entries_.size(); ++i) {
      const ChainEntry<Event>& entry = chain.entries_[i];
      if (!entry.is_for(event)) continue;
      if (entry.tell != nullptr) {
        entry.tell(entry.self, event);
        continue;
      }
      Verdict verdict = entry.call(entry.self, event, Token{});
      dispose(verdict);
    }
  }

  typename ChainEntry<Event>::Tell tell_ = &tell_each;
  void* tell_self_ = this;
  std::vector<ChainEntry<Event>> entries_;
  Combine combine_;
  size_t decide_end_ = 0;
  size_t transform_end_ = 0;
  bool has_shadows_ = false;
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
  /// Valid until the shard's turn ends. [shard]
  [[nodiscard]] const Chain<Event>* load() const { return current_.load(std::memory_order_acquire); }
  /// Replaces the list; an empty list leaves the point empty. The old one is freed when no shard can see it. [control]
  void swap(std::vector<ChainEntry<Event>> entries, EpochDomain& epoch, Combine combine = Combine::first_decisive) {
    const Chain<Event>* next = entries.empty() ? nullptr : new Chain<Event>(std::move(entries), combine);
    const Chain<Event>* old = current_.exchange(next, std::memory_order_seq_cst);
    if (old != nullptr) epoch.retire(old);
  }

 private:
  std::atomic<const Chain<Event>*> current_{nullptr};
};

}  // namespace patchbay::base
