#include "plugin_bridge/instance_log.h"

#include <utility>

namespace patchbay::plugin_bridge {

namespace {

base::LogLevel core_level(uint32_t level) {
  switch (level) {
    case PATCHBAY_LOG_ERROR:
      return base::LogLevel::error;
    case PATCHBAY_LOG_WARNING:
      return base::LogLevel::warning;
    case PATCHBAY_LOG_NOTICE:
    case PATCHBAY_LOG_INFO:
      return base::LogLevel::info;
    default:
      return base::LogLevel::debug;
  }
}

}  // namespace

InstanceLog::InstanceLog(std::string instance, uint32_t level, const base::Clock& clock)
    : instance_(std::move(instance)), clock_(clock), level_(level) {}

bool InstanceLog::enabled(uint32_t level) const {
  // The instance's own level may ask for more than the area shows, or for less.
  return level <= level_.load(std::memory_order_relaxed) && core_level(level) >= base::log_level(base::LogArea::plugin);
}

void InstanceLog::write(uint32_t level, std::string_view text) {
  if (enabled(level)) bounded(core_level(level), text.substr(0, kMaximumText));
}

void InstanceLog::host_line(base::LogLevel level, std::string_view text) {
  bounded(level, text);
}

void InstanceLog::bounded(base::LogLevel level, std::string_view text) {
  uint64_t suppressed = 0;
  {
    const std::lock_guard lock(mutex_);
    const uint64_t now_ms = clock_.steady_ms();
    if (now_ms - window_start_ms_ >= 1000) {
      window_start_ms_ = now_ms;
      in_window_ = 0;
    }
    if (in_window_ >= kLinesPerSecond) {
      ++suppressed_;
      suppressed_total_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    ++in_window_;
    suppressed = std::exchange(suppressed_, 0);
  }
  if (suppressed != 0) {
    base::log(base::LogArea::plugin, base::LogLevel::warning, "lines suppressed",
              {{"plugin", instance_}, {"lines", suppressed}});
  }
  base::log(base::LogArea::plugin, level, text, {{"plugin", instance_}});
}

}  // namespace patchbay::plugin_bridge
