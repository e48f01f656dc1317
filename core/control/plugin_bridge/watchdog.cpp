#include "plugin_bridge/watchdog.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "plugin_bridge/call_budget.h"
#include "plugin_bridge/instance.h"
#include "plugin_bridge/thread_activity.h"

namespace patchbay::plugin_bridge {

struct Watchdog::State {
  /// What was seen of one place when it was looked at last.
  struct Seen {
    const CallSite* site = nullptr;
    uint64_t turn = 0;
    uint64_t since_ms = 0;
    std::optional<HangReport> reported;
    std::optional<ThreadActivity> suspected;  // what its thread did when the call was late for the first time
    ThreadActivity before;                    // and when it was looked at last
  };
  struct Watched {
    explicit Watched(const BreakerLimits& limits) : breaker(limits) {}
    Breaker breaker;
    Hook::Outcomes last;
    uint64_t probing_since_ms = 0;
  };
  /// What is to be told when the mutex is free again.
  struct Reports {
    std::vector<HangReport> hangs;
    std::vector<HangReport> over;
    std::vector<BreakerReport> breakers;
  };

  State(CallPlaces& all_places, const base::Clock& any_clock, BreakerLimits breaker_limits, ThreadView thread_view)
      : places(all_places),
        clock(any_clock),
        limits(breaker_limits),
        threads(thread_view),
        starved(threads),
        seen(all_places.size()) {}

  void look_at(size_t index, uint64_t now_ms, Reports& reports);
  /// Whether the late call is the plugin's doing, and not a processor that the thread waits for.
  [[nodiscard]] bool is_its_doing(const CallPlace& place, Seen& last, uint64_t now_ms, uint64_t limit_ms);
  /// Whether a late call may sleep because who could wake it is given no processor.
  [[nodiscard]] bool waits_for_starved();
  void hung(size_t index, Seen& last, uint64_t now_ms, Reports& reports);
  void tick(uint64_t now_ms, Reports& reports);
  void apply(Hook& hook, Watched& watched, Breaker::Change change, uint64_t now_ms, Reports& reports);
  void tell(const Reports& reports) const;

