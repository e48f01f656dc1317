// SPDX-License-Identifier: Apache-2.0
// Timers with callbacks. A task rather says co_await sleep(...).
#pragma once

#include <atomic>
#include <functional>
#include <utility>

#include "patchbay/instance_access.hpp"

namespace patchbay {

/// One timer; cancelled when destroyed. Its function runs on the shard that set it, or on a worker when set elsewhere
/// (in start(), say). Cancelled on its own shard, no call comes any more. Cancelled elsewhere, one may be running
/// still, and what the function holds lives until the instance is destroyed. The plugin cancels its timers in stop().
class timer {
 public:
  using callback = std::function<void()>;
  timer() = default;
  /// `period` 0: once. Throws what the host refuses. [any-thread]
  template <typename Plugin>
  timer(Plugin& plugin, std::chrono::milliseconds delay, std::chrono::milliseconds period, callback on_time)
      : timer(detail::instance_access::runtime_of(plugin), delay, period, std::move(on_time)) {}
  timer(timer&& from) noexcept : state_(std::exchange(from.state_, nullptr)) {}
  timer& operator=(timer&& from) noexcept {
    cancel();
    state_ = std::exchange(from.state_, nullptr);
    return *this;
  }
  ~timer() { cancel(); }

  /// No call begins after this.
  void cancel() {
    if (!state_) return;
    const auto ended = std::exchange(state_, nullptr);
    ended->cancelled.store(true, std::memory_order_release);
    const patchbay_host* host = ended->env->raw_host;
    const bool own_shard = ended->shard != UINT32_MAX && ended->shard == host->shard_index(host);
    if (ended->env->timer->cancel(host, ended->id) == PATCHBAY_OK && own_shard) ended->env->drop(ended.get());
  }

 private:
  struct state {
    detail::runtime* env;
    callback on_time;
    bool once;
    std::uint32_t shard;
    std::uint64_t id = 0;
    std::atomic<bool> cancelled{false};
  };
  timer(detail::runtime& env, std::chrono::milliseconds delay, std::chrono::milliseconds period, callback on_time) {
    if (env.timer == nullptr) throw error(PATCHBAY_UNSUPPORTED, "the host doesn't offer " PATCHBAY_TIMER_1);
    const patchbay_host* host = env.raw_host;
    auto made = std::make_shared<state>();
    made->env = &env;
    made->on_time = std::move(on_time);
    made->once = period.count() == 0;
    made->shard = host->shard_index(host);
    env.keep(made);
    const status code = env.timer->set(host, static_cast<std::uint64_t>(delay.count()),
                                       static_cast<std::uint64_t>(period.count()), &fire, made.get(), &made->id);
    if (code != PATCHBAY_OK) env.drop(made.get());
    require(code, "timer");
    state_ = std::move(made);
  }
  static void fire(void* raw, std::uint64_t) noexcept {
    auto* const to = static_cast<state*>(raw);
    detail::runtime& env = *to->env;
    const std::shared_ptr<void> kept = to->once ? env.drop(raw) : env.find(raw);
    if (to->cancelled.load(std::memory_order_acquire)) return;
    try {
      to->on_time();
    } catch (const std::exception& e) {
      host(env.raw_host).log_error("a timer's function threw: ", e.what());
    } catch (...) {
      host(env.raw_host).log_error("a timer's function threw");
    }
  }
  std::shared_ptr<state> state_;
};

}  // namespace patchbay
