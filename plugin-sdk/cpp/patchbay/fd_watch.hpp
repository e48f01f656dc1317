// SPDX-License-Identifier: Apache-2.0
// A descriptor of the plugin watched on a shard: for libraries with an event loop of their own (libcurl multi, libpq,
// hiredis). A task rather says co_await fd_readable(fd).
#pragma once

#include <functional>
#include <memory>

#include "patchbay/host.hpp"

namespace patchbay {

/// One watch; ends when destroyed. On the watch's own shard the descriptor may be closed at once afterwards; elsewhere
/// give end() a function that closes it.
class fd_watch {
 public:
  /// `events`: bits PATCHBAY_FD_READ, _WRITE, _ERROR. [shard]
  using callback = std::function<void(std::uint32_t events)>;
  fd_watch() = default;
  /// Throws what the host refuses. [any-thread]; the host's table is found on the control thread: see `table_of`.
  fd_watch(host of, const patchbay_fd* table, std::uint32_t shard, int fd, std::uint32_t events, callback on_ready)
      : state_(std::make_unique<state>(of, table, std::move(on_ready))) {
    require(table->watch(of.raw(), shard, fd, events, &ready, state_.get(), &state_->id), "fd watch");
  }
  /// The interface; throws when it isn't offered. [control]
  static const patchbay_fd* table_of(host of) { return of.need<patchbay_fd>(PATCHBAY_FD_1); }

  fd_watch(fd_watch&&) noexcept = default;
  fd_watch& operator=(fd_watch&& from) noexcept {
    end();
    state_ = std::move(from.state_);
    return *this;
  }
  ~fd_watch() { end(); }
  explicit operator bool() const { return state_ != nullptr; }

  /// OK, NOT_FOUND.
  status change(std::uint32_t events) { return state_->table->change(state_->of.raw(), state_->id, events); }
  /// `closed` runs on the shard when no call is there any more.
  void end(std::function<void()> closed = {}) {
    if (!state_) return;
    state* last = state_.release();
    last->closed = std::move(closed);
    const auto done = [](void* self) noexcept {
      const std::unique_ptr<state> owned(static_cast<state*>(self));
      if (owned->closed) owned->closed();
    };
    if (last->table->unwatch(last->of.raw(), last->id, done, last) != PATCHBAY_OK) done(last);
  }

 private:
  struct state {
    state(host of_, const patchbay_fd* table_, callback on_ready_)
        : of(of_), table(table_), on_ready(std::move(on_ready_)) {}
    host of;
    const patchbay_fd* table;
    callback on_ready;
    std::function<void()> closed;
    std::uint64_t id = 0;
  };
  static void ready(void* self, std::uint64_t, std::int32_t, std::uint32_t events) noexcept {
    auto& to = *static_cast<state*>(self);
    try {
      to.on_ready(events);
    } catch (const std::exception& e) {
      to.of.log_error("a watch's callback threw: ", e.what());
    } catch (...) {
      to.of.log_error("a watch's callback threw");
    }
  }
  std::unique_ptr<state> state_;
};

}  // namespace patchbay
