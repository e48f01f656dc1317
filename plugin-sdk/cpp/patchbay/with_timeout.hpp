// SPDX-License-Identifier: Apache-2.0
// co_await with_timeout(task, 2s): the result, or nothing when the time is up first. The inner task is ended then (one
// that blocks a worker at that moment ends when it comes back).
#pragma once

#include <variant>

#include "patchbay/await.hpp"

namespace patchbay {

namespace detail {

/// What the inner task, the timer and the one who waits share. Whoever sets `decided` first wakes the waiting one.
template <typename T>
struct race {
  std::atomic<bool> decided{false};
  std::optional<T> value;
  std::exception_ptr thrown;
  std::shared_ptr<task_root> outer;
  std::coroutine_handle<> handle;
};

template <typename T>
class raced_root final : public task_root {
 public:
  using body_handle = std::coroutine_handle<typename task<T>::promise_type>;
  raced_root(runtime& env, body_handle body, std::shared_ptr<race<T>> shared)
      : task_root(env, body), body_(body), shared_(std::move(shared)) {
    body.promise().set_root(this);
  }

 private:
  void harvest() noexcept override {
    won_ = !shared_->decided.exchange(true);
    if (!won_) return;
    shared_->thrown = body_.promise().thrown;
    if (!shared_->thrown) shared_->value = std::move(body_.promise().value);
  }
  void deliver() noexcept override {
    if (won_) shared_->outer->run(shared_->handle);
  }
  body_handle body_;
  std::shared_ptr<race<T>> shared_;
  bool won_ = false;
};

template <typename T>
class timeout_wait {
 public:
  timeout_wait(task<T> inner, std::chrono::milliseconds limit) : inner_(std::move(inner)), limit_(limit) {}
  timeout_wait(const timeout_wait&) = delete;
  timeout_wait& operator=(const timeout_wait&) = delete;
  ~timeout_wait() {
    if (!waiting_) return;
    shared_->decided.store(true);
    root_->abandon();
    stop_clock();
  }
  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) {
    task_root& outer = handle.promise().root();
    const auto& timer = table_for(outer.env().timer, PATCHBAY_TIMER_1);
    shared_ = std::make_shared<race<T>>();
    shared_->outer = outer.shared_from_this();
    shared_->handle = handle;
    root_ = std::make_shared<raced_root<T>>(outer.env(), inner_.release(), shared_);
    if (root_->begin()) return false;
    const auto alarm = std::make_shared<clock>(clock{shared_, root_, &outer.env()});
    clock_ = alarm.get();
    outer.env().keep(alarm);
    const patchbay_host* host = outer.env().raw_host;
    const status code = timer.set(host, static_cast<std::uint64_t>(limit_.count()), 0, &ring, clock_, &timer_);
    if (code != PATCHBAY_OK) {
      outer.env().drop(clock_);
      shared_->decided.store(true);
      root_->abandon();
      throw error(code, "with_timeout");
    }
    waiting_ = true;
    return true;
  }
  std::optional<T> await_resume() {
    if (std::exchange(waiting_, false)) stop_clock();
    shared_->outer.reset();
    if (shared_->thrown) std::rethrow_exception(shared_->thrown);
    return std::move(shared_->value);
  }

 private:
  struct clock {
    std::shared_ptr<race<T>> shared;
    std::shared_ptr<task_root> inner;
    runtime* env;
  };
  static void ring(void* self, std::uint64_t) noexcept {
    auto* const owned = static_cast<clock*>(self);
    const std::shared_ptr<void> kept = owned->env->drop(self);
    if (owned->shared->decided.exchange(true)) return;
    owned->inner->abandon();
    const auto outer = owned->shared->outer;
    outer->run(owned->shared->handle);
  }
  /// A timer that is cancelled on its own shard does not ring any more; where that is uncertain, what it points to
  /// stays with the runtime.
  void stop_clock() {
    runtime& env = root_->env();
    const patchbay_host* host = env.raw_host;
    if (env.timer->cancel(host, timer_) == PATCHBAY_OK && host->shard_index(host) == root_->shard()) env.drop(clock_);
  }
  task<T> inner_;
  std::chrono::milliseconds limit_;
  std::shared_ptr<race<T>> shared_;
  std::shared_ptr<raced_root<T>> root_;
  clock* clock_ = nullptr;
  std::uint64_t timer_ = 0;
  bool waiting_ = false;
};

}  // namespace detail

/// std::optional of the inner result; empty: out of time. What the inner task throws is thrown here.
template <typename T>
detail::timeout_wait<T> with_timeout(task<T> inner, std::chrono::milliseconds limit) {
  return {std::move(inner), limit};
}

}  // namespace patchbay
