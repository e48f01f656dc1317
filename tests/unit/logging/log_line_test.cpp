#include "logging/log_line.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace patchbay;  // NOLINT: test

namespace {

constexpr uint64_t kMoment = 1'700'000'000'123;

std::string as_text(std::string_view message, std::initializer_list<base::LogField> fields = {}) {
  return logging::text_line({kMoment, base::LogArea::session, base::LogLevel::warning, message, fields});
}

nlohmann::json as_json(std::string_view message, std::initializer_list<base::LogField> fields = {}) {
  // Throws, and so fails the test, when the line is not JSON.
  return nlohmann::json::parse(
      logging::json_line({kMoment, base::LogArea::session, base::LogLevel::warning, message, fields}));
}

}  // namespace

TEST_CASE("a text line has time, level, area, message and fields") {
  CHECK(as_text("client connected", {{"clientid", "sensor-1"}, {"port", 1883}}) ==
        "2023-11-14T22:13:20.123Z warning session: client connected clientid=sensor-1 port=1883");
  CHECK(logging::text_line({kMoment, base::LogArea::net, base::LogLevel::info, "up", {}}) ==
        "2023-11-14T22:13:20.123Z info    net: up");
}

TEST_CASE("values with blanks, quotes or equals signs are quoted, so that fields cannot be forged") {
  CHECK(as_text("m", {{"clientid", "a level=error"}}).find("clientid=\"a level=error\"") != std::string::npos);
  CHECK(as_text("m", {{"clientid", "a\" x=\"b"}}).find("clientid=\"a\\\" x=\\\"b\"") != std::string::npos);
  CHECK(as_text("m", {{"clientid", ""}}).find("clientid=\"\"") != std::string::npos);
  CHECK(as_text("m", {{"topic", "a/+/#"}}).find("topic=a/+/#") != std::string::npos);
}

TEST_CASE("no peer can start a line or reach the terminal") {
  const std::string line =
      as_text("m", {{"clientid", "x\n2023-11-14T22:13:20.123Z error broker: forged\r\x1b[31m\x7f"}});
  for (const char c : line) CHECK((static_cast<unsigned char>(c) >= 0x20 && c != 0x7F));
  CHECK(line.find("\\n2023") != std::string::npos);
  CHECK(line.find("\\u000d\\u001b[31m\\u007f") != std::string::npos);
  CHECK(as_text("a\nb").find("a\\nb") != std::string::npos);
}

TEST_CASE("marks that turn text around and C1 controls are escaped") {
  CHECK(as_text("m", {{"k", "\xE2\x80\xAEgnp"}}).find("\\u202egnp") != std::string::npos);
  CHECK(as_text("m", {{"k",
                       "a\xC2\x9B"
                       "31m"}})
            .find("a\\u009b31m") != std::string::npos);
}

TEST_CASE("long values are cut") {
  const std::string line = as_text("m", {{"topic", std::string(5000, 'x')}});
  CHECK(line.size() < 1200);
  CHECK(line.substr(line.size() - 4) == "…\"");
}

TEST_CASE("a JSON line is one object with typed fields") {
  const nlohmann::json line = as_json("client connected", {{"clientid", "a b"}, {"port", 1883}});
  CHECK(line["ts"] == "2023-11-14T22:13:20.123Z");
  CHECK(line["level"] == "warning");
  CHECK(line["area"] == "session");
  CHECK(line["message"] == "client connected");
  CHECK(line["clientid"] == "a b");
  CHECK(line["port"] == 1883);
  CHECK(line["port"].is_number_unsigned());
}

TEST_CASE("a JSON line is valid for every byte that a peer can send") {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = {'a', static_cast<char>(byte), 'b'};
    const nlohmann::json line = as_json("m", {{"clientid", text}});
    const std::string value = line["clientid"];
    INFO(byte);
    if (byte < 0x80) CHECK(value == text);
    if (byte >= 0x80)
      CHECK(value ==
            "a\xEF\xBF\xBD"
            "b");
  }
}

TEST_CASE("a JSON line stays valid when a value is cut inside a character") {
  const nlohmann::json line = as_json("m", {{"topic", std::string(1023, 'x') + "\xC3\xA4\xC3\xA4"}});
  CHECK(line["topic"].get<std::string>().size() > 1023);
}

TEST_CASE("a JSON line is a single line") {
  const std::string line =
      logging::json_line({kMoment, base::LogArea::net, base::LogLevel::error, "a\nb", {{"k", "c\r\nd\xE2\x80\xA8"}}});
  CHECK(line.find('\n') == std::string::npos);
  CHECK(line.find('\r') == std::string::npos);
  CHECK(line.find("\\u2028") != std::string::npos);
}
