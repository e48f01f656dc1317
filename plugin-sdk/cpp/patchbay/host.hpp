// SPDX-License-Identifier: Apache-2.0
// The host table of an instance: interfaces, log, clocks, shards.
#pragma once

#include <chrono>
#include <type_traits>

#include "patchbay/base.hpp"

namespace patchbay {

/// A thin handle on the table that create() got. Copies are the same host. [any-thread] except get().
class host {
 public:
  explicit host(const patchbay_host* raw) : raw_(raw) {}
  const patchbay_host* raw() const { return raw_; }

  /// An interface by id; null: not offered, or not granted. [control]
  template <typename Table>
  const Table* get(const char* interface_id) const {
    return static_cast<const Table*>(raw_->get(raw_, interface_id));
  }
  /// An interface that the manifest needs; throws DENIED when it isn't there. [control]
  template <typename Table>
  const Table* need(const char* interface_id) const {
    const Table* table = get<Table>(interface_id);
    if (table == nullptr) throw error(PATCHBAY_DENIED, std::string("the host doesn't offer ") + interface_id);
    return table;
  }

  /// Log lines: the parts (texts and numbers) are put together only when the level is written.
  template <typename... Parts>
  void log(std::uint32_t level, const Parts&... parts) const {
    if (raw_->log_enabled(raw_, level) == 0) return;
    std::string line;
    (append(line, parts), ...);
    raw_->log(raw_, level, raw_text(line));
  }
  template <typename... Parts>
  void log_error(const Parts&... parts) const {
    log(PATCHBAY_LOG_ERROR, parts...);
  }
  template <typename... Parts>
  void log_warning(const Parts&... parts) const {
    log(PATCHBAY_LOG_WARNING, parts...);
  }
  template <typename... Parts>
  void log_info(const Parts&... parts) const {
    log(PATCHBAY_LOG_INFO, parts...);
  }
  template <typename... Parts>
  void log_debug(const Parts&... parts) const {
    log(PATCHBAY_LOG_DEBUG, parts...);
  }

  /// The host's clocks; a plugin that takes time from elsewhere can't be tested with a manual clock.
  std::chrono::milliseconds now() const { return std::chrono::milliseconds(raw_->now_ms(raw_)); }
  std::uint64_t now_unix_ms() const { return raw_->now_unix_ms(raw_); }

  std::uint32_t shard_count() const { return raw_->shard_count(raw_); }
  /// UINT32_MAX where this thread runs no shard's code.
  std::uint32_t shard_index() const { return raw_->shard_index(raw_); }
  std::string_view instance_name() const { return text(raw_->instance_name(raw_)); }
  std::uint32_t instance_number() const { return raw_->instance_number(raw_); }

  /// Memory that lives until the hook returns, at most 64 KiB in all; null: no more. [shard]
  void* scratch(std::size_t len) const { return raw_->scratch(raw_, len); }

  /// Answers a deferred question. The argument of the verdict is taken over whatever the status. OK, STALE, INVALID.
  status complete(patchbay_token token, const patchbay_verdict& answer) const {
    return raw_->complete(raw_, token, &answer);
  }

 private:
  template <typename Part>
  static void append(std::string& line, const Part& part) {
    if constexpr (std::is_arithmetic_v<Part>) {
      line.append(std::to_string(part));
    } else {
      line.append(std::string_view(part));
    }
  }
  const patchbay_host* raw_;
};

}  // namespace patchbay
