// SPDX-License-Identifier: Apache-2.0
// Workers, shards and threads of the fake host. Work waits until run_workers() and run_shards(), or runs on a real
// thread when asked for.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <thread>

#include "patchbay/testing/core.hpp"

namespace patchbay::testing {

class workers : public part<workers> {
 public:
  explicit workers(core& shared) : part(shared), posts_(shared.options().shards) {
    worker_.size = sizeof worker_;
    worker_.run = [](const patchbay_host* h, void (*fn)(void*), void* self) {
      if (const auto failed = core_of(h).enter("worker.run"); failed != PATCHBAY_OK) return failed;
      return of(h).later([fn, self] { fn(self); });
    };
    worker_.post = [](const patchbay_host* h, std::uint32_t shard, void (*fn)(void*), void* self) {
      return of(h).post(shard, fn, self);
    };
    thread_.size = sizeof thread_;
    thread_.start = [](const patchbay_host* h, patchbay_str name, void (*fn)(void*), void* self, std::uint64_t* out) {
      return of(h).start_thread(name, fn, self, out);
    };
    thread_.stop_requested = [](const patchbay_host* h, std::uint64_t id) { return of(h).stop_requested(id); };
    thread_.join = [](const patchbay_host* h, std::uint64_t id) { return of(h).join(id); };
    check_.size = sizeof check_;
    check_.kind = [](const patchbay_host*) { return current_role.kind; };
    shared.table.shard_count = [](const patchbay_host* h) { return core_of(h).options().shards; };
    shared.table.shard_index = [](const patchbay_host*) { return current_role.shard; };
    shared.interfaces[PATCHBAY_WORKER_1] = &worker_;
    shared.interfaces[PATCHBAY_THREAD_1] = &thread_;
    shared.interfaces[PATCHBAY_THREAD_CHECK_1] = &check_;
    if (shared.options().worker_threads) pool_ = std::thread([this] { serve(); });
  }
  ~workers() {
    if (!pool_.joinable()) return;
    {
      const std::lock_guard lock(core_.mutex);
      closing_ = true;
    }
    work_came_.notify_all();
    pool_.join();
  }

  /// Queues work for a worker. OK, CLOSED.
  patchbay_status later(std::function<void()> work) {
    const std::lock_guard lock(core_.mutex);
    if (!core_.accepts_work) return PATCHBAY_CLOSED;
    jobs_.push_back(std::move(work));
    work_came_.notify_one();
    return PATCHBAY_OK;
  }
  /// Runs what waits for workers, on this thread; with a real pool: waits until it is idle. How many pieces.
  std::size_t run_workers() {
    std::unique_lock lock(core_.mutex);
    if (pool_.joinable()) {
      const std::size_t before = done_;
      work_came_.wait(lock, [this] { return jobs_.empty() && !busy_; });
      return done_ - before;
    }
    std::size_t count = 0;
    for (; !jobs_.empty(); ++count) run_one(lock);
    return count;
  }
  /// Runs what was posted to shards.
  std::size_t run_shards() {
    std::size_t count = 0;
    for (std::uint32_t shard = 0; shard < posts_.size(); ++shard) {
      for (std::function<void()> work; take_post(shard, work); ++count) {
        const role_scope role(PATCHBAY_THREAD_SHARD, shard);
        work();
      }
    }
    return count;
  }
  std::size_t waiting() {
    const std::lock_guard lock(core_.mutex);
    std::size_t sum = jobs_.size();
    for (const auto& each : posts_) sum += each.size();
    return sum;
  }
  /// Which of `count` waiting pieces runs next; unset: the oldest.
  std::function<std::size_t(std::size_t)> pick;
  /// Threads that the plugin started and nobody has joined.
  std::size_t threads() {
    const std::lock_guard lock(core_.mutex);
    return threads_.size();
  }
  /// From now on stop_requested() says 1 everywhere.
  void request_stop() {
    const std::lock_guard lock(core_.mutex);
    for (auto& [id, each] : threads_) each->stop = true;
  }
  /// Joins what is left, after stop(). How many there were.
  std::size_t join_all() {
    request_stop();
    std::size_t count = 0;
    for (; !threads_.empty(); ++count) {
      threads_.begin()->second->thread.join();
      threads_.erase(threads_.begin());
    }
    return count;
  }

