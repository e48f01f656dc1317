#include "plugin_services/thread_service.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/shard.h"
#include "plugin_bridge/background_threads.h"

namespace patchbay::plugin_services {

using plugin_bridge::Held;

struct ThreadService::Running {
  uint64_t id = 0;
  Function function = nullptr;
  void* self = nullptr;
  std::string name;
  std::thread thread;
  std::thread::id thread_id;
  std::atomic<bool> stop{false};
  int kernel_id = 0;    // guarded by the service's mutex; 0: it has not begun yet
  bool ended = false;   // guarded by the service's mutex
  bool joined = false;  // guarded by the service's mutex: somebody joins it, or has
};

ThreadService::ThreadService(ServiceAccount& account) : account_(account) {}

ThreadService::~ThreadService() {
  PATCHBAY_ASSERT(threads_.empty());
}

patchbay_status ThreadService::start(std::string_view name, Function function, void* self, uint64_t& thread) {
  if (base::current_shard() != base::kNoShard) return PATCHBAY_WRONG_THREAD;
  if (function == nullptr) return account_.invalid("a thread was started without a function");
  const std::lock_guard lock(mutex_);
  if (stopping_ || !account_.takes_work()) return PATCHBAY_CLOSED;
  if (threads_.size() >= account_.limits.max_threads) {
    account_.refusals.count(Refusal::threads);
    return PATCHBAY_BUSY;
  }
  auto running = std::make_shared<Running>();
  running->id = next_++;
  running->function = function;
  running->self = self;
  running->name = name.substr(0, kMaximumName);
  thread = running->id;
  try {
    running->thread = std::thread([this, running] { run(running); });
  } catch (const std::system_error&) {
    return PATCHBAY_BUSY;  // the system's own limit
  }
  running->thread_id = running->thread.get_id();
  account_.held.add(Held::threads);
  threads_.emplace(running->id, std::move(running));
  return PATCHBAY_OK;
}

void ThreadService::run(const std::shared_ptr<Running>& thread) {
  const plugin_bridge::BackgroundThreads::Scope scope(account_.places.background(), thread->name.c_str());
  {
    const std::lock_guard lock(mutex_);
    thread->kernel_id = gettid();
  }
  account_.call(Door::thread, [&] { thread->function(thread->self); });
  const std::lock_guard lock(mutex_);
  thread->ended = true;
  ended_.notify_all();
}

std::shared_ptr<ThreadService::Running> ThreadService::find(uint64_t thread) const {
  const std::lock_guard lock(mutex_);
  const auto found = threads_.find(thread);
  return found == threads_.end() ? nullptr : found->second;
}

bool ThreadService::stop_requested(uint64_t thread) const {
  const std::lock_guard lock(mutex_);
  const auto found = threads_.find(thread);
  return stopping_ || !account_.finishes_work() || found == threads_.end() ||
         found->second->stop.load(std::memory_order_relaxed);
}

patchbay_status ThreadService::join(uint64_t thread) {
  if (base::current_shard() != base::kNoShard) return PATCHBAY_WRONG_THREAD;
  const std::shared_ptr<Running> running = find(thread);
  if (running == nullptr) return PATCHBAY_NOT_FOUND;
  if (running->thread_id == std::this_thread::get_id()) return PATCHBAY_WRONG_THREAD;
  running->stop.store(true, std::memory_order_relaxed);
  {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [&] { return running->ended; });
    if (std::exchange(running->joined, true)) return PATCHBAY_NOT_FOUND;  // somebody else was first
  }
  forget(running);
  return PATCHBAY_OK;
}

void ThreadService::forget(const std::shared_ptr<Running>& thread) {
  thread->thread.join();  // it has nothing left to do but to return
  const std::lock_guard lock(mutex_);
  threads_.erase(thread->id);
  account_.held.remove(Held::threads);
}

void ThreadService::request_stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
}

bool ThreadService::join_all(uint64_t limit_ms) {
  request_stop();
  std::unique_lock lock(mutex_);
  const auto all_ended = [this] {
    for (const auto& [id, thread] : threads_) {
      if (!thread->ended) return false;
    }
    return true;
  };
  const bool all = ended_.wait_for(lock, std::chrono::milliseconds(limit_ms), all_ended);
  std::vector<std::shared_ptr<Running>> to_join;
  for (const auto& [id, thread] : threads_) {
    if (thread->ended && !std::exchange(thread->joined, true)) to_join.push_back(thread);
  }
  lock.unlock();
  for (const std::shared_ptr<Running>& thread : to_join) forget(thread);
  return all;
}

std::vector<int> ThreadService::thread_ids() const {
  const std::lock_guard lock(mutex_);
  std::vector<int> ids;
  for (const auto& [id, thread] : threads_) {
    if (thread->kernel_id != 0) ids.push_back(thread->kernel_id);
  }
  return ids;
}

}  // namespace patchbay::plugin_services
