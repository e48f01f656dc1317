#include "message_mapping.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base64.h"
#include "frame_writer.h"
#include "utf8.h"

namespace patchbay::stomp {

namespace {

// MQTT 5, section 2.2.2.2
constexpr std::uint32_t kPayloadFormatIndicator = 0x01;
constexpr std::uint32_t kContentType = 0x03;
constexpr std::uint32_t kResponseTopic = 0x08;
constexpr std::uint32_t kCorrelationData = 0x09;
constexpr std::uint32_t kUserProperty = 0x26;

constexpr std::size_t kMaximumMqttText = 0xFFFF;

/// Headers with a meaning of their own in SEND or MESSAGE: never user properties.
bool is_reserved(std::string_view name) {
  constexpr std::array<std::string_view, 17> kNames = {"destination",
                                                       "content-length",
                                                       "content-type",
                                                       "receipt",
                                                       "transaction",
                                                       "qos",
                                                       "retain",
                                                       "correlation-id",
                                                       "correlation-id-base64",
                                                       "reply-to",
                                                       "message-expiry-interval",
                                                       "payload-format-indicator",
                                                       "subscription",
                                                       "message-id",
                                                       "ack",
                                                       "redelivered",
                                                       "receipt-id"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

template <typename Number>
bool read_number(std::string_view text, Number& into) {
  const char* const last = text.data() + text.size();
  const auto read = std::from_chars(text.data(), last, into);
  return !text.empty() && read.ec == std::errc() && read.ptr == last;
}

/// The headers of SEND that have a place of their own in a message. A sentence: one of them is wrong.
std::string_view take_properties(const Frame& frame, patchbay::message_builder& builder, std::string& correlation,
                                 std::string& response_topic, const DestinationRules& rules) {
  if (const auto type = frame.find("content-type")) builder.content_type(*type);
  if (const auto reply = frame.find("reply-to")) {
    const auto place = topic_of(*reply, rules);
    if (!place) return "reply-to is no destination";
    response_topic = place->topic;
    builder.response_topic(response_topic);
  }
  if (const auto id = frame.find("correlation-id")) {
    builder.correlation_data(patchbay::as_bytes(*id));
  } else if (const auto coded = frame.find("correlation-id-base64")) {
    auto bytes = from_base64(*coded);
    if (!bytes) return "correlation-id-base64 is not base64";
    correlation = std::move(*bytes);
    builder.correlation_data(patchbay::as_bytes(correlation));
  }
  if (const auto expiry = frame.find("message-expiry-interval")) {
    std::uint32_t seconds = 0;
    if (!read_number(*expiry, seconds)) return "message-expiry-interval is not a number of seconds";
    builder.expiry_s(seconds);
  }
  if (const auto format = frame.find("payload-format-indicator")) {
    if (*format != "0" && *format != "1") return "payload-format-indicator is neither 0 nor 1";
    if (*format == "1" && !is_text(frame.body)) return "The body is not UTF-8, as payload-format-indicator says";
    builder.payload_is_utf8(*format == "1");
  }
  return {};
}

/// What is left of a message's interval, as MQTT subscribers are told [MQTT-3.3.2-6].
std::uint64_t expiry_left_s(const patchbay_message_view& view, std::uint64_t interval_s, std::uint64_t now_unix_ms) {
  const auto received_ms = static_cast<std::uint64_t>(view.received_at_unix_ms);
  const std::uint64_t waited_s = now_unix_ms > received_ms ? (now_unix_ms - received_ms) / 1000 : 0;
  return interval_s > waited_s ? interval_s - waited_s : 0;
}

/// A property as one header. False: STOMP, or this version, has no form for it.
bool write_property(FrameWriter& writer, const patchbay_property& property, bool plain_reply,
                    const DestinationRules& rules) {
  const std::string_view value = patchbay::as_text(patchbay::span(property.value));
  if (property.id == kUserProperty) {
    const std::string_view name = patchbay::as_text(patchbay::span(property.name));
    return !is_reserved(name) && writer.header(name, value);
  }
  if (property.id == kContentType) return writer.header("content-type", value);
  if (property.id == kCorrelationData) {
    if (is_text(value) && writer.header("correlation-id", value)) return true;
    return writer.header("correlation-id-base64", base64(value));
  }
  if (property.id == kResponseTopic) {
    std::string destination;
    append_destination(destination, value, plain_reply ? DestinationForm::plain : DestinationForm::topic, rules);
    return writer.header("reply-to", destination);
  }
  if (property.id == kPayloadFormatIndicator) writer.number("payload-format-indicator", property.number);
  return true;
}

}  // namespace

std::optional<std::uint8_t> read_qos(const Frame& frame, std::uint8_t otherwise) {
  const auto text = frame.find("qos");
  if (!text) return otherwise;
  if (*text != "0" && *text != "1" && *text != "2") return std::nullopt;
  return static_cast<std::uint8_t>(text->front() - '0');
}

MadeMessage make_message(patchbay::host host, const Frame& frame, std::uint8_t otherwise_qos,
                         const DestinationRules& rules) {
  const auto destination = frame.find("destination");
  if (!destination) return {{}, "SEND has no destination"};
  const auto place = topic_of(*destination, rules);
  if (!place) return {{}, "The destination is not one to send to"};
  const auto qos = read_qos(frame, otherwise_qos);
  if (!qos) return {{}, "qos is not 0, 1 or 2"};
  const auto retain = frame.find("retain").value_or("false");
  if (retain != "true" && retain != "false") return {{}, "retain is neither true nor false"};
  patchbay::message_builder builder(host);
  builder.topic(place->topic).payload(frame.body).qos(*qos).retain(retain == "true");
  std::string correlation;
  std::string response_topic;
  const std::string_view wrong = take_properties(frame, builder, correlation, response_topic, rules);
  if (!wrong.empty()) return {{}, wrong};
  for (const Header& header : frame.headers) {
    if (header.name.size() > kMaximumMqttText || header.value.size() > kMaximumMqttText) {
      return {{}, "A header is longer than a property of MQTT can be"};
    }
    if (!is_reserved(header.name)) builder.user_property(header.name, header.value);
  }
  MadeMessage made{builder.build(), {}};
  if (!made.message) made.wrong = "The destination is not a valid topic, or a header has no valid property";
  return made;
}

bool append_message_tail(std::string& out, const TailForm& form, patchbay::message message,
                         const patchbay_message_view& view, const DestinationRules& rules, std::uint64_t& omitted) {
  FrameWriter writer(out, form.version);
  const std::string_view topic = patchbay::text(view.topic);
  if (form.destination == DestinationForm::plain) {
    if (!writer.header("destination", topic)) return false;
  } else {
    std::string destination;
    append_destination(destination, topic, form.destination, rules);
    if (!writer.header("destination", destination)) return false;
  }
  writer.number("content-length", view.payload.len);
  if (form.qos != 0) writer.number("qos", form.qos);
  if (form.retain) out.append("retain:true\n");
  if (form.redelivered) out.append("redelivered:true\n");
  if (view.has_message_expiry_interval != 0) {
    const patchbay::host host(message.raw_host());
    writer.number("message-expiry-interval", expiry_left_s(view, view.message_expiry_interval_s, host.now_unix_ms()));
  }
  const bool none = view.properties.ptr != nullptr && view.properties.len == 0;
  if (!none) {
    const bool plain_reply = form.destination == DestinationForm::plain;
    message.each_property([&](const patchbay_property& property) {
      if (!write_property(writer, property, plain_reply, rules)) ++omitted;
    });
  }
  writer.end_head();
  return true;
}

}  // namespace patchbay::stomp
