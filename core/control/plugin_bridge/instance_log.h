#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "patchbay/types.h"

namespace patchbay::plugin_bridge {

/// The log as one instance sees it: its name in front, a level of its own that may be changed at any time, a bound on
/// lines for each second with a line that says how many were held back. Level and bound are without locks for lines
/// that are not written. [any-thread]
class InstanceLog {
 public:
  static constexpr uint32_t kLinesPerSecond = 50;
  static constexpr size_t kMaximumText = 4096;  ///< longer lines are cut

  InstanceLog(std::string instance, uint32_t level, const base::Clock& clock);

  void set_level(uint32_t level) { level_.store(level, std::memory_order_relaxed); }
  [[nodiscard]] uint32_t level() const { return level_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool enabled(uint32_t level) const;
  /// A line of the instance.
  void write(uint32_t level, std::string_view text);
  /// A line of the host about the instance; not bounded by the instance's level, but by the bound on lines.
  void host_line(base::LogLevel level, std::string_view text);
  [[nodiscard]] uint64_t suppressed() const { return suppressed_total_.load(std::memory_order_relaxed); }

 private:
  void bounded(base::LogLevel level, std::string_view text);

  const std::string instance_;
  const base::Clock& clock_;
  std::atomic<uint32_t> level_;
  std::atomic<uint64_t> suppressed_total_{0};
  std::mutex mutex_;  // guards the window; taken only for lines that pass the level
  uint64_t window_start_ms_ = 0;
  uint32_t in_window_ = 0;
  uint64_t suppressed_ = 0;
};

}  // namespace patchbay::plugin_bridge
