#include "broker/log_setup.h"

#include <atomic>
#include <utility>

#include "logging/line_output.h"

namespace patchbay::broker {

namespace {
/// The log that is everybody's. It outlives the broker, as every thread that logs has ended before it is closed.
std::atomic<const logging::AsyncLog*> open_now{nullptr};
}  // namespace

uint64_t log_lines_dropped() {
  const logging::AsyncLog* log = open_now.load();
  return log == nullptr ? 0 : log->dropped_lines();
}

base::Result<std::unique_ptr<logging::AsyncLog>, std::string> open_log(const config::LogConfig& config,
                                                                       const base::Clock& clock) {
  std::unique_ptr<logging::LineOutput> output;
  if (config.to == config::LogTarget::file) {
    auto file = logging::FileOutput::open(config.file);
    if (!file) return base::fail("log.file: " + file.error());
    output = std::move(file).value();
  } else {
    output = std::make_unique<logging::StderrOutput>();
  }
  const auto format = config.format == config::LogFormat::json ? logging::LineFormat::json : logging::LineFormat::text;
  auto log = std::make_unique<logging::AsyncLog>(format, config.queue_lines, clock, std::move(output));
  set_log_levels(config);
  base::set_log_sink(log.get());
  open_now.store(log.get());
  return log;
}

void set_log_levels(const config::LogConfig& config) {
  for (size_t i = 0; i < config::LogConfig::kAreas; ++i) {
    const auto area = static_cast<base::LogArea>(i);
    base::set_log_level(area, config.level_of(area));
  }
}

}  // namespace patchbay::broker
