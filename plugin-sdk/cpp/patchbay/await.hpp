// SPDX-License-Identifier: Apache-2.0
// What a task may wait for: co_await sleep(250ms), on_worker(), back_to_shard(), fd_readable(fd), with_timeout(inner(),
// 2s). What the host refuses (no such interface, a limit, closed) is thrown as patchbay::error at the co_await.
#pragma once

#include "patchbay/task.hpp"

namespace patchbay {

namespace detail {

template <typename Table>
const Table& table_for(const Table* table, std::string_view name) {
  if (table == nullptr) throw error(PATCHBAY_UNSUPPORTED, std::string("the host doesn't offer ").append(name));
  return *table;
}

/// A wait for a callback that can be cancelled. When the frame is destroyed meanwhile, the callback finds nothing to
/// wake.
class cancellable_wait {
 public:
  cancellable_wait() = default;
  cancellable_wait(const cancellable_wait&) = delete;
  cancellable_wait& operator=(const cancellable_wait&) = delete;
  bool await_ready() const noexcept { return false; }

 protected:
  ~cancellable_wait() = default;
  template <typename Promise>
  void expect(std::coroutine_handle<Promise> handle) {
    task_root& root = handle.promise().root();
    env_ = &root.env();
    shard_ = env_->raw_host->shard_index(env_->raw_host);
    waiting_ = env_->expect(root.shared_from_this(), handle);
  }
  /// The host refused: nothing will come.
  void refused(status code, std::string_view what) {
    if (code == PATCHBAY_OK) return;
    resumption* unused = std::exchange(waiting_, nullptr);
    if (env_->take(unused)) delete unused;
    throw error(code, std::string(what));
  }
  /// On the shard that set it, a cancelled callback does not come, so what it holds can go at once. Elsewhere one may
  /// be on its way: it stays with the runtime until the instance is destroyed.
  void cancelled(status code) {
    if (code != PATCHBAY_OK || shard_ == UINT32_MAX || shard_ != env_->raw_host->shard_index(env_->raw_host)) return;
    if (env_->take(waiting_)) delete waiting_;
  }
  runtime* env_ = nullptr;
  resumption* waiting_ = nullptr;
  std::uint32_t shard_ = UINT32_MAX;
};

class sleep_wait final : public cancellable_wait {
 public:
  explicit sleep_wait(std::chrono::milliseconds delay) : delay_(delay) {}
  ~sleep_wait() {
    if (waiting_ != nullptr) cancelled(env_->timer->cancel(env_->raw_host, timer_));
  }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> handle) {
    const auto& timer = table_for(handle.promise().root().env().timer, PATCHBAY_TIMER_1);
    expect(handle);
    const auto fire = [](void* self, std::uint64_t) noexcept { resume(static_cast<resumption*>(self)); };
    refused(timer.set(env_->raw_host, static_cast<std::uint64_t>(delay_.count()), 0, fire, waiting_, &timer_), "sleep");
  }
  void await_resume() noexcept { waiting_ = nullptr; }

 private:
  std::chrono::milliseconds delay_;
  std::uint64_t timer_ = 0;
};

class fd_wait final : public cancellable_wait {
 public:
  fd_wait(int fd, std::uint32_t events) : fd_(fd), events_(events) {}
  ~fd_wait() {
    if (waiting_ != nullptr) cancelled(env_->fd->unwatch(env_->raw_host, watch_, nullptr, nullptr));
  }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> handle) {
    const auto& fd = table_for(handle.promise().root().env().fd, PATCHBAY_FD_1);
    expect(handle);
    const std::uint32_t shard = handle.promise().root().shard();
    refused(fd.watch(env_->raw_host, shard == UINT32_MAX ? 0 : shard, fd_, events_, &ready, waiting_, &watch_),
            "fd watch");
  }
  void await_resume() noexcept { waiting_ = nullptr; }

 private:
  static void ready(void* self, std::uint64_t watch, std::int32_t, std::uint32_t) noexcept {
    auto* which = static_cast<resumption*>(self);
    which->of->fd->unwatch(which->of->raw_host, watch, nullptr, nullptr);
    resume(which);
  }
  int fd_;
  std::uint32_t events_;
  std::uint64_t watch_ = 0;
};

inline void wake(void* self) noexcept {
  resume(static_cast<resumption*>(self));
}

/// Waits for a call that can't be cancelled and comes exactly once: it finds the root gone where the frame was
/// destroyed.
template <bool to_worker>
class hop {
 public:
  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> handle) {
    task_root& root = handle.promise().root();
    const auto& worker = table_for(root.env().worker, PATCHBAY_WORKER_1);
    resumption* which = root.env().expect(root.shared_from_this(), handle);
    const patchbay_host* host = root.env().raw_host;
    const std::uint32_t shard = root.shard() == UINT32_MAX ? 0 : root.shard();
    const status code = to_worker ? worker.run(host, &wake, which) : worker.post(host, shard, &wake, which);
    if (code == PATCHBAY_OK) return;
    if (root.env().take(which)) delete which;
    throw error(code, to_worker ? "on_worker" : "back_to_shard");
  }
  void await_resume() const noexcept {}
};

}  // namespace detail

/// Goes on after `delay`, on the shard that the task runs on now (on a worker: on a worker).
inline detail::sleep_wait sleep(std::chrono::milliseconds delay) {
  return detail::sleep_wait(delay);
}
/// Goes on on a worker, where blocking calls are allowed.
inline detail::hop<true> on_worker() {
  return {};
}
/// Goes on on the shard where the task began.
inline detail::hop<false> back_to_shard() {
  return {};
}
/// Goes on, on the task's shard, when the descriptor can be read (or has failed).
inline detail::fd_wait fd_readable(int fd) {
  return {fd, PATCHBAY_FD_READ};
}
inline detail::fd_wait fd_writable(int fd) {
  return {fd, PATCHBAY_FD_WRITE};
}

}  // namespace patchbay
