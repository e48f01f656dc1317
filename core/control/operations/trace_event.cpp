#include "operations/trace_event.h"

#include <nlohmann/json.hpp>

#include "base/escaped_text.h"
#include "base/utc_time.h"

namespace patchbay::operations {

namespace {

std::string hex_text(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    text += digits[static_cast<uint8_t>(byte) >> 4];
    text += digits[static_cast<uint8_t>(byte) & 0xF];
  }
  return text;
}

std::string shown_payload(const TraceEvent& event, TracePayload encoding) {
  if (encoding == TracePayload::hidden) return "******";
  std::string text = encoding == TracePayload::hex ? hex_text(event.payload) : event.payload;
  if (event.payload_size > event.payload.size())
    text += "... (" + std::to_string(event.payload_size) + " bytes in all)";
  return text;
}

std::string json_line(const TraceEvent& event, TracePayload encoding) {
  nlohmann::ordered_json line = {{"time", base::utc_time_text(event.unix_ms)}, {"level", "debug"}, {"msg", event.what}};
  if (!event.client_id.empty()) line["clientid"] = event.client_id;
  if (!event.username.empty()) line["username"] = event.username;
  if (!event.peer.empty()) line["peername"] = event.peer;
  for (const auto& [name, value] : event.details) {
    if (!value.empty()) line[std::string(name)] = value;
  }
  if (event.has_payload) line["payload"] = shown_payload(event, encoding);
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

/// What clients send must not make lines of its own.
std::string text_line(const TraceEvent& event, TracePayload encoding) {
  std::string line = base::utc_time_text(event.unix_ms) + " [debug] msg: " + std::string(event.what);
  const auto add = [&line](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    line.append(", ").append(name).append(": ");
    base::append_escaped(line, value);
  };
  add("clientid", event.client_id);
  add("username", event.username);
  add("peername", event.peer);
  for (const auto& [name, value] : event.details) add(name, value);
  if (event.has_payload) add("payload", shown_payload(event, encoding));
  return line + '\n';
}

}  // namespace

std::string trace_line(const TraceEvent& event, TraceFormat format, TracePayload payload) {
  return format == TraceFormat::json ? json_line(event, payload) : text_line(event, payload);
}

}  // namespace patchbay::operations
