#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/deferral.h"
#include "base/verdict.h"
#include "patchbay/hooks.h"
#include "plugin_bridge/abi_verdict.h"
#include "plugin_bridge/batch_queue.h"
#include "plugin_bridge/call_place.h"
#include "plugin_bridge/hook_registration.h"
#include "plugin_bridge/hook_statistics.h"

namespace patchbay::plugin_bridge {

class Instance;

/// One hook of one instance: what its chain entry calls, and what is counted of it. Lives as long as its instance.
class Hook final : public base::TokenWatcher {
 public:
  /// Why an event doesn't simply lead to a call; bits of CallCell::detour, and of PreparedObserver::detour.
  static constexpr uint8_t kBreakerOpen = 1;
  static constexpr uint8_t kBreakerProbing = 2;
  static constexpr uint8_t kWorker = 4;  ///< the instance runs on workers
  static constexpr uint8_t kBatch = 8;
  static constexpr uint8_t kFiltered = 16;  ///< of one entry only: it has a filter
  /// Of the hot points' calls every 256th is timed (two looks at a clock cost more than the call), of the others every
  /// 16th.
  [[nodiscard]] static constexpr uint64_t sample_mask(hooks::Heat heat) { return heat == hooks::Heat::hot ? 255 : 15; }

  Hook(Instance& instance, HookRegistration registration);
  ~Hook();
  Hook(const Hook&) = delete;
  Hook& operator=(const Hook&) = delete;

  [[nodiscard]] Instance& instance() const { return instance_; }
  [[nodiscard]] const HookRegistration& registration() const { return registration_; }
  [[nodiscard]] hooks::HookId id() const { return registration_.id; }
  [[nodiscard]] const CallSite& site() const { return site_; }
  /// Null: events don't wait.
  [[nodiscard]] BatchQueue* queue() const { return queue_.get(); }

  /// Sums over all threads. [any-thread]
  [[nodiscard]] HookStatistics statistics() const;
  /// Answers that ended, those of them that ended badly, and those whose bad end is the plugin's own doing: it was
  /// late, threw, answered what the point doesn't take, or passed its hard budget. The breaker is fed with the last: a
  /// back end that is down for long must not put the plugin out of the path for good.
  struct Outcomes {
    uint64_t answers = 0;
    uint64_t failures = 0;
    uint64_t faults = 0;
  };
  [[nodiscard]] Outcomes outcomes() const;

  /// The breaker's word: 0, kBreakerOpen, or kBreakerProbing with the number of calls to let through. [any-thread]
  void set_breaker(uint8_t bits, uint32_t probes = 0);
  /// The watchdog has seen a call beyond its hard budget. [any-thread]
  void count_hard_overrun() { HookCell::add_shared(shared_cell().hard_overruns); }
  /// Batch observers: events that found the queue full. [any-thread]
  void count_dropped(uint64_t amount) { HookCell::add_shared(shared_cell().dropped, amount); }

  // --- for the trampolines; [shard] or [control] ---

  /// Nothing but a call is to be done.
  [[nodiscard]] bool direct() const { return detour_.load(std::memory_order_relaxed) == 0; }
  /// Events go to a queue or to a worker.
  [[nodiscard]] bool passes_on() const { return (detour_.load(std::memory_order_relaxed) & (kWorker | kBatch)) != 0; }
  /// Whether a message that instance `origin` has published is to be shown.
  [[nodiscard]] bool shows_message_of(uint64_t origin) const { return origin != instance_number_ || own_messages_; }
  /// Whether the breaker keeps this event from the plugin; counts it then.
  [[nodiscard]] bool kept_out();
  /// What calling it on a shard takes, for those who prepare it; a cell for each shard.
  [[nodiscard]] patchbay_hook_fn function() const { return function_; }
  [[nodiscard]] void* self() const { return self_; }
  [[nodiscard]] CallCell* call_cells() const { return call_cells_.get(); }
  /// Counts a call of one shard in its cell; true: it is to be timed.
  [[nodiscard, gnu::always_inline]] static bool counts_as_sample(CallCell& cell, uint64_t mask) {
    const uint64_t calls = cell.calls.load(std::memory_order_relaxed) + 1;
    cell.calls.store(calls, std::memory_order_relaxed);
    return (calls & mask) == 0;
  }
  /// No opinion, the usual answer, is all zero.
  [[nodiscard]] static bool says_something(const patchbay_verdict& verdict) {
    return verdict.kind != PATCHBAY_CONTINUE || verdict.flags != 0;
  }

