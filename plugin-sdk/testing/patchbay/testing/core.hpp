// SPDX-License-Identifier: Apache-2.0
// What all parts of the fake host share: the table, the manual clock, the log, what was called, what was done wrong,
// faults to order.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/testing/view_arena.hpp"

namespace patchbay::testing {

inline std::string_view text(patchbay_str value) {
  return {value.len == 0 ? "" : value.ptr, value.len};
}
inline std::string_view text(patchbay_bytes value) {
  return {value.len == 0 ? "" : reinterpret_cast<const char*>(value.ptr), value.len};
}
inline patchbay_str str(std::string_view value) {
  return {value.data(), value.size()};
}
inline patchbay_bytes raw_bytes(std::string_view value) {
  return {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()};
}

/// A writer that fills a string.
struct text_writer {
  std::string value;
  patchbay_writer raw{sizeof(patchbay_writer), 0, this, [](patchbay_writer* to, const void* data, std::size_t len) {
                        static_cast<text_writer*>(to->ctx)->value.append(static_cast<const char*>(data), len);
                        return patchbay_status{PATCHBAY_OK};
                      }};
  text_writer() = default;
  text_writer(const text_writer&) = delete;
  text_writer& operator=(const text_writer&) = delete;
};

/// How the fake host is to be.
struct host_options {
  std::string instance_name = "instance";
  std::uint32_t shards = 2;
  testing::views views = testing::views::poison;
  std::uint32_t abi_minor = PATCHBAY_ABI_MINOR;
  std::uint32_t table_size = sizeof(patchbay_host);  ///< smaller: an older host
  std::set<std::string> without = {};                ///< interface ids that get() doesn't give
  bool worker_threads = false;                       ///< real threads; otherwise run_workers() runs what waits
};

/// Which kind of thread the calling one plays.
struct thread_role {
  std::uint32_t kind = PATCHBAY_THREAD_OTHER;
  std::uint32_t shard = UINT32_MAX;
};
inline thread_local thread_role current_role;

/// Plays a kind of thread for its life.
class role_scope {
 public:
  explicit role_scope(std::uint32_t kind, std::uint32_t shard = UINT32_MAX) : before_(current_role) {
    current_role = {kind, shard};
  }
  ~role_scope() { current_role = before_; }
  role_scope(const role_scope&) = delete;
  role_scope& operator=(const role_scope&) = delete;

 private:
  thread_role before_;
};

struct log_line {
  std::uint32_t level;
  std::string text;
};

/// Every host function takes `mutex`, and none calls the plugin with it.
class core {
 public:
  explicit core(host_options options) : options_(std::move(options)) {
    table.size = options_.table_size;
    table.abi_major = PATCHBAY_ABI_MAJOR;
    table.abi_minor = options_.abi_minor;
    table.ctx = this;
  }
  core(const core&) = delete;
  core& operator=(const core&) = delete;

  const host_options& options() const { return options_; }
  patchbay_host table{};
  std::recursive_mutex mutex;

  std::atomic<std::uint64_t> now_ms{1'000};
  std::atomic<std::uint64_t> unix_offset_ms{1'800'000'000'000};
  std::vector<log_line> log;
  std::uint32_t log_level = PATCHBAY_LOG_DEBUG;
  std::map<std::string, const void*> interfaces;
  std::vector<std::unique_ptr<view_arena>>
      expired;               ///< kept unmapped for a while, so that no other memory comes to lie there
  bool accepts_work = true;  ///< false while draining and after
  bool inside_start = false;

  /// Called at the head of each host function: records it, and says whether it is to fail.
  patchbay_status enter(const char* function, bool may_fail = true) {
    const std::lock_guard lock(mutex);
    ++calls_[function];
    if (!may_fail || faults_left_ == 0) return PATCHBAY_OK;
    if (calls_until_fault_ > 0) {
      --calls_until_fault_;
      return PATCHBAY_OK;
    }
    --faults_left_;
    return fault_;
  }
  /// The next `count` host calls that may fail do so with `status`, after `calls` have succeeded.
  void fail_after(std::uint64_t calls, patchbay_status status, std::uint64_t count) {
    const std::lock_guard lock(mutex);
    calls_until_fault_ = calls;
    fault_ = status;
    faults_left_ = count;
  }
  std::uint64_t calls(const std::string& function) {
    const std::lock_guard lock(mutex);
    const auto found = calls_.find(function);
    return found == calls_.end() ? 0 : found->second;
  }
  const std::map<std::string, std::uint64_t>& all_calls() const { return calls_; }

  /// Something that the contract forbids.
  void violation(std::string what) {
    const std::lock_guard lock(mutex);
    violations_.push_back(std::move(what));
  }
  const std::vector<std::string>& violations() const { return violations_; }
  /// Demands a kind of thread; `kinds`: bit 1 << PATCHBAY_THREAD_...
  bool on_thread(std::uint32_t kinds, const char* function) {
    if ((kinds >> current_role.kind & 1u) != 0) return true;
    constexpr const char* names[] = {"a thread of its own", "a shard", "the control thread", "a worker"};
    violation(std::string(function) + " called on " + names[current_role.kind]);
    return false;
  }
  /// The views of a call that has returned.
  void expire(std::unique_ptr<view_arena> arena) {
    arena->expire();
    const std::lock_guard lock(mutex);
    expired.push_back(std::move(arena));
    if (expired.size() > 256) expired.erase(expired.begin(), expired.begin() + 128);
  }
  /// A number that was never used before.
  std::uint64_t next_number() { return ++numbers_; }

 private:
  host_options options_;
  std::map<std::string, std::uint64_t> calls_;
  std::vector<std::string> violations_;
  std::uint64_t calls_until_fault_ = 0;
  std::uint64_t faults_left_ = 0;
  patchbay_status fault_ = PATCHBAY_OK;
  std::atomic<std::uint64_t> numbers_{0};
};

inline core& core_of(const patchbay_host* host) {
  return *static_cast<core*>(host->ctx);
}

/// Base of the parts: `part::of(host)` finds the part that serves a table.
template <typename Part>
class part {
 public:
  explicit part(core& shared) : core_(shared) {
    const std::lock_guard lock(registry_mutex());
    registry()[&shared] = static_cast<Part*>(this);
  }
  part(const part&) = delete;
  part& operator=(const part&) = delete;
  ~part() {
    const std::lock_guard lock(registry_mutex());
    registry().erase(&core_);
  }
  static Part& of(const patchbay_host* host) {
    const std::lock_guard lock(registry_mutex());
    return *registry().at(&core_of(host));
  }

 protected:
  core& core_;

 private:
  static std::map<core*, Part*>& registry() {
    static std::map<core*, Part*> parts;
    return parts;
  }
  static std::mutex& registry_mutex() {
    static std::mutex mutex;
    return mutex;
  }
};

}  // namespace patchbay::testing
