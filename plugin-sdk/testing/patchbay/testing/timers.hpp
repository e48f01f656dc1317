// SPDX-License-Identifier: Apache-2.0
// Timers and descriptor watches of the fake host, on its manual clock.
#pragma once

#include <poll.h>

#include <optional>

#include "patchbay/testing/core.hpp"

namespace patchbay::testing {

class timers : public part<timers> {
 public:
  explicit timers(core& shared) : part(shared) {
    table_.size = sizeof table_;
    table_.set = [](const patchbay_host* h, std::uint64_t delay, std::uint64_t period, void (*fn)(void*, std::uint64_t),
                    void* self, std::uint64_t* out) { return of(h).set(delay, period, fn, self, out); };
    table_.cancel = [](const patchbay_host* h, std::uint64_t id) { return of(h).cancel(id); };
    shared.interfaces[PATCHBAY_TIMER_1] = &table_;
    shared.table.now_ms = [](const patchbay_host* h) -> std::uint64_t { return core_of(h).now_ms; };
    shared.table.now_unix_ms = [](const patchbay_host* h) -> std::uint64_t {
      return core_of(h).now_ms + core_of(h).unix_offset_ms;
    };
  }
  std::size_t count() {
    const std::lock_guard lock(core_.mutex);
    return all_.size();
  }
  /// When the next one is due; nothing: none.
  std::optional<std::uint64_t> next_due_ms() {
    const std::lock_guard lock(core_.mutex);
    if (by_due_.empty()) return {};
    return by_due_.begin()->first;
  }
  /// Calls those that are due now. How many.
  std::size_t run_due() {
    std::size_t count = 0;
    for (entry ready; take_due(ready); ++count) {
      const bool on_worker = ready.shard == UINT32_MAX;
      const role_scope role(on_worker ? PATCHBAY_THREAD_WORKER : PATCHBAY_THREAD_SHARD, ready.shard);
      ready.fn(ready.self, ready.id);
    }
    return count;
  }

