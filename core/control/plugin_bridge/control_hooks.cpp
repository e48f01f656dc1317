#include "plugin_bridge/control_hooks.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/assert.h"
#include "base/chain_run.h"
#include "base/shard_services.h"

namespace patchbay::plugin_bridge {

namespace {

constexpr uint32_t kMaximumOpen = 64;

template <class Event>
[[nodiscard]] base::ChainPoint<Event>* find_point(ControlPoints& points, hooks::HookId hook) {
  const auto pick = [](auto& point) -> base::ChainPoint<Event>* {
    if constexpr (std::is_same_v<decltype(point), base::ChainPoint<Event>&>) return &point;
    return nullptr;
  };
  switch (hook) {
#define PATCHBAY_HOOK(...)
#define PATCHBAY_ACCESS_HOOK(...)
#define PATCHBAY_CONTROL_HOOK(number, identifier, name, layer, kinds, heat, may_defer, deadline_ms, fallback, since, \
                              event, core_event)                                                                     \
  case hooks::HookId::identifier:                                                                                    \
    return pick(points.identifier);
#include "patchbay/hooks.def"
    default:
      return nullptr;
  }
}

}  // namespace

/// The control plane played as a shard: questions wait in its Deferrals, answers come through its mailbox.
struct ControlHooks::State {
  State(base::EpochDomain& domain, base::CompletionRouter& router, const base::Clock& any_clock)
      : epoch(domain), completions(router), clock(any_clock), timers(any_clock.steady_ms()) {
    services = {kControlShard, clock.steady_ms(), clock.unix_ms(), &clock,  &random,
                &timers,       &counters,         &epoch,          &mailbox};
    completions.attach(kControlShard, &deferrals);
  }
  ~State() { completions.attach(kControlShard, nullptr); }

  void enter() {
    if (depth++ == 0) epoch.enter(kControlShard);
    services.now_ms = clock.steady_ms();
    services.now_unix_ms = clock.unix_ms();
  }
  void leave() {
    if (--depth == 0) epoch.leave(kControlShard);
  }

  base::EpochDomain& epoch;
  base::CompletionRouter& completions;
  const base::Clock& clock;
  std::recursive_mutex mutex;  // an observer may cause the next event
  std::condition_variable_any answered;
  unsigned depth = 0;
  base::SystemRandom random;
  base::TimerWheel timers;
  base::Counters counters;
  base::Mailbox mailbox{[](void* self) { static_cast<State*>(self)->answered.notify_all(); }, this};
  base::ShardServices services;
  base::Deferrals deferrals{services, kMaximumOpen};
};

ControlHooks::ControlHooks(base::EpochDomain& epoch, base::CompletionRouter& completions, const base::Clock& clock)
    : state_(std::make_unique<State>(epoch, completions, clock)) {}

ControlHooks::~ControlHooks() = default;

void ControlHooks::observe(hooks::HookId hook, ControlEvent event) {
  auto* point = find_point<ControlEvent>(points_, hook);
  PATCHBAY_ASSERT(point != nullptr);
  if (point->empty()) return;
  const std::lock_guard lock(state_->mutex);
  const base::ShardScope scope(kControlShard);
  state_->enter();
  if (event.at_unix_ms == 0) event.at_unix_ms = state_->services.now_unix_ms;
  base::observe_chain(*point, event);
  state_->leave();
}

bool ControlHooks::ask(hooks::HookId hook, AdminEvent event) {
  auto* point = find_point<AdminEvent>(points_, hook);
  PATCHBAY_ASSERT(point != nullptr);
  if (point->empty()) return true;
  State& state = *state_;
  std::unique_lock lock(state.mutex);
  const base::ShardScope scope(kControlShard);
  std::unique_ptr<AdminEvent> outcome;
  base::ChainPending<AdminEvent> pending(
      [](void* owner, AdminEvent& complete) {
        *static_cast<std::unique_ptr<AdminEvent>*>(owner) = std::make_unique<AdminEvent>(complete);
      },
      &outcome);
  state.enter();
  if (base::run_chain(*point, state.deferrals, event, &pending)) outcome = std::make_unique<AdminEvent>(event);
  state.leave();
  while (outcome == nullptr) {
    // Outside the section, so that chains can be changed while somebody thinks.
    state.answered.wait_for(lock, std::chrono::milliseconds(base::TimerWheel::kTickMs));
    state.enter();
    static_cast<void>(state.mailbox.drain());
    state.timers.advance(state.services.now_ms);
    state.leave();
  }
  if (outcome->decided) return outcome->allowed;
  return hook != hooks::HookId::acl_admin;
}

}  // namespace patchbay::plugin_bridge
