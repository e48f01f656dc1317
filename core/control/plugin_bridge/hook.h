#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "access/event_filter.h"
#include "base/chain.h"
#include "base/deferral.h"
#include "hooks/hook_points.h"
#include "patchbay/hooks.h"
#include "plugin_bridge/batch_queue.h"
#include "plugin_bridge/call_place.h"
#include "plugin_bridge/hook_statistics.h"

namespace patchbay::plugin_bridge {

class Instance;

/// What a hook was registered with, owned.
struct HookRegistration {
  hooks::HookId id{};
  base::Phase phase = base::Phase::decide;
  uint32_t flags = 0;
  int32_t priority = 0;
  uint32_t deadline_ms = 0;  ///< 0: the table's
  uint32_t fallback = PATCHBAY_FALLBACK_DEFAULT;
  access::EventFilter filter;
  bool filtered = false;
  void* self = nullptr;
  patchbay_hook_fn function = nullptr;
  patchbay_batch_fn batch = nullptr;
  BatchOptions batch_options;
};

/// One hook of one instance: what its chain entry calls, and what is counted of it. Lives as long as its instance.
class Hook final : public base::TokenWatcher {
 public:
  /// Why a call doesn't simply call; bits.
  static constexpr uint8_t kBreakerOpen = 1;
  static constexpr uint8_t kBreakerProbing = 2;
  static constexpr uint8_t kWorker = 4;  ///< the instance runs on workers
  static constexpr uint8_t kBatch = 8;

  Hook(Instance& instance, HookRegistration registration);
  ~Hook();
  Hook(const Hook&) = delete;
  Hook& operator=(const Hook&) = delete;

  [[nodiscard]] Instance& instance() const { return instance_; }
  [[nodiscard]] const HookRegistration& registration() const { return registration_; }
  [[nodiscard]] hooks::HookId id() const { return registration_.id; }
  [[nodiscard]] const CallSite& site() const { return site_; }
  /// Null: no batch observer, and not run on workers.
  [[nodiscard]] BatchQueue* queue() const { return queue_.get(); }

  /// Sums over all threads. [any-thread]
  [[nodiscard]] HookStatistics statistics() const;
  /// Answers that ended, and those of them that ended badly (failed, late, hard overruns): what the breaker is fed.
  struct Outcomes {
    uint64_t answers = 0;
    uint64_t failures = 0;
  };
  [[nodiscard]] Outcomes outcomes() const;

  /// Sets the breaker's bits; `probes`: calls to let through while probing. [any-thread]
  void set_breaker(uint8_t bits, uint32_t probes = 0);
  void count_hard_overrun();

  // --- for the trampolines ---

  /// Whether nothing but a call is to be done.
  [[nodiscard]] bool direct() const { return detour_.load(std::memory_order_relaxed) == 0; }
  [[nodiscard]] uint8_t detour() const { return detour_.load(std::memory_order_relaxed); }
  /// Whether a message that `origin` published is to be shown.
  [[nodiscard]] bool shows_message_of(uint32_t origin) const { return origin != instance_number_ || own_messages_; }
  /// Whether the breaker lets this call through.
  [[nodiscard]] bool may_probe();
  /// The token as the plugin sees it; 0 where the instance has too many open.
  [[nodiscard]] patchbay_token outward(base::Token token) const;
  /// Calls the plugin with the ABI's event. [shard], [control]
  [[nodiscard]] base::Verdict call(const void* event, base::Token token) noexcept {
    const base::ShardId shard = base::current_shard();
    HookCell& cell = cells_[shard < shards_ ? shard : shards_];
    const uint64_t calls = cell.calls.load(std::memory_order_relaxed) + 1;
    cell.calls.store(calls, std::memory_order_relaxed);
    CallPlace& place = places_->of_shard(shard);
    const CallSite* outer = place.enter(site_);
    const patchbay_verdict verdict = (calls & kSampleMask) != 0
                                         ? function_(self_, event, token ? outward(token) : patchbay_token{0})
                                         : timed_call(event, token, cell);
    place.leave(outer);
    // No opinion, the usual answer, is all zero.
    if (verdict.kind == PATCHBAY_CONTINUE && verdict.flags == 0) return {};
    return settle(verdict, token, cell);
  }
  /// Calls the plugin on a worker, with an event that is a copy; DEFER stays DEFER. [worker]
  [[nodiscard]] base::Verdict call_on_worker(const void* event, base::Token token) noexcept;
  /// Counts an answer, checks that the point takes it, and gives it the core's form.
  [[nodiscard]] base::Verdict settle(const patchbay_verdict& verdict, base::Token token, HookCell& cell) noexcept;
  [[nodiscard]] HookCell& own_cell();

  void token_ended(base::Token token, base::TokenEnd end) noexcept override;

 private:
  static constexpr uint64_t kSampleMask = 63;  // one call in 64 is timed

  [[nodiscard]] patchbay_verdict timed_call(const void* event, base::Token token, HookCell& cell) noexcept;

  // What a call touches, in one line.
  patchbay_hook_fn function_;
  void* self_;
  CallPlaces* places_;
  std::unique_ptr<HookCell[]> cells_;  // one for each shard, and one for all other threads
  uint32_t shards_;
  uint32_t instance_number_;
  std::atomic<uint8_t> detour_{0};
  bool own_messages_;
  uint8_t takes_;  // verdict kinds, a bit each

  Instance& instance_;
  HookRegistration registration_;
  CallSite site_;
  std::atomic<int32_t> probes_left_{0};
  std::unique_ptr<BatchQueue> queue_;
};

}  // namespace patchbay::plugin_bridge
