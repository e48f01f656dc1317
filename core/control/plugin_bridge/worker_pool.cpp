#include "plugin_bridge/worker_pool.h"

#include <semaphore.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "plugin_bridge/background_threads.h"

namespace patchbay::plugin_bridge {

struct WorkerPool::State {
  State(CallPlaces& all_places, const base::Clock& any_clock, Options given)
      : places(all_places), clock(any_clock), options(std::move(given)) {
    options.threads = std::min<uint32_t>(options.threads, CallPlaces::kMaximumWorkers);
    sem_init(&wake, 0, 0);
  }
  ~State() {
    discard_all();
    sem_destroy(&wake);
  }

  /// Takes what was posted into the order of posting; under the mutex.
  void sort_in() {
    Job* newest = incoming.exchange(nullptr, std::memory_order_acquire);
    Job* oldest = nullptr;
    while (newest != nullptr) {
      Job* older = newest->next_;
      newest->next_ = oldest;
      oldest = newest;
      newest = older;
    }
    for (Job* job = oldest; job != nullptr;) {
      Job* next = job->next_;
      if (job->due_ms_ == 0) {
        ready.emplace_back(job);
      } else {
        timed.emplace(job->due_ms_, std::unique_ptr<Job>(job));
      }
      job = next;
    }
    const uint64_t now_ms = clock.steady_ms();
    while (!timed.empty() && timed.begin()->first <= now_ms) {
      ready.push_back(std::move(timed.begin()->second));
      timed.erase(timed.begin());
    }
  }

  /// The next job that is due; null: none, and `next_due_ms` says when there will be one, if that is known.
  std::unique_ptr<Job> take(std::optional<uint64_t>& next_due_ms) {
    const std::lock_guard lock(mutex);
    sort_in();
    next_due_ms = timed.empty() ? std::nullopt : std::optional(timed.begin()->first);
    if (ready.empty()) return nullptr;
    std::unique_ptr<Job> job = std::move(ready.front());
    ready.pop_front();
    // This worker is busy from now on: another one must look after the rest.
    if (!ready.empty() || !timed.empty()) sem_post(&wake);
    return job;
  }

  void run(std::unique_ptr<Job> job) {
    HeldCounters& account = *job->account_;
    running.fetch_add(1, std::memory_order_relaxed);
    waiting.fetch_sub(1, std::memory_order_relaxed);
    job->run();
    job.reset();
    running.fetch_sub(1, std::memory_order_relaxed);
    account.remove(Held::worker_jobs);
  }

  void discard(std::unique_ptr<Job> job) {
    HeldCounters& account = *job->account_;
    job.reset();
    waiting.fetch_sub(1, std::memory_order_relaxed);
    account.remove(Held::worker_jobs);
  }

  void discard_all() {
    const std::lock_guard lock(mutex);
    sort_in();
    for (auto& job : ready) discard(std::move(job));
    ready.clear();
    for (auto& [due_ms, job] : timed) discard(std::move(job));
    timed.clear();
  }

