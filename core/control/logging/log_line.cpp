#include "logging/log_line.h"

#include <algorithm>

#include "base/escaped_text.h"
#include "base/utc_time.h"

namespace patchbay::logging {

namespace {

constexpr size_t kLevelWidth = 8;
constexpr size_t kLongestValue = 1024;  // What a peer sends can be long; a line need not be.

bool is_plain(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.:/@+#$*,").find(c) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), plain);
}

void append_value(std::string& out, std::string_view text, bool always_quoted) {
  const bool is_cut = text.size() > kLongestValue;
  const std::string_view shown = text.substr(0, kLongestValue);
  if (!always_quoted && !is_cut && is_plain(shown)) {
    out += shown;
    return;
  }
  out += '"';
  base::append_escaped(out, shown);
  if (is_cut) out += "…";
  out += '"';
}

}  // namespace

std::string text_line(const LogLine& line) {
  std::string out = base::utc_time_text(line.unix_ms);
  out += ' ';
  const std::string_view level = base::log_level_name(line.level);
  out += level;
  out.append(kLevelWidth - std::min(kLevelWidth, level.size()), ' ');
  out += base::log_area_name(line.area);
  out += ": ";
  base::append_escaped(out, line.message);
  for (const base::LogField& field : line.fields) {
    out += ' ';
    out += field.key;
    out += '=';
    if (field.is_number) {
      out += std::to_string(field.number);
    } else {
      append_value(out, field.text, false);
    }
  }
  return out;
}

std::string json_line(const LogLine& line) {
  std::string out = "{\"ts\":\"" + base::utc_time_text(line.unix_ms) + "\",\"level\":\"";
  out += base::log_level_name(line.level);
  out += "\",\"area\":\"";
  out += base::log_area_name(line.area);
  out += "\",\"message\":";
  base::append_json_string(out, line.message);
  for (const base::LogField& field : line.fields) {
    out += ',';
    base::append_json_string(out, field.key);
    out += ':';
    if (field.is_number) {
      out += std::to_string(field.number);
    } else {
      append_value(out, field.text, true);
    }
  }
  return out + '}';
}

}  // namespace patchbay::logging
