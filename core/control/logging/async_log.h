#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "logging/line_output.h"

namespace patchbay::logging {

enum class LineFormat : uint8_t { text, json };

/// The log of the broker: lines are formatted by the thread that writes them, wait in a bounded queue, and are put out
/// by a thread of the log's own. When the queue is full the oldest line is dropped and counted; a line then tells how
/// many.
class AsyncLog final : public base::LogSink {
 public:
  /// `clock` must outlive the log. [control]
  AsyncLog(LineFormat format, uint32_t queue_lines, const base::Clock& clock, std::unique_ptr<LineOutput> output);
  /// Puts out every line that waits. No thread may write any more. [control]
  ~AsyncLog() override;
  AsyncLog(const AsyncLog&) = delete;
  AsyncLog& operator=(const AsyncLog&) = delete;

  /// [any-thread]
  void write(base::LogArea area, base::LogLevel level, std::string_view message,
             std::initializer_list<base::LogField> fields) override;

  /// Lines lost since the start because the queue was full. [any-thread]
  [[nodiscard]] uint64_t dropped_lines() const;
  /// After a rotation of the file. [control]
  bool reopen();

 private:
  struct Queue;

  const LineFormat format_;
  const base::Clock& clock_;
  const std::unique_ptr<LineOutput> output_;
  const std::unique_ptr<Queue> queue_;  ///< goes before output_, which it writes to
};

}  // namespace patchbay::logging
