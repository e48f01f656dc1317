#include "base/log.h"

#include <array>
#include <atomic>

namespace patchbay::base {

namespace {

constexpr size_t kAreas = static_cast<size_t>(LogArea::count_);

std::atomic<LogSink*> sink{nullptr};

// Zero-initialised, so lines written before main() are safe; a stored 0 means the default level.
std::array<std::atomic<uint8_t>, kAreas> levels{};
constexpr uint8_t kDefault = static_cast<uint8_t>(LogLevel::info);

}  // namespace

void set_log_sink(LogSink* new_sink) {
  sink.store(new_sink, std::memory_order_release);
}

void set_log_level(LogArea area, LogLevel level) {
  levels[static_cast<size_t>(area)].store(static_cast<uint8_t>(level) ^ kDefault, std::memory_order_relaxed);
}

LogLevel log_level(LogArea area) {
  return static_cast<LogLevel>(levels[static_cast<size_t>(area)].load(std::memory_order_relaxed) ^ kDefault);
}

std::string_view log_area_name(LogArea area) {
  static constexpr std::string_view kNames[] = {"broker", "net",    "connection", "session", "access",
                                                "hooks",  "router", "plugin",     "admin",   "config"};
  static_assert(std::size(kNames) == kAreas);
  return kNames[static_cast<size_t>(area)];
}

std::string_view log_level_name(LogLevel level) {
  static constexpr std::string_view kNames[] = {"debug", "info", "warning", "error", "off"};
  return kNames[static_cast<size_t>(level)];
}

void log(LogArea area, LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (level < log_level(area)) return;
  LogSink* target = sink.load(std::memory_order_acquire);
  if (target != nullptr) target->write(area, level, message, fields);
}

bool LogLimiter::allow(uint64_t now_ms, uint64_t& suppressed) {
  if (now_ms - window_start_ms_ >= 1000) {
    window_start_ms_ = now_ms;
    in_window_ = 0;
  }
  if (in_window_ >= kLinesPerSecond) {
    ++suppressed_;
    return false;
  }
  ++in_window_;
  suppressed = suppressed_;
  suppressed_ = 0;
  return true;
}

}  // namespace patchbay::base
