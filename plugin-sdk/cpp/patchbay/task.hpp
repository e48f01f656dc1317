// SPDX-License-Identifier: Apache-2.0
// task<T>: a hook that may wait. `task<verdict> on_authenticate(auth_request a)` that finishes without waiting is an
// ordinary verdict; otherwise the layer answers DEFER and completes the token later. Views of the event die at the
// first co_await: copy what is needed. Frames belong to the instance; those that still wait at stop() are destroyed,
// and locals with them.
#pragma once

#include <optional>
#include <utility>

#include "patchbay/task_root.hpp"
#include "patchbay/verdict.hpp"

namespace patchbay {

namespace detail {

struct promise_base {
  task_root* root = nullptr;
  std::coroutine_handle<> continuation;
  std::exception_ptr thrown;

  std::suspend_always initial_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { thrown = std::current_exception(); }

  struct final_awaiter {
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      const auto next = ended.promise().continuation;
      return next ? next : std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };
  final_awaiter final_suspend() const noexcept { return {}; }
};

template <typename T>
struct value_promise : promise_base {
  std::optional<T> value;
  template <typename From>
  void return_value(From&& from) {
    value.emplace(std::forward<From>(from));
  }
  T take() {
    if (thrown) std::rethrow_exception(std::exchange(thrown, nullptr));
    return std::move(*value);
  }
};

template <>
struct value_promise<void> : promise_base {
  void return_void() const noexcept {}
  void take() {
    if (thrown) std::rethrow_exception(std::exchange(thrown, nullptr));
  }
};

}  // namespace detail

/// A coroutine that begins when it is awaited, or when the layer starts it for a hook. Owns its frame.
template <typename T>
class [[nodiscard]] task {
 public:
  struct promise_type : detail::value_promise<T> {
    task get_return_object() { return task(std::coroutine_handle<promise_type>::from_promise(*this)); }
  };
  task(task&& from) noexcept : handle_(std::exchange(from.handle_, nullptr)) {}
  task& operator=(task from) noexcept {
    std::swap(handle_, from.handle_);
    return *this;
  }
  ~task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> parent) {
    handle_.promise().root = parent.promise().root;
    handle_.promise().continuation = parent;
    return handle_;
  }
  T await_resume() { return handle_.promise().take(); }

  /// Hands the frame over; for the layer.
  std::coroutine_handle<promise_type> release() { return std::exchange(handle_, nullptr); }

 private:
  explicit task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

namespace detail {

/// Logs what a body threw; the answer is a failure.
inline verdict failed_with(const patchbay_host* raw, std::string_view where, std::exception_ptr thrown) noexcept {
  try {
    std::rethrow_exception(std::move(thrown));
  } catch (const std::exception& e) {
    try {
      host(raw).log_error(where, " threw: ", e.what());
    } catch (...) {  // no memory for the line: the answer counts
    }
  } catch (...) {
    raw->log(raw, PATCHBAY_LOG_ERROR, raw_text(where));
  }
  return verdict::threw();
}

/// The root of a hook's coroutine.
class verdict_root final : public task_root {
 public:
  using handle = std::coroutine_handle<task<verdict>::promise_type>;
  verdict_root(runtime& env, handle body, patchbay_token token, std::string_view where)
      : task_root(env, body), body_(body), token_(token), where_(where) {
    body.promise().root = this;
  }
  verdict result() const { return result_; }

 private:
  void harvest() noexcept override {
    auto& promise = body_.promise();
    result_ = promise.thrown ? failed_with(env().raw_host, where_, promise.thrown) : *promise.value;
  }
  void deliver() noexcept override { env().raw_host->complete(env().raw_host, token_, &result_.raw()); }
  void give_up() noexcept override {
    const verdict failed = verdict::failed();
    env().raw_host->complete(env().raw_host, token_, &failed.raw());
  }
  std::uint64_t token() const override { return token_.id; }

  handle body_;
  patchbay_token token_;
  std::string_view where_;
  verdict result_;
};

/// Runs a hook's coroutine up to its first wait.
inline verdict start_task(runtime& env, task<verdict> body, patchbay_token token, std::string_view where) {
  const auto handle = body.release();
  auto root = std::make_shared<verdict_root>(env, handle, token, where);
  if (root->begin()) return root->result();
  if (token.id != 0) return verdict::defer();
  root->abandon();
  host(env.raw_host).log_error(where, " waited where the point can't be deferred");
  return verdict::failed();
}

}  // namespace detail

}  // namespace patchbay