  CallPlaces& places;
  const base::Clock& clock;
  const BreakerLimits limits;
  const ThreadView threads;
  StarvedThreads starved;
  std::optional<bool> any_starved;  // in this look, if it was of interest
  WatchdogCallbacks callbacks;
  mutable std::mutex mutex;  // guards what follows
  std::condition_variable wake;
  std::vector<Seen> seen;
  std::map<Hook*, Watched> hooks;
  uint64_t next_tick_ms = 0;
  uint64_t next_background_ms = 0;
  size_t instances = 0;
  bool stopping = false;
  std::thread thread;
};

void Watchdog::State::look_at(size_t index, uint64_t now_ms, Reports& reports) {
  const CallPlace& place = places.at(index);
  Seen& last = seen[index];
  const CallSite* site = place.site.load(std::memory_order_acquire);
  if (site == nullptr && last.site == nullptr && !last.reported) return;  // most of them, nearly always
  const uint64_t turn = places.turn_of(index, site);
  if (site != nullptr && site == last.site && turn == last.turn) {
    const uint64_t budget_ms = std::max<uint64_t>(call_budget(site->heat).hard_ns / 1'000'000, 1);
    // Workers may block: only what lasts as long as nothing should is told of them.
    const bool is_worker = index > places.shards();
    const uint64_t limit_ms = is_worker ? call_budget(hooks::Heat::cold).hard_ns / 1'000'000 : budget_ms;
    if (last.reported || now_ms - last.since_ms < limit_ms) return;
    if (is_its_doing(place, last, now_ms, limit_ms)) hung(index, last, now_ms, reports);
    return;
  }
  if (last.reported) reports.over.push_back(std::move(*last.reported));
  last = {site, turn, now_ms, std::nullopt, std::nullopt, {}};
}

// On a busy machine a thread may wait for a processor longer than any budget, wherever it is. So a thread that could
// run is late only by the processor time that it has used since it was suspected. One that sleeps is so by its own
// will, unless what it waits for, a lock for one, is with a thread that waits for a processor.
bool Watchdog::State::is_its_doing(const CallPlace& place, Seen& last, uint64_t now_ms, uint64_t limit_ms) {
  const int late = place.thread.load(std::memory_order_relaxed).kernel_thread();
  if (late == 0 || late == base::kernel_thread_id()) return true;
  const std::optional<ThreadActivity> now = threads.activity(late);
  if (!now) return true;
  const bool is_first = !last.suspected;
  if (is_first) last.suspected = now;
  const ThreadActivity before = std::exchange(last.before, *now);
  if (!now->runnable) {
    const bool may_wait = waits_for_starved() && now_ms - last.since_ms < limit_ms + kStarvedMs;
    const bool has_slept = !is_first && !before.runnable && now->cpu_ns == before.cpu_ns;
    if (has_slept && !may_wait) return true;
  }
  return now->cpu_ns - last.suspected->cpu_ns >= limit_ms * 1'000'000;
}

bool Watchdog::State::waits_for_starved() {
  if (!any_starved) {
    const std::vector<int> waiting = starved.look();
    for (const int each : waiting) places.background().hurry(each, clock.steady_ns());
    any_starved = !waiting.empty();
  }
  return *any_starved;
}

void Watchdog::State::hung(size_t index, Seen& last, uint64_t now_ms, Reports& reports) {
  HangReport report;
  report.instance_number = last.site->instance_number;
  report.site = last.site->text;
  report.thread = places.name_of(index);
  report.since_ms = now_ms - last.since_ms;
  report.budget_ms = call_budget(last.site->heat).hard_ns / 1'000'000;
  last.reported = report;
  reports.hangs.push_back(std::move(report));
  if (index > places.shards()) return;
  for (auto& [hook, watched] : hooks) {
    if (&hook->site() != last.site) continue;
    hook->count_hard_overrun();
    apply(*hook, watched, watched.breaker.trip(now_ms), now_ms, reports);
  }
}

void Watchdog::State::tick(uint64_t now_ms, Reports& reports) {
  for (auto& [hook, watched] : hooks) {
    const Hook::Outcomes now = hook->outcomes();
    const uint64_t answers = now.answers > watched.last.answers ? now.answers - watched.last.answers : 0;
    const uint64_t faults = now.faults > watched.last.faults ? now.faults - watched.last.faults : 0;
    watched.last = now;
    apply(*hook, watched, watched.breaker.tick(now_ms, answers, faults), now_ms, reports);
    // Probes whose askers have gone away before an answer came must not leave the breaker half open for ever.
    if (watched.breaker.state() == Breaker::State::half_open &&
        now_ms - watched.probing_since_ms >= limits.first_pause_ms) {
      watched.probing_since_ms = now_ms;
      hook->set_breaker(Hook::kBreakerProbing, limits.probes);
    }
  }
}

void Watchdog::State::apply(Hook& hook, Watched& watched, Breaker::Change change, uint64_t now_ms, Reports& reports) {
  switch (change) {
    case Breaker::Change::none:
      return;
    case Breaker::Change::opened:
    case Breaker::Change::quarantined:
      hook.set_breaker(Hook::kBreakerOpen);
      break;
    case Breaker::Change::half_opened:
      watched.probing_since_ms = now_ms;
      hook.set_breaker(Hook::kBreakerProbing, limits.probes);
      break;
    case Breaker::Change::closed:
      hook.set_breaker(0);
      break;
  }
  reports.breakers.push_back({hook.instance().facts().number, hook.id(), change, watched.breaker.openings()});
}

void Watchdog::State::tell(const Reports& reports) const {
  if (callbacks.on_hang) std::for_each(reports.hangs.begin(), reports.hangs.end(), callbacks.on_hang);
  if (callbacks.on_hang_over) std::for_each(reports.over.begin(), reports.over.end(), callbacks.on_hang_over);
  if (callbacks.on_breaker) std::for_each(reports.breakers.begin(), reports.breakers.end(), callbacks.on_breaker);
}

Watchdog::Watchdog(CallPlaces& places, const base::Clock& clock, BreakerLimits limits, ThreadView threads)
    : state_(std::make_unique<State>(places, clock, limits, threads)) {}

Watchdog::~Watchdog() {
  stop();
}

void Watchdog::set_callbacks(WatchdogCallbacks callbacks) {
  state_->callbacks = std::move(callbacks);
}

void Watchdog::start() {
  state_->thread = std::thread([this] { run(); });
}

void Watchdog::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
}

