#include "plugin_host/conductor.h"

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace patchbay::plugin_host {

struct Conductor::State {
  Tick tick;
  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::deque<std::function<void()>> operations;
  bool stopping = false;
  std::thread thread;
};

Conductor::Conductor(Tick tick) : state_(std::make_unique<State>()) {
  state_->tick = std::move(tick);
}

Conductor::~Conductor() {
  stop();
}

void Conductor::start() {
  state_->thread = std::thread([this] { run(); });
  pthread_setname_np(state_->thread.native_handle(), "plugin-host");
}

bool Conductor::post(std::function<void()> operation) {
  const std::lock_guard lock(state_->mutex);
  if (state_->stopping) return false;
  state_->operations.push_back(std::move(operation));
  state_->changed.notify_one();
  return true;
}

void Conductor::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    state_->changed.notify_one();
  }
  if (state_->thread.joinable()) state_->thread.join();
}

bool Conductor::is_current() const {
  return state_->thread.get_id() == std::this_thread::get_id();
}

void Conductor::run() {
  std::unique_lock lock(state_->mutex);
  for (;;) {
    while (!state_->operations.empty()) {
      const std::function<void()> operation = std::move(state_->operations.front());
      state_->operations.pop_front();
      lock.unlock();
      operation();
      lock.lock();
    }
    if (state_->stopping) return;
    lock.unlock();
    const uint64_t wait_ms = state_->tick();
    lock.lock();
    state_->changed.wait_for(lock, std::chrono::milliseconds(wait_ms),
                             [this] { return state_->stopping || !state_->operations.empty(); });
  }
}

}  // namespace patchbay::plugin_host
