#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <type_traits>

namespace patchbay::base {

enum class LogLevel : uint8_t { debug, info, warning, error, off };

/// The parts of the broker whose level can be set apart from the others at run time.
enum class LogArea : uint8_t { broker, net, connection, session, access, hooks, router, plugin, admin, config, count_ };

/// One named value of a log line. Secrets (passwords, tokens, keys) are never given to the log.
struct LogField {
  std::string_view key;
  std::string_view text;
  uint64_t number = 0;
  bool is_number = false;

  LogField(std::string_view k, std::string_view t) : key(k), text(t) {}
  LogField(std::string_view k, const char* t) : key(k), text(t) {}
  template <class N>
  requires(std::is_integral_v<N>) LogField(std::string_view k, N n)
      : key(k), number(static_cast<uint64_t>(n)), is_number(true) {}
};

/// Where log lines go. Implemented in control/logging; must not block its caller. [any-thread]
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void write(LogArea area, LogLevel level, std::string_view message,
                     std::initializer_list<LogField> fields) = 0;
};

/// Installs the sink (null: lines go nowhere). The sink must outlive every thread that logs. [control]
void set_log_sink(LogSink* sink);
/// [any-thread]
void set_log_level(LogArea area, LogLevel level);
[[nodiscard]] LogLevel log_level(LogArea area);
[[nodiscard]] std::string_view log_area_name(LogArea area);
[[nodiscard]] std::string_view log_level_name(LogLevel level);

/// Writes a line when the area's level lets it through: one load and compare when it doesn't. [any-thread]
void log(LogArea area, LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

/// A bound on lines that a peer can cause: at most `lines_per_s` through each limiter; tells how many were held back.
/// One for each kind of line and shard. [shard]
class LogLimiter {
 public:
  static constexpr uint32_t kLinesPerSecond = 10;

  /// True when a line may be written now. `suppressed` gets the number of lines held back since the last one that went
  /// through.
  [[nodiscard]] bool allow(uint64_t now_ms, uint64_t& suppressed);

 private:
  uint64_t window_start_ms_ = 0;
  uint32_t in_window_ = 0;
  uint64_t suppressed_ = 0;
};

}  // namespace patchbay::base
