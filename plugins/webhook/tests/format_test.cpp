#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "event_format.h"
#include "json_text.h"
#include "payload_encoding.h"
#include "signature.h"

using namespace patchbay::webhook;  // NOLINT: test
using nlohmann::json;

namespace {

Event published(std::string_view payload) {
  Event event;
  event.kind = EventKind::message_publish;
  event.id = *EventId::of("id-1");
  event.at_unix_ms = 1'700'000'000'123;
  event.client_id = "c1";
  event.topic = "a/b";
  event.fields = {{"from_client_id", std::string_view("c1")},
                  {"from_username", nullptr},
                  {"topic", std::string_view("a/b")},
                  {"qos", int64_t{1}},
                  {"retain", false},
                  {"ts", int64_t{1'700'000'000'100}},
                  {"opts", JsonText{R"({"qos":1})"}}};
  event.has_payload = true;
  event.payload = payload;
  return event;
}

std::string escaped(std::string_view text) {
  TextBuffer out;
  put_escaped(out, text);
  return std::string(out.view());
}

std::string rendered(const EventFormat& format, const Event& event, const std::optional<BodyTemplate>& body) {
  TextBuffer out;
  format.put(out, event, body);
  return std::string(out.view());
}

EventFormat format_of(FormatStyle style, PayloadEncoding encoding = PayloadEncoding::plain) {
  EventFormat out;
  out.style = style;
  out.encoding = encoding;
  out.node = "n1";
  return out;
}

}  // namespace

TEST_CASE("EMQX's fields, and an id") {
  const json shown = json::parse(rendered(format_of(FormatStyle::emqx), published("hello"), {}));
  CHECK(shown == json{{"action", "message_publish"},
                      {"node", "n1"},
                      {"from_client_id", "c1"},
                      {"from_username", nullptr},
                      {"topic", "a/b"},
                      {"qos", 1},
                      {"retain", false},
                      {"ts", 1'700'000'000'100},
                      {"opts", {{"qos", 1}}},
                      {"payload", "hello"},
                      {"event_id", "id-1"}});
}

TEST_CASE("CloudEvents 1.0: the required attributes, and the event as data") {
  const EventFormat format = format_of(FormatStyle::cloudevents);
  const json shown = json::parse(rendered(format, published("x"), {}));
  CHECK(shown["specversion"] == "1.0");
  CHECK(shown["id"] == "id-1");
  CHECK(shown["source"] == "/patchbay/nodes/n1");
  CHECK(shown["type"] == "patchbay.message.publish");
  CHECK(shown["time"] == "2023-11-14T22:13:20.123Z");
  CHECK(shown["subject"] == "a/b");
  CHECK(shown["datacontenttype"] == "application/json");
  CHECK(shown["data"]["payload"] == "x");
  CHECK(format.content_type(true) == "application/cloudevents+json; charset=utf-8");
  CHECK(format.content_type(false) == "application/cloudevents-batch+json; charset=utf-8");
  Event nameless;
  CHECK_FALSE(json::parse(rendered(format, nameless, {})).contains("subject"));  // 3.1.3: not empty where it is there
}

TEST_CASE("one event stands alone, several in an array, also one where several might be") {
  const EventFormat format = format_of(FormatStyle::emqx);
  const std::string a = "{}", b = "1";
  CHECK(format.joined({&a}, true) == "{}");
  CHECK(format.joined({&a}, false) == "[{}]");
  CHECK(format.joined({&a, &b}, false) == "[{},1]");
}

