// SPDX-License-Identifier: Apache-2.0
// What an instance's coroutines stand on: the tables they need, the coroutines that wait, and the callbacks that will
// wake them.
#pragma once

#include <coroutine>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "patchbay/frame_cache.hpp"
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
      : frames(table),
        raw_host(table),
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

  frame_cache frames;     // first, since what goes with the others may give frames back
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

  /// Keeps a body that waits; `token` 0: it answers no question.
  void add(std::shared_ptr<task_root> root, std::uint64_t token) {
    const std::lock_guard lock(mutex_);
    if (token != 0) by_token_[token] = root.get();
    task_root* const address = root.get();
    roots_[address] = {std::move(root), token};
  }
  void remove(task_root* root) {
    held gone;  // freed without the lock
    const std::lock_guard lock(mutex_);
    const auto found = roots_.find(root);
    if (found == roots_.end()) return;
    by_token_.erase(found->second.token);
    gone = std::move(found->second);
    roots_.erase(found);
  }
  /// The body that is to answer this question; null: none waits.
  std::shared_ptr<task_root> find_root(std::uint64_t token) {
    const std::lock_guard lock(mutex_);
    const auto found = by_token_.find(token);
    return found == by_token_.end() ? nullptr : roots_.at(found->second).root;
  }
  /// A copy, so that the bodies may be ended without the lock.
  std::vector<std::shared_ptr<task_root>> roots() {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<task_root>> out;
    for (const auto& [address, each] : roots_) out.push_back(each.root);
    return out;
  }
  std::size_t waiting() {
    const std::lock_guard lock(mutex_);
    return roots_.size();
  }

 private:
  struct held {
    std::shared_ptr<task_root> root;
    std::uint64_t token = 0;
  };
  std::mutex mutex_;
  std::unordered_map<task_root*, held> roots_;
  std::unordered_map<std::uint64_t, task_root*> by_token_;
  std::unordered_set<resumption*> pending_;
  std::unordered_map<void*, std::shared_ptr<void>> kept_;
};

}  // namespace patchbay::detail