  /// Calls the plugin with the ABI's event. Always inline: as a call of its own it would cost a third of what it does.
  /// What is not usual (a call that is timed, an opinion) is behind calls of their own, so that the usual way needs few
  /// registers.
  [[nodiscard, gnu::always_inline]] base::Verdict call(const void* event, base::Token token) noexcept {
    const base::ShardThread thread = base::shard_thread();
    if (thread.shard() >= shards_) [[unlikely]]
      return call_off_shard(event, token);
    if (counts_as_sample(call_cells_[thread.shard()], sample_mask_)) [[unlikely]]
      return call_timed(event, token);
    const patchbay_token shown = token ? outward(token) : patchbay_token{0};
    CallPlace& place = places_->of_shard(thread.shard());
    place.thread.store(thread, std::memory_order_relaxed);
    const CallSite* outer = place.enter_counted(site_);
    const patchbay_verdict verdict = function_(self_, event, shown);
    place.leave(outer);
    if (says_something(verdict)) [[unlikely]]
      return settle_own(verdict, token, shown);
    return {};
  }
  /// Calls an observer, which has nothing to say and never a token, wherever this is.
  void tell(const void* event) noexcept { dispose_of(call(event, {})); }
  /// The same on a shard, with the clock beside it; the call is counted already.
  void tell_timed(const void* event) noexcept { dispose_of(call_timed(event, {})); }
  /// An observer has answered all the same.
  void take_unasked(patchbay_verdict verdict) noexcept { dispose_of(settle_own(verdict, {}, patchbay_token{0})); }
  /// Passes an event on to the queue, or, of instances that run on workers, to a worker that will answer.
  [[nodiscard]] base::Verdict pass_on(const void* event, base::Token token) noexcept;

  // --- [worker] ---

  /// Calls a batch observer, or the hook itself for each event.
  void deliver(const std::vector<std::unique_ptr<OwnedEvent>>& events) noexcept;

  void token_ended(base::Token token, base::TokenEnd end, base::Verdict& verdict) noexcept override;

 private:
  static void dispose_of(base::Verdict verdict) { base::dispose(verdict); }

  /// call() on a shard where it is the turn of this call to be timed.
  [[nodiscard]] base::Verdict call_timed(const void* event, base::Token token) noexcept;
  /// The same for the control plane, whose threads may have a place of their own or none.
  [[nodiscard]] base::Verdict call_off_shard(const void* event, base::Token token) noexcept;
  void add_cells_to(HookStatistics& sum) const;
  void set_detour(uint8_t bits);
  [[nodiscard]] HookCell& own_cell();
  [[nodiscard]] HookCell& shared_cell() { return cells_[shards_ + 1]; }
  [[nodiscard]] CallCell& own_call_cell();
  /// The token as the plugin sees it; 0 where it may not defer: too many are open.
  [[nodiscard]] patchbay_token outward(base::Token token) const;
  [[nodiscard]] patchbay_verdict timed_call(const void* event, patchbay_token token, HookCell& cell) noexcept;
  void count_duration(uint64_t duration_ns, HookCell& cell);
  /// Counts an answer, checks that the point takes it, and gives it the core's form.
  [[nodiscard]] base::Verdict settle(patchbay_verdict verdict, base::Token token, patchbay_token shown,
                                     HookCell& cell) noexcept;
  /// The same with the calling thread's own cell.
  [[nodiscard]] base::Verdict settle_own(patchbay_verdict verdict, base::Token token, patchbay_token shown) noexcept;
  [[nodiscard]] bool takes(const base::Verdict& verdict) const;
  static void count_failure(Fault fault, HookCell& cell);
  void open_token(base::Token token, HookCell& cell);
  void ask_on_worker(const OwnedEvent& event, base::Token token) noexcept;

  // What a call touches, together.
  patchbay_hook_fn function_;
  void* self_;
  CallPlaces* places_;
  std::unique_ptr<CallCell[]> call_cells_;  // one for each shard, control's, and one that all other threads share
  std::unique_ptr<HookCell[]> cells_;       // the same: what is counted of answers
  uint32_t shards_;
  uint32_t instance_number_;
  std::atomic<uint8_t> detour_{0};  // as in each of the call cells
  bool own_messages_;
  uint8_t kinds_taken_;
  uint64_t sample_mask_;

  Instance& instance_;
  HookRegistration registration_;
  CallSite site_;
  std::atomic<int32_t> probes_left_{0};
  std::unique_ptr<BatchQueue> queue_;
};

}  // namespace patchbay::plugin_bridge
