#include "event_format.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "json_text.h"

namespace patchbay::webhook {

namespace {

void append_value(std::string& out, const FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return append_quoted(out, *text);
  if (const auto* json = std::get_if<JsonText>(&value)) return void(out += json->text);
  if (const auto* number = std::get_if<int64_t>(&value)) return void(out += std::to_string(*number));
  if (const auto* flag = std::get_if<bool>(&value)) return void(out += *flag ? "true" : "false");
  out += "null";
}

void append_member(std::string& out, std::string_view name, const FieldValue& value) {
  if (out.size() > 1) out += ',';
  append_quoted(out, name);
  out += ':';
  append_value(out, value);
}

void append_text(std::string& out, std::string_view name, std::string_view value) {
  if (out.size() > 1) out += ',';
  append_quoted(out, name);
  out += ':';
  append_quoted(out, value);
}

}  // namespace

std::string rfc3339(uint64_t unix_ms) {
  const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[96];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03uZ", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<unsigned>(unix_ms % 1000));
  return text;
}

std::string EventFormat::emqx_json(const Event& event) const {
  std::string out = "{";
  out.reserve(256 + event.payload.size() * 2);
  append_text(out, "action", row_of(event.kind).action);
  append_text(out, "node", node);
  for (const auto& [name, value] : event.fields) append_member(out, name, value);
  if (event.has_payload) append_text(out, "payload", encoded_payload(event.payload, encoding));
  append_text(out, "event_id", event.id);
  out += '}';
  return out;
}

// CloudEvents 1.0.2, 3.1 and 3.2; JSON Event Format 1.0.2, 3.1.
std::string EventFormat::cloudevents_json(const Event& event) const {
  std::string out = "{";
  append_text(out, "specversion", "1.0");
  append_text(out, "id", event.id);
  append_text(out, "source", "/patchbay/nodes/" + node);
  append_text(out, "type", "patchbay." + std::string(row_of(event.kind).name));
  append_text(out, "time", rfc3339(event.at_unix_ms));
  const std::string& subject = event.topic.empty() ? event.client_id : event.topic;
  if (!subject.empty()) append_text(out, "subject", subject);  // 3.1.3: not empty where it is there
  append_text(out, "datacontenttype", "application/json");
  out += ",\"data\":";
  out += emqx_json(event);
  out += '}';
  return out;
}

std::string EventFormat::render(const Event& event, const std::optional<BodyTemplate>& body) const {
  if (body) return filled(event, *body);
  return style == FormatStyle::cloudevents ? cloudevents_json(event) : emqx_json(event);
}

std::string EventFormat::filled(const Event& event, const BodyTemplate& body) const {
  std::string out;
  for (const auto& piece : body.pieces()) {
    out += piece.fixed;
    if (piece.field == ".") {
      out += style == FormatStyle::cloudevents ? cloudevents_json(event) : emqx_json(event);
    } else if (!piece.field.empty()) {
      append_field(out, event, piece.field);
    }
  }
  return out;
}

/// The value without quotes around it; what the event doesn't have is "undefined", as EMQX writes it.
void EventFormat::append_field(std::string& out, const Event& event, const std::string& name) const {
  const auto add = [&](std::string_view text) { escape ? append_escaped(out, text) : void(out.append(text)); };
  if (name == "action") return add(row_of(event.kind).action);
  if (name == "node") return add(node);
  if (name == "event_id") return add(event.id);
  if (name == "payload" && event.has_payload) return add(encoded_payload(event.payload, encoding));
  const auto found =
      std::find_if(event.fields.begin(), event.fields.end(), [&](const auto& each) { return each.first == name; });
  if (found == event.fields.end()) return add("undefined");
  if (const auto* text = std::get_if<std::string>(&found->second)) return add(*text);
  append_value(out, found->second);
}

std::string EventFormat::joined(const std::vector<const std::string*>& bodies, bool single) const {
  if (single && bodies.size() == 1) return *bodies.front();
  std::string out = "[";
  for (const auto* each : bodies) {
    if (out.size() > 1) out += ',';
    out += *each;
  }
  out += ']';
  return out;
}

std::string EventFormat::content_type(bool single) const {
  if (style == FormatStyle::emqx) return "application/json";
  return single ? "application/cloudevents+json; charset=utf-8" : "application/cloudevents-batch+json; charset=utf-8";
}

}  // namespace patchbay::webhook
