#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/log.h"

/// One line of the log, as text or JSON. Pure: the time is passed in. [any-thread]
namespace patchbay::logging {

struct LogLine {
  uint64_t unix_ms = 0;
  base::LogArea area = base::LogArea::broker;
  base::LogLevel level = base::LogLevel::info;
  std::string_view message;
  std::initializer_list<base::LogField> fields;
};

/// `2026-11-26T14:58:03.123Z info    session: client connected clientid="a b" port=1883`. Values are quoted where they
/// hold anything but letters, digits and a few signs, and escaped, so that no peer can forge a line or a field.
[[nodiscard]] std::string text_line(const LogLine& line);

/// `{"ts":"2026-11-26T14:58:03.123Z","level":"info","area":"session","message":"client connected","clientid":"a b"}`
[[nodiscard]] std::string json_line(const LogLine& line);

}  // namespace patchbay::logging
