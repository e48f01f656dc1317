// SPDX-License-Identifier: Apache-2.0
// What an instance's coroutines stand on: the tables they need, the coroutines that wait, and the callbacks that will
// wake them.
#pragma once

#include <algorithm>
#include <coroutine>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "patchbay/host.hpp"

namespace patchbay::detail {

class task_root;

/// One callback that the host will make for a coroutine. Whoever removes it from the runtime's set owns it.
struct resumption {
  std::shared_ptr<task_root> root;
  std::coroutine_handle<> handle;
  struct runtime* of;
};

/// One for each instance; lives until destroy(), when the host makes no calls any more.
struct runtime {
  explicit runtime(const patchbay_host* table)
      : raw_host(table),
        answers(patchbay::host(table).get<patchbay_answers>(PATCHBAY_ANSWERS_1)),
        timer(patchbay::host(table).get<patchbay_timer>(PATCHBAY_TIMER_1)),
        worker(patchbay::host(table).get<patchbay_worker>(PATCHBAY_WORKER_1)),
        fd(patchbay::host(table).get<patchbay_fd>(PATCHBAY_FD_1)),
        broker_client(patchbay::host(table).get<patchbay_broker_client>(PATCHBAY_BROKER_CLIENT_1)) {}
  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;
  ~runtime() {
    for (resumption* each : pending_) delete each;
  }

  void* owner = nullptr;  // the instance that holds the plugin's object
  const patchbay_host* const raw_host;
  const patchbay_answers* const answers;
  const patchbay_timer* const timer;
  const patchbay_worker* const worker;
  const patchbay_fd* const fd;
  const patchbay_broker_client* const broker_client;

  resumption* expect(std::shared_ptr<task_root> root, std::coroutine_handle<> handle) {
    auto made = std::make_unique<resumption>(resumption{std::move(root), handle, this});
    const std::lock_guard lock(mutex_);
    pending_.insert(made.get());
    return made.release();
  }
  /// Whether the caller owns it now; false: somebody else did, or will.
  bool take(resumption* which) {
    const std::lock_guard lock(mutex_);
    return pending_.erase(which) != 0;
  }

  /// Things that callbacks point to: kept until dropped, or until the instance is destroyed.
  void keep(std::shared_ptr<void> thing) {
    const std::lock_guard lock(mutex_);
    void* const address = thing.get();
    kept_[address] = std::move(thing);
  }
  std::shared_ptr<void> find(void* address) {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(address);
    return found == kept_.end() ? nullptr : found->second;
  }
  std::shared_ptr<void> drop(void* address) {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(address);
    if (found == kept_.end()) return nullptr;
    std::shared_ptr<void> out = std::move(found->second);
    kept_.erase(found);
    return out;
  }

  void add(std::shared_ptr<task_root> root) {
    const std::lock_guard lock(mutex_);
    roots_.push_back(std::move(root));
  }
  void remove(const task_root* root) {
    std::shared_ptr<task_root> kept;  // freed without the lock
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(roots_.begin(), roots_.end(), [&](const auto& each) { return each.get() == root; });
    if (found == roots_.end()) return;
    kept = std::move(*found);
    *found = std::move(roots_.back());
    roots_.pop_back();
  }
  /// A copy, so that the coroutines may be ended without the lock.
  std::vector<std::shared_ptr<task_root>> roots() {
    const std::lock_guard lock(mutex_);
    return roots_;
  }
  std::size_t waiting() {
    const std::lock_guard lock(mutex_);
    return roots_.size();
  }

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<task_root>> roots_;
  std::unordered_set<resumption*> pending_;
  std::unordered_map<void*, std::shared_ptr<void>> kept_;
};

}  // namespace patchbay::detail
