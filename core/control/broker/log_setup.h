#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"
#include "logging/async_log.h"

namespace patchbay::broker {

/// Opens the log that `config` asks for and makes it everybody's. The error says why the file cannot be opened.
/// [control]
[[nodiscard]] base::Result<std::unique_ptr<logging::AsyncLog>, std::string> open_log(const config::LogConfig& config,
                                                                                     const base::Clock& clock);
/// Lines that the log has lost since it was opened; 0 while there is none. [any-thread]
[[nodiscard]] uint64_t log_lines_dropped();
/// Levels of all areas. [control]
void set_log_levels(const config::LogConfig& config);

}  // namespace patchbay::broker
