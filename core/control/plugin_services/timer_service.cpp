#include "plugin_services/timer_service.h"

#include <utility>

namespace patchbay::plugin_services {

using plugin_bridge::Held;

namespace {
constexpr unsigned kShardShift = 48;
constexpr uint64_t kSequenceMask = (uint64_t{1} << kShardShift) - 1;
constexpr uint64_t kRetryMs = 100;  // the pool's queue is full

uint32_t shard_of(uint64_t timer) {
  return static_cast<uint32_t>(timer >> kShardShift);
}
}  // namespace

struct TimerService::Entry {
  TimerService* service = nullptr;
  uint64_t id = 0;
  uint64_t delay_ms = 0;
  uint64_t period_ms = 0;
  Callback callback = nullptr;
  void* self = nullptr;
  bool on_worker = false;
  std::atomic<bool> cancelled{false};
  std::atomic<bool> running{false};  ///< on a worker: calls of one timer don't overlap
  base::Timer timer;                 ///< [shard of the timer]
};

TimerService::TimerService(ServiceAccount& account, const ServiceShards& shards, plugin_bridge::WorkerPool& workers)
    : account_(account),
      shards_(shards),
      workers_(workers),
      quota_(account.limits.max_timers, account.refusals, Refusal::timers),
      tables_(shards.count()) {}

TimerService::~TimerService() {
  for (const Table& table : tables_) PATCHBAY_ASSERT(table.entries.empty());
}

patchbay_status TimerService::set(uint64_t delay_ms, uint64_t period_ms, Callback callback, void* self,
                                  uint64_t& timer) {
  if (!account_.takes_work()) return PATCHBAY_CLOSED;
  if (callback == nullptr) return account_.invalid("a timer was set without a function");
  if (!quota_.take()) return PATCHBAY_BUSY;
  const uint64_t sequence = next_.fetch_add(1, std::memory_order_relaxed) & kSequenceMask;
  const bool here = shards_.on_shard();
  const uint64_t shard = here ? base::current_shard() : sequence % shards_.count();
  auto entry = std::make_shared<Entry>();
  entry->service = this;
  entry->id = (shard << kShardShift) | sequence;
  entry->delay_ms = delay_ms;
  entry->period_ms = period_ms;
  entry->callback = callback;
  entry->self = self;
  entry->on_worker = !here;
  timer = entry->id;
  account_.held.add(Held::timers);
  {
    const std::lock_guard lock(tables_[shard].mutex);
    tables_[shard].entries.emplace(entry->id, entry);
  }
  if (here) {
    start_on_shard(entry);
  } else {
    shards_.run(static_cast<uint32_t>(shard), [this, entry] { start_on_shard(entry); });
  }
  return PATCHBAY_OK;
}

void TimerService::start_on_shard(const EntryRef& entry) {
  if (entry->cancelled.load(std::memory_order_acquire)) return;
  entry->timer.bind(&TimerService::fire, entry.get());
  shards_.services(shard_of(entry->id)).start(entry->timer, entry->delay_ms);
}

TimerService::EntryRef TimerService::find(uint64_t timer) {
  Table& table = tables_[shard_of(timer)];
  const std::lock_guard lock(table.mutex);
  const auto found = table.entries.find(timer);
  return found == table.entries.end() ? nullptr : found->second;
}

TimerService::EntryRef TimerService::take(uint64_t timer) {
  Table& table = tables_[shard_of(timer)];
  const std::lock_guard lock(table.mutex);
  const auto found = table.entries.find(timer);
  if (found == table.entries.end()) return nullptr;
  EntryRef entry = std::move(found->second);
  table.entries.erase(found);
  return entry;
}

void TimerService::forget() {
  account_.held.remove(Held::timers);
  quota_.give_back();
}

void TimerService::fire(void* raw) {
  auto* entry = static_cast<Entry*>(raw);
  // The table's share may go while the callback runs: it may cancel its own timer.
  const EntryRef kept = entry->service->find(entry->id);
  if (kept == nullptr) return;  // cancelled from elsewhere, whose mail is on its way
  if (kept->on_worker) {
    kept->service->fire_on_worker(kept);
  } else {
    kept->service->fire_here(kept);
  }
}

void TimerService::fire_here(const EntryRef& entry) {
  if (entry->period_ms != 0) {
    shards_.services(shard_of(entry->id)).start(entry->timer, entry->period_ms);
  } else if (take(entry->id) != nullptr) {
    forget();
  } else {
    return;
  }
  account_.call(Door::timer, [&] { entry->callback(entry->self, entry->id); });
}

void TimerService::fire_on_worker(const EntryRef& entry) {
  base::ShardServices& services = shards_.services(shard_of(entry->id));
  const bool once = entry->period_ms == 0;
  if (!once) services.start(entry->timer, entry->period_ms);
  if (entry->running.exchange(true, std::memory_order_acq_rel))
    return;  // the last call still runs: this one is left out
  const bool posted =
      workers_.post(account_.held, plugin_bridge::make_job([this, entry] {
                      if (!entry->cancelled.load(std::memory_order_acquire)) {
                        account_.call(Door::timer_worker, [&] { entry->callback(entry->self, entry->id); });
                      }
                      entry->running.store(false, std::memory_order_release);
                    }));
  if (!posted) {
    entry->running.store(false, std::memory_order_release);
    if (once) services.start(entry->timer, kRetryMs);
  } else if (once && take(entry->id) != nullptr) {
    forget();
  }
}

patchbay_status TimerService::cancel(uint64_t timer) {
  if (shard_of(timer) >= shards_.count()) return PATCHBAY_NOT_FOUND;
  EntryRef entry = take(timer);
  if (entry == nullptr) return PATCHBAY_NOT_FOUND;
  entry->cancelled.store(true, std::memory_order_release);
  if (base::current_shard() == shard_of(timer)) {
    entry->timer.stop();
    forget();
    return PATCHBAY_OK;
  }
  // Counted until the shard has let go of it.
  const uint32_t shard = shard_of(timer);
  shards_.run(shard, [this, entry = std::move(entry)] {
    entry->timer.stop();
    forget();
  });
  return PATCHBAY_OK;
}

void TimerService::stop_on_shard() {
  Table& table = tables_[base::current_shard()];
  std::unordered_map<uint64_t, EntryRef> entries;
  {
    const std::lock_guard lock(table.mutex);
    entries.swap(table.entries);
  }
  for (const auto& [id, entry] : entries) {
    entry->cancelled.store(true, std::memory_order_release);
    entry->timer.stop();
    forget();
  }
}

}  // namespace patchbay::plugin_services
