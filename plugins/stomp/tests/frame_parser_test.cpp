// Frames, byte for byte. Sections are those of the STOMP 1.2 specification where no version is named.
#include "frame_parser.h"

#include <catch2/catch.hpp>
#include <vector>

#include "frame_writer.h"

using namespace patchbay::stomp;  // NOLINT: test
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

struct Read {
  ParseResult result;
  std::string command;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

Read read(std::string_view bytes, Version version = Version::v1_2, const FrameLimits& limits = {}) {
  FrameParser parser;
  Frame frame;
  Read out;
  out.result = parser.next(bytes, version, limits, frame);
  if (out.result.status != ParseStatus::frame) return out;
  out.command = frame.command;
  for (const Header& header : frame.headers) out.headers.emplace_back(header.name, header.value);
  out.body = frame.body;
  return out;
}

using Headers = std::vector<std::pair<std::string, std::string>>;

}  // namespace

TEST_CASE("stomp parser: a frame is a command, headers, an empty line, a body, NUL") {
  const auto frame = read("SEND\ndestination:/queue/a\ncontent-type:text/plain\n\nhello queue a\0rest"sv);
  REQUIRE(frame.result.status == ParseStatus::frame);
  CHECK(frame.result.consumed == 65);
  CHECK(frame.command == "SEND");
  CHECK(frame.headers == Headers{{"destination", "/queue/a"}, {"content-type", "text/plain"}});
  CHECK(frame.body == "hello queue a");
}

TEST_CASE("stomp parser: content-length lets a body hold NULs, and needs the one behind it") {
  const auto frame = read("SEND\ncontent-length:3\n\na\0b\0"sv);
  REQUIRE(frame.result.status == ParseStatus::frame);
  CHECK(frame.body == "a\0b"sv);
  const auto wrong = read("SEND\ncontent-length:1\n\nab\0"sv);
  CHECK(wrong.result.status == ParseStatus::malformed);
  const auto half = read("SEND\ncontent-length:3\n\na\0"sv);
  CHECK(half.result.status == ParseStatus::more);
  CHECK(half.result.need == 27);
}

TEST_CASE("stomp parser: the first of several headers counts, also for content-length (Repeated Header Entries)") {
  const auto frame = read("SEND\nfoo:1\nfoo:2\ncontent-length:0\ncontent-length:9\n\n\0"sv);
  REQUIRE(frame.result.status == ParseStatus::frame);
  CHECK(frame.headers.size() == 4);
  Frame parsed;
  FrameParser parser;
  const std::string bytes = "SEND\nfoo:1\nfoo:2\n\n\0"s;
  REQUIRE(parser.next(bytes, Version::v1_2, {}, parsed).status == ParseStatus::frame);
  CHECK(parsed.value("foo") == "1");
  CHECK_FALSE(parsed.find("bar"));
  CHECK(parsed.value("bar").empty());
}

TEST_CASE("stomp parser: line ends between frames are heart-beats, and consumed") {
  CHECK(read("\n\r\n\n").result.consumed == 4);
  CHECK(read("\n\r\n\n").result.status == ParseStatus::more);
  CHECK(read("\n\r").result.consumed == 1);
  const auto frame = read("\n\r\nBEGIN\n\n\0"sv);
  CHECK(frame.result.status == ParseStatus::frame);
  CHECK(frame.result.consumed == 11);
}

TEST_CASE("stomp parser: CR belongs to the line end in 1.2 and 1.0, to the value in 1.1") {
  const auto bytes = "SEND\r\nfoo:bar\r\n\r\nx\0"sv;
  CHECK(read(bytes, Version::v1_2).headers == Headers{{"foo", "bar"}});
  CHECK(read(bytes, Version::v1_0).headers == Headers{{"foo", "bar"}});
  CHECK(read(bytes, Version::v1_1).result.status == ParseStatus::malformed);  // "\r" is no header
  CHECK(read("SEND\nfoo:bar\r\n\n\0"sv, Version::v1_1).headers == Headers{{"foo", "bar\r"}});
}

TEST_CASE("stomp parser: escapes mean what the version says (Value Encoding)") {
  const auto bytes = "SEND\na\\cb:1\\\\2\\n3\n\n\0"sv;
  CHECK(read(bytes, Version::v1_2).headers == Headers{{"a:b", "1\\2\n3"}});
  CHECK(read(bytes, Version::v1_1).headers == Headers{{"a:b", "1\\2\n3"}});
  CHECK(read(bytes, Version::v1_0).headers == Headers{{"a\\cb", "1\\\\2\\n3"}});
  const auto cr = "SEND\na:1\\r2\n\n\0"sv;
  CHECK(read(cr, Version::v1_2).headers == Headers{{"a", "1\r2"}});
  CHECK(read(cr, Version::v1_1).result.status == ParseStatus::malformed);
  for (const auto wrong : {"SEND\na:\\t\n\n\0"sv, "SEND\na:\\\n\n\0"sv, "SEND\na\\x:1\n\n\0"sv}) {
    CHECK(read(wrong).result.status == ParseStatus::malformed);
  }
}

TEST_CASE("stomp parser: CONNECT, STOMP and CONNECTED have no escapes in any version") {
  for (const std::string& command : std::vector<std::string>{"CONNECT", "STOMP", "CONNECTED"}) {
    CHECK(read(command + "\npasscode:a\\b:c\n\n\0"s).headers == Headers{{"passcode", "a\\b:c"}});
  }
}

TEST_CASE("stomp parser: spaces are trimmed in 1.0 only") {
  const auto bytes = "SEND\nlogin: me \n\n\0"sv;
  CHECK(read(bytes, Version::v1_0).headers == Headers{{"login", "me"}});
  CHECK(read(bytes, Version::v1_1).headers == Headers{{"login", " me "}});
  CHECK(read(bytes, Version::v1_2).headers == Headers{{"login", " me "}});
}