 private:
  struct started {
    std::thread thread;
    std::atomic<bool> stop{false};
    std::string name;
  };
  void run_one(std::unique_lock<std::recursive_mutex>& lock) {
    const auto chosen = jobs_.begin() + static_cast<std::ptrdiff_t>(pick ? pick(jobs_.size()) : 0);
    const auto work = std::move(*chosen);
    jobs_.erase(chosen);
    busy_ = true;
    lock.unlock();
    {
      const role_scope role(PATCHBAY_THREAD_WORKER);
      work();
    }
    lock.lock();
    busy_ = false;
    ++done_;
  }
  void serve() {
    std::unique_lock lock(core_.mutex);
    for (;;) {
      work_came_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      run_one(lock);
      work_came_.notify_all();
    }
  }
  patchbay_status post(std::uint32_t shard, void (*fn)(void*), void* self) {
    const std::lock_guard lock(core_.mutex);
    if (const auto failed = core_.enter("worker.post"); failed != PATCHBAY_OK) return failed;
    if (shard >= posts_.size()) return PATCHBAY_INVALID;
    if (!core_.accepts_work) return PATCHBAY_CLOSED;
    posts_[shard].push_back([fn, self] { fn(self); });
    return PATCHBAY_OK;
  }
  bool take_post(std::uint32_t shard, std::function<void()>& out) {
    const std::lock_guard lock(core_.mutex);
    if (posts_[shard].empty()) return false;
    out = std::move(posts_[shard].front());
    posts_[shard].pop_front();
    return true;
  }
  patchbay_status start_thread(patchbay_str name, void (*fn)(void*), void* self, std::uint64_t* out) {
    const std::lock_guard lock(core_.mutex);
    if (const auto failed = core_.enter("thread.start"); failed != PATCHBAY_OK) return failed;
    if (!core_.on_thread(1u << PATCHBAY_THREAD_CONTROL | 1u << PATCHBAY_THREAD_WORKER, "thread.start"))
      return PATCHBAY_WRONG_THREAD;
    if (name.len > 15) return PATCHBAY_INVALID;
    *out = core_.next_number();
    auto& made = threads_[*out] = std::make_unique<started>();
    made->name = text(name);
    made->thread = std::thread([fn, self] { fn(self); });
    return PATCHBAY_OK;
  }
  std::uint32_t stop_requested(std::uint64_t id) {
    const std::lock_guard lock(core_.mutex);
    const auto found = threads_.find(id);
    return found == threads_.end() || found->second->stop ? 1 : 0;
  }
  patchbay_status join(std::uint64_t id) {
    if (!core_.on_thread(1u << PATCHBAY_THREAD_CONTROL | 1u << PATCHBAY_THREAD_WORKER, "thread.join"))
      return PATCHBAY_WRONG_THREAD;
    std::thread ended;
    {
      const std::lock_guard lock(core_.mutex);
      const auto found = threads_.find(id);
      if (found == threads_.end()) return PATCHBAY_NOT_FOUND;
      if (found->second->thread.get_id() == std::this_thread::get_id()) return PATCHBAY_WRONG_THREAD;
      found->second->stop = true;
      ended = std::move(found->second->thread);
    }
    ended.join();
    const std::lock_guard lock(core_.mutex);
    threads_.erase(id);
    return PATCHBAY_OK;
  }
  patchbay_worker worker_{};
  patchbay_thread thread_{};
  patchbay_thread_check check_{};
  std::deque<std::function<void()>> jobs_;
  std::vector<std::deque<std::function<void()>>> posts_;
  std::map<std::uint64_t, std::unique_ptr<started>> threads_;
  std::condition_variable_any work_came_;
  std::thread pool_;
  bool closing_ = false;
  bool busy_ = false;
  std::size_t done_ = 0;
};

}  // namespace patchbay::testing
