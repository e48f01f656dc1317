#include "plugin_host/control_thread.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "base/assert.h"
#include "base/log.h"

namespace patchbay::plugin_host {

namespace {

constexpr auto kWatchEvery = std::chrono::milliseconds(10);

}  // namespace

struct ControlThread::Job {
  ControlStep step;
  std::atomic<bool> finished{false};  // by done or late; whoever sets it tells the waiter
  Outcome outcome = Outcome::done;
};

// One thread that works through the queue until it is given up.
struct ControlThread::Lane {
  std::shared_ptr<Job> running;
  uint64_t started_ms = 0;
  bool given_up = false;
  std::thread::id id;
  std::thread thread;  // joined at stop() unless given up, then detached
};

struct ControlThread::State {
  explicit State(const base::Clock& c) : clock(c) {}

  const base::Clock& clock;
  mutable std::mutex mutex;  // guards what follows, and the outcome of jobs
  std::condition_variable changed;
  std::deque<std::shared_ptr<Job>> queue;
  std::shared_ptr<Lane> lane;
  size_t lost = 0;
  std::vector<int> thread_ids;
  bool stopping = false;
  std::thread watcher;
};

ControlThread::ControlThread(const base::Clock& clock, OnLate on_late) : state_(std::make_shared<State>(clock)) {
  {
    const std::lock_guard lock(state_->mutex);
    start_lane(state_);
  }
  state_->watcher = std::thread([state = state_, on_late = std::move(on_late)] { watch(state, on_late); });
}

ControlThread::~ControlThread() {
  stop();
}

void ControlThread::start_lane(const std::shared_ptr<State>& state) {
  auto lane = std::make_shared<Lane>();
  state->lane = lane;
  lane->thread = std::thread([state, lane] { work(state, lane); });
  lane->id = lane->thread.get_id();
  pthread_setname_np(lane->thread.native_handle(), "plugin-control");
}

void ControlThread::work(const std::shared_ptr<State>& state, const std::shared_ptr<Lane>& lane) {
  std::unique_lock lock(state->mutex);
  const int thread_id = static_cast<int>(syscall(SYS_gettid));
  state->thread_ids.push_back(thread_id);
  while (!lane->given_up) {
    state->changed.wait(lock, [&] { return state->stopping || lane->given_up || !state->queue.empty(); });
    if (state->stopping || lane->given_up) break;
    lane->running = std::move(state->queue.front());
    state->queue.pop_front();
    lane->started_ms = state->clock.steady_ms();
    state->changed.notify_all();  // there is something to watch
    const std::shared_ptr<Job> job = lane->running;
    lock.unlock();
    job->step.run();
    // What the step kept alive may be code's last holder: gone before anybody is told that the step is done.
    job->step.run = nullptr;
    lock.lock();
    lane->running = nullptr;
    if (lane->given_up) break;
    const uint64_t took_ms = state->clock.steady_ms() - lane->started_ms;
    if (took_ms > job->step.warn_ms) {
      base::log(base::LogArea::plugin, base::LogLevel::warning, "a plugin's step took long",
                {{"instance", job->step.instance}, {"step", job->step.name}, {"milliseconds", took_ms}});
    }
    job->finished = true;
    state->changed.notify_all();
  }
  std::erase(state->thread_ids, thread_id);
  if (!lane->given_up) return;
  --state->lost;
  state->changed.notify_all();
}

void ControlThread::watch(const std::shared_ptr<State>& state, const OnLate& on_late) {
  std::unique_lock lock(state->mutex);
  const auto busy = [&state] { return state->lane->running != nullptr && !state->lane->given_up; };
  while (!state->stopping || busy()) {
    if (!busy()) {
      state->changed.wait(lock, [&state, &busy] { return state->stopping || busy(); });
      continue;
    }
    state->changed.wait_for(lock, kWatchEvery);
    const std::shared_ptr<Lane> lane = state->lane;
    if (!busy()) continue;
    const std::shared_ptr<Job> job = lane->running;
    if (state->clock.steady_ms() - lane->started_ms <= job->step.limit_ms) continue;
    lane->given_up = true;
    lane->thread.detach();
    ++state->lost;
    job->outcome = Outcome::late;
    job->finished = true;
    if (!state->stopping) start_lane(state);
    state->changed.notify_all();
    const ControlStep late{job->step.instance, job->step.name, job->step.warn_ms, job->step.limit_ms, nullptr};
    lock.unlock();
    if (on_late) on_late(late);
    lock.lock();
  }
}

ControlThread::Outcome ControlThread::run(ControlStep step) {
  auto job = std::make_shared<Job>();
  job->step = std::move(step);
  std::unique_lock lock(state_->mutex);
  PATCHBAY_ASSERT(state_->lane == nullptr || state_->lane->id != std::this_thread::get_id());
  if (state_->stopping) return Outcome::refused;
  state_->queue.push_back(job);
  state_->changed.notify_all();
  state_->changed.wait(lock, [&] { return job->finished.load() || state_->stopping; });
  if (job->finished) return job->outcome;
  // Stopped meanwhile. The step may run: stop() waits for its end or its limit.
  return Outcome::refused;
}

void ControlThread::post(ControlStep step) {
  auto job = std::make_shared<Job>();
  job->step = std::move(step);
  const std::lock_guard lock(state_->mutex);
  if (state_->stopping) return;
  state_->queue.push_back(std::move(job));
  state_->changed.notify_all();
}

bool ControlThread::is_current() const {
  const std::lock_guard lock(state_->mutex);
  return state_->lane != nullptr && state_->lane->id == std::this_thread::get_id();
}

size_t ControlThread::lost_threads() const {
  const std::lock_guard lock(state_->mutex);
  return state_->lost;
}

std::vector<int> ControlThread::thread_ids() const {
  const std::lock_guard lock(state_->mutex);
  return state_->thread_ids;
}

void ControlThread::stop() {
  std::shared_ptr<Lane> lane;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping) return;
    state_->stopping = true;
    lane = state_->lane;
    state_->queue.clear();
    state_->changed.notify_all();
  }
  if (state_->watcher.joinable()) state_->watcher.join();
  if (lane->thread.joinable()) lane->thread.join();
}

}  // namespace patchbay::plugin_host