  void wait(std::optional<uint64_t> next_due_ms) {
    if (!next_due_ms) {
      sem_wait(&wake);
      return;
    }
    const uint64_t now_ms = clock.steady_ms();
    const uint64_t delay_ms = *next_due_ms > now_ms ? *next_due_ms - now_ms : 0;
    // From the exact clock: steady_ms() may be a tick behind it, and the semaphore would have timed out at once, again
    // and again, until that tick came.
    const uint64_t until_ns = base::SystemClock().steady_ns() + delay_ms * 1'000'000;
    timespec until{};
    until.tv_sec = static_cast<time_t>(until_ns / 1'000'000'000);
    until.tv_nsec = static_cast<long>(until_ns % 1'000'000'000);
    sem_clockwait(&wake, CLOCK_MONOTONIC, &until);
  }

  CallPlaces& places;
  const base::Clock& clock;
  Options options;
  sem_t wake{};
  std::atomic<Job*> incoming{nullptr};
  std::atomic<bool> stopped{false};
  std::atomic<uint32_t> waiting{0};
  std::atomic<uint32_t> running{0};
  std::atomic<uint64_t> refused{0};
  std::mutex mutex;  // guards what follows; shards never take it
  std::deque<std::unique_ptr<Job>> ready;
  std::multimap<uint64_t, std::unique_ptr<Job>> timed;
  std::vector<std::thread> threads;
};

WorkerPool::WorkerPool(CallPlaces& places, const base::Clock& clock, Options options)
    : state_(std::make_unique<State>(places, clock, std::move(options))) {}

WorkerPool::~WorkerPool() {
  stop();
}

void WorkerPool::start() {
  for (uint32_t worker = 0; worker < state_->options.threads; ++worker) {
    state_->threads.emplace_back([this, worker] {
      const std::string name = state_->options.name.substr(0, 11) + "-" + std::to_string(worker);
      const BackgroundThreads::Scope scope(state_->places.background(), name.c_str());
      work(worker);
    });
  }
}

void WorkerPool::stop() {
  state_->stopped.store(true, std::memory_order_release);
  for (size_t i = 0; i < state_->threads.size(); ++i) sem_post(&state_->wake);
  for (std::thread& thread : state_->threads) thread.join();
  state_->threads.clear();
  state_->discard_all();
}

void WorkerPool::work(uint32_t worker) {
  const PlaceScope scope(state_->places.worker(worker));
  while (!state_->stopped.load(std::memory_order_acquire)) {
    std::optional<uint64_t> next_due_ms;
    if (auto job = state_->take(next_due_ms); job != nullptr) {
      state_->run(std::move(job));
    } else {
      state_->wait(next_due_ms);
    }
  }
}

bool WorkerPool::post_at(HeldCounters& account, std::unique_ptr<Job> job, uint64_t due_ms) {
  if (state_->waiting.load(std::memory_order_relaxed) >= state_->options.queue_max) {
    state_->refused.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  return post_always(account, std::move(job), due_ms);
}

bool WorkerPool::post_always(HeldCounters& account, std::unique_ptr<Job> job, uint64_t due_ms) {
  if (!push(account, std::move(job), due_ms)) return false;
  sem_post(&state_->wake);
  return true;
}

bool WorkerPool::post_next(HeldCounters& account, std::unique_ptr<Job> job, uint64_t due_ms) {
  return push(account, std::move(job), due_ms);
}

bool WorkerPool::push(HeldCounters& account, std::unique_ptr<Job> job, uint64_t due_ms) {
  State& state = *state_;
  if (state.stopped.load(std::memory_order_acquire)) {
    state.refused.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  state.waiting.fetch_add(1, std::memory_order_relaxed);
  account.add(Held::worker_jobs);
  Job* node = job.release();
  node->account_ = &account;
  node->due_ms_ = due_ms;
  Job* head = state.incoming.load(std::memory_order_relaxed);
  do {
    node->next_ = head;
  } while (!state.incoming.compare_exchange_weak(head, node, std::memory_order_release, std::memory_order_relaxed));
  return true;
}

void WorkerPool::make_due(const void* group) {
  const std::lock_guard lock(state_->mutex);
  state_->sort_in();
  for (auto entry = state_->timed.begin(); entry != state_->timed.end();) {
    if (entry->second->group() != group) {
      ++entry;
      continue;
    }
    state_->ready.push_back(std::move(entry->second));
    entry = state_->timed.erase(entry);
    sem_post(&state_->wake);
  }
}

bool WorkerPool::wait_until_idle(const HeldCounters& account, uint64_t limit_ms) const {
  for (uint64_t waited_ms = 0; account.value(Held::worker_jobs) != 0; ++waited_ms) {
    if (waited_ms >= limit_ms) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

size_t WorkerPool::run_pending() {
  size_t count = 0;
  std::optional<uint64_t> next_due_ms;
  while (auto job = state_->take(next_due_ms)) {
    state_->run(std::move(job));
    ++count;
  }
  return count;
}

uint32_t WorkerPool::waiting() const {
  return state_->waiting.load(std::memory_order_relaxed);
}

uint32_t WorkerPool::running() const {
  return state_->running.load(std::memory_order_relaxed);
}

uint64_t WorkerPool::refused() const {
  return state_->refused.load(std::memory_order_relaxed);
}

}  // namespace patchbay::plugin_bridge
