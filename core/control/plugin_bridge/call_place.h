#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/shard.h"
#include "hooks/hook_points.h"
#include "plugin_bridge/background_threads.h"

namespace patchbay::plugin_bridge {

class Hook;

/// What each call of one hook on one shard touches: counted by that shard's thread, in a cache line of its own.
struct alignas(64) CallCell {
  std::atomic<uint64_t> calls{0};
  std::atomic<uint8_t> detour{0};  ///< the hook's, see Hook::kBreakerOpen; a copy for each shard, written by any thread
};

/// One way into an instance's code: a hook, or something of its services ("timer", "start"). Constant while anybody may
/// be in it.
struct CallSite {
  /// "plugin 'acl' (com.example.acl 1.0.0) in acl.publish": ready, because a crash handler cannot build a text.
  std::string text;
  uint32_t instance_number = 0;
  hooks::Heat heat = hooks::Heat::warm;  ///< sets the budgets, see call_budget.h
  const CallCell* cells = nullptr;       ///< of a hook, one for each shard: they count its calls, so that no turn need
  Hook* hook = nullptr;                  ///< of a hook, itself
};

/// The breadcrumb of one thread: where in which instance it is, and since which turn. In a cache line of its own,
/// written by its thread alone, read by the watchdog and by the crash handler.
struct alignas(64) CallPlace {
  std::atomic<const CallSite*> site{nullptr};  ///< null: no plugin's code runs here
  std::atomic<uint64_t> turn{0};               ///< calls that this thread has begun, but those that a CallCell counts
  std::atomic<base::ShardThread> thread{};     ///< who began the last one; its kernel id is 0: nobody has
  /// What scratch() has given out in the call with the number `scratch_turn`, see CallPlaces::turn_of().
  std::unique_ptr<std::byte[]> scratch;
  size_t scratch_used = 0;
  uint64_t scratch_turn = 0;

  /// Begins a call; returns what was there before, for leave().
  [[gnu::always_inline]] const CallSite* enter(const CallSite& next) {
    turn.store(turn.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    thread.store(base::ShardThread(base::kNoShard, base::kernel_thread_id()), std::memory_order_relaxed);
    return enter_counted(next);
  }
  /// The same for a call that a CallCell has counted, by a thread that `thread` names already.
  [[gnu::always_inline]] const CallSite* enter_counted(const CallSite& next) {
    const CallSite* outer = site.load(std::memory_order_relaxed);
    site.store(&next, std::memory_order_release);
    return outer;
  }
  /// 0: no plugin's call is under way here.
  [[nodiscard]] uintptr_t taken_by() const { return reinterpret_cast<uintptr_t>(site.load(std::memory_order_relaxed)); }
  void leave(const CallSite* outer) { site.store(outer, std::memory_order_release); }
};

static_assert(sizeof(CallPlace) == sizeof(CallCell), "a shard's place and its cells are found by one offset");

/// All places of the node: one for each shard, one for the control thread, the others for workers.
class CallPlaces {
 public:
  static constexpr size_t kMaximumWorkers = 64;

  explicit CallPlaces(uint32_t shards);

  [[nodiscard]] uint32_t shards() const { return shards_; }
  [[nodiscard]] size_t size() const { return size_t{shards_} + 1 + kMaximumWorkers; }
  [[nodiscard]] CallPlace& of_shard(base::ShardId shard) { return places_[shard]; }
  /// Of the shards one after the other.
  [[nodiscard]] CallPlace* of_shards() { return places_.get(); }
  [[nodiscard]] CallPlace& control() { return places_[shards_]; }
  [[nodiscard]] CallPlace& worker(size_t worker) { return places_[shards_ + 1 + worker]; }
  [[nodiscard]] CallPlace& at(size_t index) { return places_[index]; }
  [[nodiscard]] const CallPlace& at(size_t index) const { return places_[index]; }
  /// Grows with each call that begins at that index in `site`, which is one that may be running there.
  [[nodiscard]] uint64_t turn_of(size_t index, const CallSite* site) const;
  /// Of a place of these.
  [[nodiscard]] size_t index_of(const CallPlace& place) const { return static_cast<size_t>(&place - places_.get()); }
  /// Who runs at that index: "shard 0", "control", "worker 3".
  [[nodiscard]] std::string name_of(size_t index) const;

  /// Threads that are neither a shard's nor the control thread.
  [[nodiscard]] BackgroundThreads& background() { return background_; }

  /// The place of the calling thread: its shard's, or what a PlaceScope says; null: this thread has none. [any-thread]
  [[nodiscard]] CallPlace* current();

 private:
  uint32_t shards_;
  std::unique_ptr<CallPlace[]> places_;
  BackgroundThreads background_;
};

/// Says which place this thread has while the object lives: workers, and the control thread.
class PlaceScope {
 public:
  explicit PlaceScope(CallPlace& place);
  ~PlaceScope();
  PlaceScope(const PlaceScope&) = delete;
  PlaceScope& operator=(const PlaceScope&) = delete;

 private:
  CallPlace* before_;
};

/// Leaves the breadcrumb for a call into an instance's code that is not a hook: a timer, start(), a job. [any-thread]
class CallScope {
 public:
  /// Threads without a place leave none.
  CallScope(CallPlaces& places, const CallSite& site) : place_(places.current()) {
    if (place_ != nullptr) outer_ = place_->enter(site);
  }
  ~CallScope() {
    if (place_ != nullptr) place_->leave(outer_);
  }
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

 private:
  CallPlace* place_;
  const CallSite* outer_ = nullptr;
};

}  // namespace patchbay::plugin_bridge