TEST_CASE("stomp parser: what is no frame is told from what isn't one yet") {
  for (const auto bytes : {"GET / HTTP/1.1\r\n"sv,
                           "send\n"sv,
                           "\x10\x0f\x00\x04MQTT"sv,
                           "\x16\x03\x01"sv,
                           "SEND\nno colon\n"sv,
                           "SEND\n:x\n\n\0"sv,
                           "SEND\nfoo:\0"sv,
                           "SEND\0"sv,
                           "SEND\ncontent-length:-1\n"sv,
                           "SEND\ncontent-length:\n"sv,
                           "SEND\ncontent-length:1x\n"sv,
                           "SEND\ncontent-length:99999999999999999999\n"sv,
                           "SEND\na:\xff\n\n\0"sv,
                           "SEND\n\xc0\x80:a\n\n\0"sv,
                           "SEND\na:\xed\xa0\x80\n\n\0"sv,
                           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"sv,
                           "SEND\ncontent-length: 1\n\nx\0"sv,
                           "\rSEND\n\n\0"sv,
                           "\r\r\n\n\0"sv,
                           "SEND\r\r\n\n\0"sv}) {
    INFO(std::string(bytes));
    const auto frame = read(bytes);
    CHECK(frame.result.status == ParseStatus::malformed);
    CHECK_FALSE(frame.result.message.empty());
  }
  for (const auto bytes : {""sv, "\r"sv, "S"sv, "SEND\r"sv, "SEND\na:b"sv, "SEND\na:b\n\nbody"sv, "SEND\na:\xc3"sv}) {
    CHECK(read(bytes).result.status == ParseStatus::more);
  }
}

TEST_CASE("stomp parser: each limit is refused one byte or header beyond it") {
  const FrameLimits limits{2, 10, 4};
  CHECK(read("SEND\na:1\nb:2\n\n\0"sv, Version::v1_2, limits).result.status == ParseStatus::frame);
  CHECK(read("SEND\na:1\nb:2\nc:3\n"sv, Version::v1_2, limits).result.status == ParseStatus::too_large);
  CHECK(read("SEND\na:34567890\n\n\0"sv, Version::v1_2, limits).result.status == ParseStatus::frame);
  CHECK(read("SEND\na:345678901"sv, Version::v1_2, limits).result.status == ParseStatus::too_large);
  CHECK(read("SEND\n\n1234\0"sv, Version::v1_2, limits).result.status == ParseStatus::frame);
  CHECK(read("SEND\n\n12345"sv, Version::v1_2, limits).result.status == ParseStatus::too_large);
  const FrameLimits wide{2, 100, 4};
  CHECK(read("SEND\ncontent-length:4\n\n1234\0"sv, Version::v1_2, wide).result.status == ParseStatus::frame);
  CHECK(read("SEND\ncontent-length:5\n"sv, Version::v1_2, wide).result.status == ParseStatus::too_large);
}

TEST_CASE("stomp parser: bytes one by one give the same frames") {
  const auto bytes = "\n\r\nSEND\r\nfoo:a\\cb\r\ncontent-length:2\r\n\r\n\0x\0\nSEND\n\nyes\0\n"sv;
  FrameParser parser;
  Frame frame;
  std::string kept;
  std::vector<std::string> bodies;
  for (const char byte : bytes) {
    kept += byte;
    const ParseResult result = parser.next(kept, Version::v1_2, {}, frame);
    REQUIRE(result.status != ParseStatus::malformed);
    if (result.status == ParseStatus::frame) bodies.emplace_back(frame.body);
    kept.erase(0, result.consumed);
  }
  CHECK(bodies == std::vector<std::string>{"\0x"s, "yes"});
  CHECK(kept.empty());
}

TEST_CASE("stomp writer: headers are escaped as the version can, or not written") {
  const auto written = [](Version version, std::string_view name, std::string_view value) {
    std::string out;
    FrameWriter writer(out, version, "MESSAGE");
    const bool done = writer.header(name, value);
    writer.end("x");
    return std::pair(done, out);
  };
  CHECK(written(Version::v1_2, "a:b", "1\\2\n3\r") == std::pair(true, "MESSAGE\na\\cb:1\\\\2\\n3\\r\n\nx\0"s));
  CHECK(written(Version::v1_1, "a", "1\r") == std::pair(true, "MESSAGE\na:1\r\n\nx\0"s));
  CHECK(written(Version::v1_0, "a", "b:c\\") == std::pair(true, "MESSAGE\na:b:c\\\n\nx\0"s));
  CHECK(written(Version::v1_0, "a", "b\nc:d") == std::pair(false, "MESSAGE\n\nx\0"s));
  CHECK(written(Version::v1_0, "a:b", "c") == std::pair(false, "MESSAGE\n\nx\0"s));
  CHECK(written(Version::v1_2, "", "c") == std::pair(false, "MESSAGE\n\nx\0"s));
}

TEST_CASE("stomp writer and parser: what is written is read again, in each version") {
  const std::string texts[] = {"", "plain", "a:b", "a\\b", "a\nb", "\\c", "ä€😀", " spaces "};
  for (const Version version : {Version::v1_1, Version::v1_2}) {
    std::string out;
    FrameWriter writer(out, version, "SEND");
    for (const std::string& text : texts) CHECK(writer.header("n" + text, text));
    writer.end();
    const auto frame = read(out, version);
    REQUIRE(frame.result.status == ParseStatus::frame);
    REQUIRE(frame.headers.size() == std::size(texts));
    for (size_t i = 0; i < std::size(texts); ++i) CHECK(frame.headers[i].second == texts[i]);
  }
}
