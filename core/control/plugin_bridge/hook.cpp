#include "plugin_bridge/hook.h"

#include <functional>
#include <utility>
#include <vector>

#include "plugin_bridge/abi_verdict.h"
#include "plugin_bridge/bridge.h"
#include "plugin_bridge/call_budget.h"
#include "plugin_bridge/instance.h"
#include "plugin_bridge/verdict_kinds.h"

namespace patchbay::plugin_bridge {

namespace {

bool is_control_point(const hooks::HookInfo& info) {
  return info.heat == hooks::Heat::cold;
}

std::string site_text(const InstanceFacts& facts, std::string_view where) {
  return "plugin '" + facts.name + "' (" + facts.plugin_id + " " + facts.version + ") in " + std::string(where);
}

/// Observers wait in a queue unless they ask to be called on the shard; those of the control plane are called there.
bool is_queued(const HookRegistration& registration, const InstanceFacts& facts) {
  if (registration.batch != nullptr) return true;
  if (registration.phase != base::Phase::observe || is_control_point(hooks::hook_info(registration.id))) return false;
  return facts.worker_execution || (registration.flags & PATCHBAY_HOOK_INLINE) == 0;
}

}  // namespace

Hook::Hook(Instance& instance, HookRegistration registration)
    : function_(registration.function),
      self_(registration.self),
      places_(&instance.bridge().places()),
      call_cells_(std::make_unique<CallCell[]>(instance.bridge().shard_count() + 2)),
      cells_(std::make_unique<HookCell[]>(instance.bridge().shard_count() + 2)),
      shards_(instance.bridge().shard_count()),
      instance_number_(instance.facts().number),
      own_messages_((registration.flags & PATCHBAY_HOOK_OWN_MESSAGES) != 0),
      kinds_taken_(kinds_taken(registration.id, registration.phase)),
      instance_(instance),
      registration_(std::move(registration)),
      site_{site_text(instance.facts(), hooks::hook_info(registration_.id).name), instance.facts().number,
            hooks::hook_info(registration_.id).heat, call_cells_.get(), this} {
  sample_mask_ = sample_mask(site_.heat);
  if (hooks::hook_info(registration_.id).may_defer) kinds_taken_ |= kind_bit(PATCHBAY_DEFER);
  if (is_queued(registration_, instance.facts())) {
    set_detour(kBatch);
    queue_ = std::make_unique<BatchQueue>(*this, instance.bridge(), registration_.batch_options);
  } else if (instance.facts().worker_execution && !is_control_point(hooks::hook_info(registration_.id))) {
    set_detour(kWorker);
  }
}

Hook::~Hook() = default;

void Hook::add_cells_to(HookStatistics& sum) const {
  for (uint32_t i = 0; i < shards_ + 2; ++i) {
    sum.calls += call_cells_[i].calls.load(std::memory_order_relaxed);
    cells_[i].add_to(sum);
  }
}

void Hook::set_detour(uint8_t bits) {
  detour_.store(bits, std::memory_order_release);
  for (uint32_t i = 0; i < shards_ + 2; ++i) call_cells_[i].detour.store(bits, std::memory_order_release);
}

HookStatistics Hook::statistics() const {
  HookStatistics sum;
  add_cells_to(sum);
  // What is usual is not counted call by call.
  uint64_t others = 0;
  for (size_t kind = 1; kind < sum.verdicts.size(); ++kind) others += sum.verdicts[kind];
  sum.verdicts[PATCHBAY_CONTINUE] = sum.calls > others + sum.failed ? sum.calls - others - sum.failed : 0;
  if (queue_ != nullptr) sum.queued = queue_->waiting();
  return sum;
}

Hook::Outcomes Hook::outcomes() const {
  HookStatistics sum;
  add_cells_to(sum);
  const uint64_t deferred = sum.verdicts[PATCHBAY_DEFER];
  return {(sum.calls > deferred ? sum.calls - deferred : 0) + sum.answered + sum.late,
          sum.failed + sum.late + sum.hard_overruns, sum.faults + sum.late + sum.hard_overruns};
}

void Hook::set_breaker(uint8_t bits, uint32_t probes) {
  probes_left_.store(static_cast<int32_t>(probes), std::memory_order_relaxed);
  const uint8_t kept = detour_.load(std::memory_order_relaxed) & (kWorker | kBatch);
  set_detour(static_cast<uint8_t>(kept | bits));
}

bool Hook::kept_out() {
  const uint8_t detour = detour_.load(std::memory_order_acquire);
  const bool out = (detour & kBreakerOpen) != 0 ||
                   ((detour & kBreakerProbing) != 0 && probes_left_.fetch_sub(1, std::memory_order_relaxed) <= 0);
  if (out) HookCell::add(own_cell().not_called);
  return out;
}

HookCell& Hook::own_cell() {
  const base::ShardId shard = base::current_shard();
  return cells_[shard < shards_ ? shard : shards_];
}

CallCell& Hook::own_call_cell() {
  const base::ShardId shard = base::current_shard();
  return call_cells_[shard < shards_ ? shard : shards_];
}

patchbay_token Hook::outward(base::Token token) const {
  return instance_.may_defer() ? instance_.outward(token) : patchbay_token{0};
}

void Hook::count_duration(uint64_t duration_ns, HookCell& cell) {
  cell.record_latency(duration_ns);
  const CallBudget budget = call_budget(site_.heat);
  if (duration_ns > budget.soft_ns) HookCell::add_shared(cell.soft_overruns);
}

patchbay_verdict Hook::timed_call(const void* event, patchbay_token token, HookCell& cell) noexcept {
  const base::Clock& clock = instance_.bridge().clock();
  const uint64_t before_ns = clock.steady_ns();
  const patchbay_verdict verdict = function_(self_, event, token);
  const uint64_t duration_ns = clock.steady_ns() - before_ns;
  count_duration(duration_ns, cell);
  // The watchdog sees calls that last; those between its looks are seen here.
  if (duration_ns > call_budget(site_.heat).hard_ns) HookCell::add_shared(cell.hard_overruns);
  return verdict;
}

base::Verdict Hook::call_timed(const void* event, base::Token token) noexcept {
  const base::ShardThread thread = base::shard_thread();
  HookCell& cell = cells_[thread.shard()];
  const patchbay_token shown = token ? outward(token) : patchbay_token{0};
  CallPlace& place = places_->of_shard(thread.shard());
  place.thread.store(thread, std::memory_order_relaxed);
  const CallSite* outer = place.enter_counted(site_);
  const patchbay_verdict verdict = timed_call(event, shown, cell);
  place.leave(outer);
  if (!says_something(verdict)) return {};
  return settle(verdict, token, shown, cell);
}

base::Verdict Hook::call_off_shard(const void* event, base::Token token) noexcept {
  HookCell& cell = own_cell();
  HookCell::add_shared(own_call_cell().calls);
  const patchbay_token shown = token ? outward(token) : patchbay_token{0};
  patchbay_verdict verdict{};
  {
    const CallScope scope(*places_, site_);
    verdict = timed_call(event, shown, cell);
  }
  return settle(verdict, token, shown, cell);
}

bool Hook::takes(const base::Verdict& verdict) const {
  if (verdict.kind == base::VerdictKind::proceed) return true;
  return (kinds_taken_ & kind_bit(static_cast<uint32_t>(verdict.kind))) != 0;
}

void Hook::open_token(base::Token token, HookCell& cell) {
  HookCell::add(cell.verdicts[PATCHBAY_DEFER]);
  instance_.token_opened();
  instance_.bridge().environment().completions.watch(token, *this);
}

void Hook::count_failure(Fault fault, HookCell& cell) {
  HookCell::add(cell.failed);
  if (fault != Fault::none) HookCell::add(cell.faults);
  if (fault == Fault::threw) HookCell::add(cell.thrown);
}

base::Verdict Hook::settle(patchbay_verdict answer, base::Token token, patchbay_token shown, HookCell& cell) noexcept {
  base::Verdict verdict = take_verdict(instance_, answer);
  if (registration_.phase == base::Phase::observe) {
    base::dispose(verdict);
    if (fault_of(verdict) != Fault::none) count_failure(fault_of(verdict), cell);
    return {};
  }
  if (verdict.kind == base::VerdictKind::defer && takes(verdict)) {
    base::dispose(verdict);
    if (shown.id != 0) {
      open_token(token, cell);
      return verdict;
    }
    // For want of room, or because nobody waits here.
    HookCell::add(cell.refused);
    return base::Verdict::refuses();
  }
  const bool failed = verdict.has(base::Verdict::failed);
  if (failed || !takes(verdict)) {
    base::dispose(verdict);
    count_failure(failed ? fault_of(verdict) : Fault::bad_answer, cell);
    return base::Verdict::fails();
  }
  if (verdict.kind != base::VerdictKind::proceed) HookCell::add(cell.verdicts[static_cast<size_t>(verdict.kind)]);
  return verdict;
}

base::Verdict Hook::settle_own(patchbay_verdict verdict, base::Token token, patchbay_token shown) noexcept {
  return settle(verdict, token, shown, own_cell());
}

void Hook::token_ended(base::Token token, base::TokenEnd end, base::Verdict& verdict) noexcept {
  HookCell& cell = own_cell();
  instance_.token_closed();
  switch (end) {
    case base::TokenEnd::answered:
      HookCell::add(cell.answered);
      // A question is not put off twice, and what the point doesn't take is no answer.
      if (const bool failed = verdict.has(base::Verdict::failed);
          failed || verdict.kind == base::VerdictKind::defer || !takes(verdict)) {
        base::dispose(verdict);
        count_failure(failed ? fault_of(verdict) : Fault::bad_answer, cell);
        verdict = base::Verdict::fails();
      }
      return;
    case base::TokenEnd::unheard:
      HookCell::add(cell.cancelled);
      return;
    case base::TokenEnd::late:
      HookCell::add(cell.late);
      break;
    case base::TokenEnd::cancelled:
      HookCell::add(cell.cancelled);
      break;
  }
  const patchbay_plugin* plugin = instance_.plugin();
  if (plugin == nullptr || !PATCHBAY_HAS(patchbay_plugin, plugin, on_cancel) || plugin->on_cancel == nullptr) return;
  if (!instance_.gate().finishes_work()) return;
  const CallScope scope(*places_, site_);
  plugin->on_cancel(plugin->self, instance_.outward(token));
}

}  // namespace patchbay::plugin_bridge
