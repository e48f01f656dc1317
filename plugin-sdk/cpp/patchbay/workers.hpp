// SPDX-License-Identifier: Apache-2.0
// Blocking work on the host's workers, ways to shards, threads. A plugin starts no thread by itself.
#pragma once

#include <functional>
#include <memory>

#include "patchbay/host.hpp"

namespace patchbay {

/// Runs functions elsewhere. [any-thread]; made on the control thread.
class workers {
 public:
  using work = std::function<void()>;
  explicit workers(host of) : host_(of), table_(of.get<patchbay_worker>(PATCHBAY_WORKER_1)) {}
  explicit operator bool() const { return table_ != nullptr; }

  /// On a worker, where it may block. OK, BUSY, CLOSED.
  status run(work what) const {
    return submit(std::move(what), [this](void* given) { return table_->run(host_.raw(), &go, given); });
  }
  /// On a shard, as a turn of its own. OK, INVALID, CLOSED.
  status post(std::uint32_t shard, work what) const {
    return submit(std::move(what), [&](void* given) { return table_->post(host_.raw(), shard, &go, given); });
  }

 private:
  struct job {
    host of;
    work what;
  };
  template <typename Give>
  status submit(work what, Give give) const {
    if (table_ == nullptr) return PATCHBAY_UNSUPPORTED;
    auto made = std::make_unique<job>(job{host_, std::move(what)});
    const status code = give(made.get());
    if (code == PATCHBAY_OK) static_cast<void>(made.release());  // go() frees it
    return code;
  }
  static void go(void* self) noexcept {
    const std::unique_ptr<job> owned(static_cast<job*>(self));
    try {
      owned->what();
    } catch (const std::exception& e) {
      owned->of.log_error("work threw: ", e.what());
    } catch (...) {
      owned->of.log_error("work threw");
    }
  }
  host host_;
  const patchbay_worker* table_;
};

/// A thread of the host that runs one function; joined by join() or when destroyed, on the control thread or a worker.
class thread {
 public:
  /// Asked by the function often: true means return soon.
  class stop_flag {
   public:
    bool requested() const { return table_->stop_requested(of_.raw(), *id_) != 0; }

   private:
    friend class thread;
    stop_flag(host of, const patchbay_thread* table, const std::uint64_t* id) : of_(of), table_(table), id_(id) {}
    host of_;
    const patchbay_thread* table_;
    const std::uint64_t* id_;
  };
  using body = std::function<void(const stop_flag&)>;
  thread() = default;
  /// The interface, for threads that are started elsewhere than on the control thread; throws when it isn't offered.
  /// [control]
  static const patchbay_thread* table_of(host of) { return of.need<patchbay_thread>(PATCHBAY_THREAD_1); }
  /// `name`: at most 15 bytes. Throws what the host refuses. [control]
  thread(host of, std::string_view name, body what) : thread(of, table_of(of), name, std::move(what)) {}
  /// The same with the interface in hand. [control], [worker]
  thread(host of, const patchbay_thread* table, std::string_view name, body what)
      : state_(std::make_unique<state>(of, std::move(what))) {
    state_->table = table;
    require(state_->table->start(of.raw(), raw_text(name), &go, state_.get(), &state_->id), "thread");
  }
  thread(thread&&) noexcept = default;
  thread& operator=(thread&& from) noexcept {
    join();
    state_ = std::move(from.state_);
    return *this;
  }
  ~thread() { join(); }

  /// Asks it to stop, and waits.
  void join() {
    if (!state_) return;
    state_->table->join(state_->of.raw(), state_->id);
    state_.reset();
  }

 private:
  struct state {
    state(host of_, body what_) : of(of_), what(std::move(what_)) {}
    host of;
    body what;
    const patchbay_thread* table = nullptr;
    std::uint64_t id = 0;
  };
  static void go(void* self) noexcept {
    auto& of = *static_cast<state*>(self);
    try {
      of.what(stop_flag(of.of, of.table, &of.id));
    } catch (const std::exception& e) {
      of.of.log_error("a thread threw: ", e.what());
    } catch (...) {
      of.of.log_error("a thread threw");
    }
  }
  std::unique_ptr<state> state_;
};

}  // namespace patchbay
