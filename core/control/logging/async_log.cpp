#include "logging/async_log.h"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/sink.h>

#include <string>

#include "logging/log_line.h"

namespace patchbay::logging {

namespace {

std::string formatted(LineFormat format, const LogLine& line) {
  return format == LineFormat::json ? json_line(line) : text_line(line);
}

// The far end of spdlog's queue; called by the log's thread alone.
class QueueEnd final : public spdlog::sinks::sink {
 public:
  QueueEnd(LineOutput& output, LineFormat format, const base::Clock& clock)
      : output_(output), format_(format), clock_(clock) {}

  void watch(spdlog::details::thread_pool* queue) { queue_ = queue; }

  void log(const spdlog::details::log_msg& message) override {
    tell_dropped();
    output_.write_line({message.payload.data(), message.payload.size()});
  }
  void flush() override {}
  void set_pattern(const std::string& /*pattern*/) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter> /*formatter*/) override {}

 private:
  void tell_dropped() {
    const uint64_t dropped = queue_->overrun_counter();
    if (dropped == told_) return;
    const base::LogField count("lines", dropped - told_);
    told_ = dropped;
    output_.write_line(formatted(format_, {clock_.unix_ms(),
                                           base::LogArea::broker,
                                           base::LogLevel::warning,
                                           "log lines dropped: the queue was full (log.queue_lines)",
                                           {count}}));
  }

  LineOutput& output_;
  const LineFormat format_;
  const base::Clock& clock_;
  spdlog::details::thread_pool* queue_ = nullptr;
  uint64_t told_ = 0;
};

}  // namespace

struct AsyncLog::Queue {
  Queue(uint32_t lines, const std::shared_ptr<QueueEnd>& end)
      : pool(std::make_shared<spdlog::details::thread_pool>(lines, 1)),
        logger(std::make_shared<spdlog::async_logger>("patchbay", end, pool,
                                                      spdlog::async_overflow_policy::overrun_oldest)) {
    end->watch(pool.get());
    // Levels are decided before a line is formatted (base::log); whatever comes here is put out.
    logger->set_level(spdlog::level::trace);
  }

  std::shared_ptr<spdlog::details::thread_pool> pool;  ///< its destructor works the queue off
  std::shared_ptr<spdlog::async_logger> logger;
};

AsyncLog::AsyncLog(LineFormat format, uint32_t queue_lines, const base::Clock& clock,
                   std::unique_ptr<LineOutput> output)
    : format_(format),
      clock_(clock),
      output_(std::move(output)),
      queue_(std::make_unique<Queue>(queue_lines, std::make_shared<QueueEnd>(*output_, format, clock))) {}

AsyncLog::~AsyncLog() = default;

void AsyncLog::write(base::LogArea area, base::LogLevel level, std::string_view message,
                     std::initializer_list<base::LogField> fields) {
  const std::string line = formatted(format_, {clock_.unix_ms(), area, level, message, fields});
  queue_->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

uint64_t AsyncLog::dropped_lines() const {
  return queue_->pool->overrun_counter();
}

bool AsyncLog::reopen() {
  return output_->reopen();
}

}  // namespace patchbay::logging
