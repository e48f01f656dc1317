#include "event_format.h"

#include <algorithm>
#include <chrono>

#include "json_text.h"

namespace patchbay::webhook {

namespace {

void put_value(TextBuffer& out, const FieldValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return put_quoted(out, *text);
  if (const auto* number = std::get_if<int64_t>(&value)) return out.put_number(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return out.put(*flag ? "true" : "false");
  if (const auto* json = std::get_if<JsonText>(&value)) return out.put(json->text);
  out.put("null");
}

/// `name` is one of ours, which has nothing to escape.
void put_name(TextBuffer& out, std::string_view name) {
  out.put(",\"");
  out.put(name);
  out.put("\":");
}

void put_text(TextBuffer& out, std::string_view name, std::string_view value) {
  put_name(out, name);
  put_quoted(out, value);
}

}  // namespace

void put_rfc3339(TextBuffer& out, uint64_t unix_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> at{milliseconds(unix_ms)};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss time{at - day};
  const auto put = [&](auto value, size_t digits, char behind) {
    out.put_padded(static_cast<unsigned>(value), digits);
    out.put(behind);
  };
  put(static_cast<int>(date.year()), 4, '-');
  put(static_cast<unsigned>(date.month()), 2, '-');
  put(static_cast<unsigned>(date.day()), 2, 'T');
  put(time.hours().count(), 2, ':');
  put(time.minutes().count(), 2, ':');
  put(time.seconds().count(), 2, '.');
  put(time.subseconds().count(), 3, 'Z');
}

std::string_view EventFormat::payload_of(const Event& event, std::string& encoded) const {
  if (encoding == PayloadEncoding::plain) return event.payload;
  encoded = encoded_payload(event.payload, encoding);
  return encoded;
}

void EventFormat::put_emqx(TextBuffer& out, const Event& event) const {
  out.put("{\"action\":\"");
  out.put(row_of(event.kind).action);
  out.put('"');
  put_text(out, "node", node);
  for (const auto& [name, value] : event.fields) {
    put_name(out, name);
    put_value(out, value);
  }
  std::string encoded;
  if (event.has_payload) put_text(out, "payload", payload_of(event, encoded));
  put_text(out, "event_id", event.id.view());
  out.put('}');
}

// CloudEvents 1.0.2, 3.1 and 3.2; JSON Event Format 1.0.2, 3.1.
void EventFormat::put_cloudevent(TextBuffer& out, const Event& event) const {
  out.put("{\"specversion\":\"1.0\"");
  put_text(out, "id", event.id.view());
  put_name(out, "source");
  out.put("\"/patchbay/nodes/");
  put_escaped(out, node);
  out.put("\",\"type\":\"patchbay.");
  out.put(row_of(event.kind).name);
  out.put("\",\"time\":\"");
  put_rfc3339(out, event.at_unix_ms);
  out.put('"');
  const std::string_view subject = event.topic.empty() ? event.client_id : event.topic;
  if (!subject.empty()) put_text(out, "subject", subject);  // 3.1.3: not empty where it is there
  out.put(",\"datacontenttype\":\"application/json\",\"data\":");
  put_emqx(out, event);
  out.put('}');
}

void EventFormat::put_json(TextBuffer& out, const Event& event) const {
  style == FormatStyle::cloudevents ? put_cloudevent(out, event) : put_emqx(out, event);
}

void EventFormat::put(TextBuffer& out, const Event& event, const std::optional<BodyTemplate>& body) const {
  body ? put_filled(out, event, *body) : put_json(out, event);
}

void EventFormat::put_filled(TextBuffer& out, const Event& event, const BodyTemplate& body) const {
  for (const auto& piece : body.pieces()) {
    out.put(piece.fixed);
    if (piece.field == ".") {
      put_json(out, event);
    } else if (!piece.field.empty()) {
      put_field(out, event, piece.field);
    }
  }
}

/// The value without quotes around it; what the event doesn't have is "undefined", as EMQX writes it.
void EventFormat::put_field(TextBuffer& out, const Event& event, const std::string& name) const {
  const auto add = [&](std::string_view text) { escape ? put_escaped(out, text) : out.put(text); };
  std::string encoded;
  if (name == "action") return add(row_of(event.kind).action);
  if (name == "node") return add(node);
  if (name == "event_id") return add(event.id.view());
  if (name == "payload" && event.has_payload) return add(payload_of(event, encoded));
  const auto found =
      std::find_if(event.fields.begin(), event.fields.end(), [&](const auto& each) { return each.first == name; });
  if (found == event.fields.end()) return add("undefined");
  if (const auto* text = std::get_if<std::string_view>(&found->second)) return add(*text);
  put_value(out, found->second);
}

std::string EventFormat::joined(const std::vector<const std::string*>& bodies, bool single) const {
  if (single && bodies.size() == 1) return *bodies.front();
  size_t bytes = 2;
  for (const auto* each : bodies) bytes += each->size() + 1;
  std::string out;
  out.reserve(bytes);
  out = "[";
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