void Watchdog::run() {
  std::unique_lock lock(state_->mutex);
  while (!state_->stopping) {
    const bool idle = state_->instances == 0;
    state_->wake.wait_for(lock, std::chrono::milliseconds(idle ? kIdleMs : kSampleMs),
                          [this, idle] { return state_->stopping || (idle && state_->instances != 0); });
    if (state_->stopping) return;
    lock.unlock();
    sample();
    lock.lock();
  }
}

void Watchdog::sample() {
  State::Reports reports;
  {
    const std::lock_guard lock(state_->mutex);
    const uint64_t now_ms = state_->clock.steady_ms();
    state_->any_starved.reset();
    for (size_t index = 0; index < state_->seen.size(); ++index) state_->look_at(index, now_ms, reports);
    if (now_ms >= state_->next_tick_ms) {
      state_->next_tick_ms = now_ms + kBreakerMs;
      state_->tick(now_ms, reports);
    }
    // Without an instance, plugins' threads have nothing that they could wait with.
    if (state_->instances != 0 && now_ms >= state_->next_background_ms) {
      state_->next_background_ms = now_ms + BackgroundThreads::kLookMs;
      state_->places.background().look(state_->clock.steady_ns());
    }
  }
  state_->tell(reports);
}

void Watchdog::watch(const std::vector<Hook*>& hooks) {
  const std::lock_guard lock(state_->mutex);
  std::erase_if(state_->hooks,
                [&](const auto& entry) { return std::find(hooks.begin(), hooks.end(), entry.first) == hooks.end(); });
  for (Hook* hook : hooks) {
    const auto [entry, added] = state_->hooks.try_emplace(hook, state_->limits);
    if (added) entry->second.last = hook->outcomes();
  }
  // A site that was seen may be gone with its instance, and another one may come to lie where it was.
  for (State::Seen& last : state_->seen) {
    if (!last.reported) last.site = nullptr;
  }
}

void Watchdog::instance_begins() {
  bool first = false;
  {
    const std::lock_guard lock(state_->mutex);
    first = ++state_->instances == 1;
  }
  if (first) state_->wake.notify_all();
}

void Watchdog::instance_ended() {
  const std::lock_guard lock(state_->mutex);
  --state_->instances;
}

bool Watchdog::force(const Hook& hook, bool open) {
  State::Reports reports;
  {
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->hooks.find(const_cast<Hook*>(&hook));
    if (found == state_->hooks.end()) return false;
    Breaker& breaker = found->second.breaker;
    Breaker::Change change = Breaker::Change::none;
    if (open) {
      change = breaker.force_open();
    } else if (breaker.state() != Breaker::State::closed) {
      breaker.force_closed();
      change = Breaker::Change::closed;
    }
    state_->apply(*found->first, found->second, change, state_->clock.steady_ms(), reports);
  }
  state_->tell(reports);
  return true;
}

Breaker::State Watchdog::state_of(const Hook& hook) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->hooks.find(const_cast<Hook*>(&hook));
  return found == state_->hooks.end() ? Breaker::State::closed : found->second.breaker.state();
}

}  // namespace patchbay::plugin_bridge