TEST_CASE("payloads: bytes that are no UTF-8 can't break the document") {
  const std::string bad("\xFF\xC0\x80\xED\xA0\x80\xF5\"\n\x01\\", 11);
  const json shown = json::parse(rendered(format_of(FormatStyle::emqx), published(bad), {}));
  CHECK(shown["payload"].get<std::string>().ends_with("\"\n\x01\\"));
  CHECK(escaped("ä€😀") == "ä€😀");
  CHECK(escaped("\xE2\x82") == "\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(escaped(std::string("\0\x7F", 2)) == "\\u0000\\u007f");
}

TEST_CASE("payloads: what needs escaping is found wherever it stands") {
  const std::string_view specials[] = {"\"", "\\", "\x01", "\x1F", "\x7F", "\n", "ä", "\xFF"};
  const std::string_view meant[] = {"\\\"", "\\\\", "\\u0001", "\\u001f", "\\u007f", "\\n", "ä", "\xEF\xBF\xBD"};
  for (size_t i = 0; i < std::size(specials); ++i) {
    for (size_t before = 0; before < 20; ++before) {
      const std::string front(before, ' ');
      const std::string back(20 - before, '~');
      CHECK(escaped(front + std::string(specials[i]) + back) == front + std::string(meant[i]) + back);
    }
  }
  const std::string plain = "!#$%&'()*+,-./0123456789:;<=>?@ABC[]^_`abc{|}~";
  CHECK(escaped(plain) == plain);
}

TEST_CASE("times: RFC 3339 with milliseconds") {
  const auto text = [](uint64_t unix_ms) {
    TextBuffer out;
    put_rfc3339(out, unix_ms);
    return std::string(out.view());
  };
  CHECK(text(0) == "1970-01-01T00:00:00.000Z");
  CHECK(text(951'827'696'007) == "2000-02-29T12:34:56.007Z");
  CHECK(text(4'102'444'799'999) == "2099-12-31T23:59:59.999Z");
}

TEST_CASE("ids: of this run, and counted") {
  EventIds ids;
  const EventId first = ids.next();
  const EventId second = ids.next();
  REQUIRE(first.view().size() == 33);
  CHECK(first.view().substr(0, 17) == second.view().substr(0, 17));
  CHECK(first.view().substr(16) == "-0000000000000001");
  CHECK(second.view().substr(16) == "-0000000000000002");
  CHECK(first.view().find_first_not_of("0123456789abcdef-") == std::string_view::npos);
  CHECK_FALSE(EventId::of(std::string(EventId::kBytesMax + 1, 'x')));
}

TEST_CASE("payloads: base64, and EMQX's base62") {
  const EventFormat format = format_of(FormatStyle::emqx, PayloadEncoding::base64);
  CHECK(json::parse(rendered(format, published("hi?"), {}))["payload"] == "aGk/");
  // Groups of six bits; 61, 62, 63 become 9A, 9B, 9C; the last two or four bits are a number of their own.
  CHECK(base62("").empty());
  CHECK(base62(std::string("\0\0\0", 3)) == "AAAA");
  CHECK(base62("\xFF\xFF\xFF") == "9C9C9C9C");
  CHECK(base62("\xF7\xDF\x7D") == "9A9A9A9A");
  CHECK(base62("hello") == "aGVsbGP");
  CHECK(base62("\xFF") == "9CD");
  CHECK(base62("\xFF\xFF") == "9C9CP");
}

TEST_CASE("templates: places are filled, escaped, and unknown ones are named") {
  std::string reason;
  const EventFormat format = format_of(FormatStyle::emqx);
  const auto body = BodyTemplate::parse(
      R"({"t":"${topic}","q":${qos},"o":${opts},"p":"${payload}","$":"${$}{x}","r":"${reason}"})", reason);
  REQUIRE(body);
  CHECK(rendered(format, published("a\"b"), body) ==
        R"({"t":"a/b","q":1,"o":{"qos":1},"p":"a\"b","$":"${x}","r":"undefined"})");
  EventFormat raw = format;
  raw.escape = false;
  CHECK(rendered(raw, published("a\"b"), BodyTemplate::parse("${payload}", reason)) == "a\"b");
  CHECK(rendered(format, published("x"), BodyTemplate::parse("${.}", reason)) == rendered(format, published("x"), {}));
  CHECK_FALSE(BodyTemplate::parse("${topik}", reason));
  CHECK(reason == "no event has a field \"topik\"");
  CHECK_FALSE(BodyTemplate::parse("a ${topic", reason));
}

TEST_CASE("signatures: the example of the specification Standard Webhooks") {
  const std::string key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  CHECK(signature_of(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})") ==
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  CHECK(signing_key("plain") == "plain");
}

TEST_CASE("every kind has a name, an action and a hook") {
  for (const auto& source : event_sources()) {
    const auto& row = row_of(source.kind);
    CHECK(row.kind == source.kind);
    CHECK(event_kind_of(row.name) == source.kind);
    std::string action(row.name);
    action[action.find('.')] = '_';
    CHECK(row.action == action);
  }
  CHECK_FALSE(event_kind_of("test"));
  CHECK_FALSE(event_kind_of("message.dispatched"));
}
