// SPDX-License-Identifier: Apache-2.0
// task<T>: a hook that may wait. `task<verdict> on_authenticate(auth_request a)` that finishes without waiting is an
// ordinary verdict; otherwise the layer answers DEFER and completes the token later. Views of the event die at the
// first co_await: copy what is needed. Frames belong to the instance; those that still wait at stop() are destroyed,
// and locals with them.
#pragma once

#include <optional>
#include <utility>

#include "patchbay/instance_access.hpp"
#include "patchbay/task_root.hpp"
#include "patchbay/verdict.hpp"

namespace patchbay {

namespace detail {

/// A body in its first run, which has no root unless it waits.
class root_maker {
 public:
  /// Makes it. Throws std::bad_alloc. On the thread that began the body, within its first run.
  virtual task_root& make() = 0;

 protected:
  ~root_maker() = default;
};

struct promise_base {
  std::coroutine_handle<> continuation;
  std::exception_ptr thrown;

  /// What keeps this body, or the one that awaits it; made now if need be.
  task_root& root() {
    promise_base& outermost = top_ == nullptr ? *this : *top_;
    if (outermost.root_ == nullptr) outermost.root_ = &outermost.maker_->make();
    return *outermost.root_;
  }
  void set_root(task_root* root) { root_ = root; }
  void set_maker(root_maker* maker) { maker_ = maker; }
  void awaited_by(promise_base& outer) { top_ = outer.top_ == nullptr ? &outer : outer.top_; }

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

  // The frames of a plugin's members are its instance's; those of other functions belong to nobody that is seen here.
  // Inline always, since g++ 12 takes a template for another pair than the delete below, and warns in plugins' code.
  template <typename P, typename... Others>
  requires instance_access::has_runtime<P>
  [[gnu::always_inline]] static inline void* operator new(std::size_t size, P& plugin, Others&...) {
    return instance_access::runtime_of(plugin).frames.allocate(size);
  }
  static void* operator new(std::size_t size) { return frame_cache::allocate_uncached(size); }
  static void operator delete(void* frame) noexcept { frame_cache::release(frame); }

 private:
  promise_base* top_ = nullptr;  // of the body that all of this is for; null: this one
  task_root* root_ = nullptr;
  root_maker* maker_ = nullptr;  // while the body runs for the first time
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
    handle_.promise().awaited_by(parent.promise());
    handle_.promise().continuation = parent;
    return handle_;
  }
  T await_resume() { return handle_.promise().take(); }

  /// The frame, which stays this one's; for the layer.
  std::coroutine_handle<promise_type> handle() const { return handle_; }
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

/// What a hook's coroutine came to, when it has finished.
inline verdict outcome_of(task<verdict>::promise_type& promise, const patchbay_host* raw, std::string_view where) {
  return promise.thrown ? failed_with(raw, where, promise.thrown) : *promise.value;
}

/// The root of a hook's coroutine.
class verdict_root final : public task_root {
 public:
  using handle = std::coroutine_handle<task<verdict>::promise_type>;
  verdict_root(runtime& env, handle body, patchbay_token token, std::string_view where)
      : task_root(env, body), body_(body), token_(token), where_(where) {
    body.promise().set_root(this);
  }
  verdict result() const { return result_; }

 private:
  void harvest() noexcept override { result_ = outcome_of(body_.promise(), env().raw_host, where_); }
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

/// The first run of a hook's coroutine. One that waits for nothing needs neither a root nor a lock.
class verdict_start final : public root_maker {
 public:
  verdict_start(runtime& env, task<verdict> body, patchbay_token token, std::string_view where)
      : env_(env), body_(std::move(body)), token_(token), where_(where) {
    body_.handle().promise().set_maker(this);
  }
  verdict run() {
    const auto handle = body_.handle();
    handle.resume();
    if (root_ == nullptr && handle.done()) [[likely]]
      return outcome_of(handle.promise(), env_.raw_host, where_);
    return after_wait();
  }
  task_root& make() override {
    root_ = std::make_shared<verdict_root>(env_, body_.handle(), token_, where_);
    body_.release();
    root_->hold();
    return *root_;
  }

 private:
  verdict after_wait() {
    if (root_ == nullptr) make();  // it waits for something of its own
    if (root_->begun()) return root_->result();
    if (token_.id != 0) return verdict::defer();
    root_->abandon();
    host(env_.raw_host).log_error(where_, " waited where the point can't be deferred");
    return verdict::failed();
  }

  runtime& env_;
  task<verdict> body_;
  const patchbay_token token_;
  const std::string_view where_;
  std::shared_ptr<verdict_root> root_;
};

/// Runs a hook's coroutine up to its first wait.
inline verdict start_task(runtime& env, task<verdict> body, patchbay_token token, std::string_view where) {
  return verdict_start(env, std::move(body), token, where).run();
}

}  // namespace detail

}  // namespace patchbay