 private:
  struct entry {
    std::uint64_t id;
    std::uint64_t due_ms;
    std::uint64_t period_ms;
    void (*fn)(void*, std::uint64_t);
    void* self;
    std::uint32_t shard;
  };
  bool take_due(entry& out) {
    const std::lock_guard lock(core_.mutex);
    if (by_due_.empty() || by_due_.begin()->first > core_.now_ms) return false;
    const auto found = all_.find(by_due_.begin()->second);
    by_due_.erase(by_due_.begin());
    out = found->second;
    if (out.period_ms == 0) {
      all_.erase(found);
    } else {
      found->second.due_ms += out.period_ms;
      by_due_.emplace(found->second.due_ms, out.id);
    }
    return true;
  }
  patchbay_status set(std::uint64_t delay, std::uint64_t period, void (*fn)(void*, std::uint64_t), void* self,
                      std::uint64_t* out) {
    const std::lock_guard lock(core_.mutex);
    if (const auto failed = core_.enter("timer.set"); failed != PATCHBAY_OK) return failed;
    if (!core_.accepts_work) return PATCHBAY_CLOSED;
    *out = core_.next_number();
    all_[*out] = {*out, core_.now_ms + delay, period, fn, self, current_role.shard};
    by_due_.emplace(core_.now_ms + delay, *out);
    return PATCHBAY_OK;
  }
  patchbay_status cancel(std::uint64_t id) {
    const std::lock_guard lock(core_.mutex);
    core_.enter("timer.cancel", false);
    const auto found = all_.find(id);
    if (found == all_.end()) return PATCHBAY_NOT_FOUND;
    by_due_.erase({found->second.due_ms, id});
    all_.erase(found);
    return PATCHBAY_OK;
  }
  patchbay_timer table_{};
  std::map<std::uint64_t, entry> all_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> by_due_;
};

class fd_watches : public part<fd_watches> {
 public:
  explicit fd_watches(core& shared) : part(shared) {
    table_.size = sizeof table_;
    table_.watch = [](const patchbay_host* h, std::uint32_t shard, std::int32_t fd, std::uint32_t events,
                      patchbay_fd_fn fn, void* self,
                      std::uint64_t* out) { return of(h).watch(shard, fd, events, fn, self, out); };
    table_.change = [](const patchbay_host* h, std::uint64_t id, std::uint32_t events) {
      return of(h).change(id, events);
    };
    table_.unwatch = [](const patchbay_host* h, std::uint64_t id, void (*done)(void*), void* self) {
      return of(h).unwatch(id, done, self);
    };
    shared.interfaces[PATCHBAY_FD_1] = &table_;
  }
  std::size_t count() {
    const std::lock_guard lock(core_.mutex);
    return all_.size();
  }
  /// Says that a descriptor is ready, whether it is or not. How many watches were told.
  std::size_t ready(std::int32_t fd, std::uint32_t events) {
    std::size_t count = 0;
    for (const auto& [id, each] : snapshot()) {
      if (each.fd != fd || ((each.events | PATCHBAY_FD_ERROR) & events) == 0) continue;
      const role_scope role(PATCHBAY_THREAD_SHARD, each.shard);
      each.fn(each.self, id, fd, events);
      ++count;
    }
    return count;
  }
  /// Asks the kernel, without waiting, and tells the watches.
  std::size_t poll_now() {
    std::size_t count = 0;
    for (const auto& [id, each] : snapshot()) {
      pollfd asked{each.fd, 0, 0};
      if ((each.events & PATCHBAY_FD_READ) != 0) asked.events |= POLLIN;
      if ((each.events & PATCHBAY_FD_WRITE) != 0) asked.events |= POLLOUT;
      if (::poll(&asked, 1, 0) != 1) continue;
      std::uint32_t events = (asked.revents & POLLIN) != 0 ? PATCHBAY_FD_READ : 0;
      if ((asked.revents & POLLOUT) != 0) events |= PATCHBAY_FD_WRITE;
      if ((asked.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) events |= PATCHBAY_FD_ERROR;
      count += ready(each.fd, events);
    }
    return count;
  }

 private:
  struct entry {
    std::uint32_t shard;
    std::int32_t fd;
    std::uint32_t events;
    patchbay_fd_fn fn;
    void* self;
  };
  std::map<std::uint64_t, entry> snapshot() {
    const std::lock_guard lock(core_.mutex);
    return all_;
  }
  patchbay_status watch(std::uint32_t shard, std::int32_t fd, std::uint32_t events, patchbay_fd_fn fn, void* self,
                        std::uint64_t* out) {
    const std::lock_guard lock(core_.mutex);
    if (const auto failed = core_.enter("fd.watch"); failed != PATCHBAY_OK) return failed;
    if (fd < 0 || shard >= core_.options().shards) return PATCHBAY_INVALID;
    if (!core_.accepts_work) return PATCHBAY_CLOSED;
    *out = core_.next_number();
    all_[*out] = {shard, fd, events, fn, self};
    return PATCHBAY_OK;
  }
  patchbay_status change(std::uint64_t id, std::uint32_t events) {
    const std::lock_guard lock(core_.mutex);
    const auto found = all_.find(id);
    if (found == all_.end()) return PATCHBAY_NOT_FOUND;
    found->second.events = events;
    return PATCHBAY_OK;
  }
  patchbay_status unwatch(std::uint64_t id, void (*done)(void*), void* self) {
    std::uint32_t shard = 0;
    {
      const std::lock_guard lock(core_.mutex);
      const auto found = all_.find(id);
      if (found == all_.end()) return PATCHBAY_NOT_FOUND;
      shard = found->second.shard;
      all_.erase(found);
    }
    const role_scope role(PATCHBAY_THREAD_SHARD, shard);
    if (done != nullptr) done(self);
    return PATCHBAY_OK;
  }
  patchbay_fd table_{};
  std::map<std::uint64_t, entry> all_;
};

}  // namespace patchbay::testing
