// The frame parser: what comes byte by byte ends as what comes at once; a frame that was read can be written, and read
// again as the same; nothing that is accepted is beyond a limit.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "frame_parser.h"
#include "frame_writer.h"
#include "fuzz/fuzz_target.h"

namespace patchbay::stomp {
namespace {

constexpr FrameLimits kLimits{8, 64, 256};

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "stomp_frame_fuzz: %s\n", what);
  std::abort();
}

struct Outcome {
  std::vector<std::string> frames;
  ParseStatus end = ParseStatus::more;
  std::size_t consumed = 0;
  bool operator==(const Outcome&) const = default;
};

/// A frame in a form in which no two different ones are the same.
std::string flat(const Frame& frame) {
  const auto sized = [](std::string_view text) { return std::to_string(text.size()) + ":" + std::string(text); };
  std::string out = sized(frame.command);
  for (const Header& header : frame.headers) out += sized(header.name) + sized(header.value);
  return out + "|" + sized(frame.body);
}

void check_frame(const Frame& frame) {
  require(frame.headers.size() <= kLimits.maximum_headers, "more headers than the limit");
  require(frame.body.size() <= kLimits.maximum_body_length, "a longer body than the limit");
  for (const Header& header : frame.headers) {
    require(header.name.size() + header.value.size() < kLimits.maximum_header_length, "a longer header than the limit");
    require(!header.name.empty(), "a header without a name");
  }
}

/// Only 1.2 has a form for everything.
void check_round_trip(const Frame& frame) {
  if (frame.command == "CONNECT" || frame.command == "STOMP" || frame.command == "CONNECTED") return;
  std::string written;
  FrameWriter writer(written, Version::v1_2, frame.command);
  bool with_length = false;
  for (const Header& header : frame.headers) {
    require(writer.header(header.name, header.value), "a header that cannot be written");
    with_length = with_length || header.name == "content-length";
  }
  if (!with_length) writer.number("content-length", frame.body.size());
  writer.end(frame.body);
  Frame again;
  FrameParser parser;
  const ParseResult result = parser.next(written, Version::v1_2, {}, again);
  require(result.status == ParseStatus::frame && result.consumed == written.size(), "what was written is not read");
  if (!with_length) again.headers.pop_back();
  require(flat(again) == flat(frame), "what was written is read as something else");
}

Outcome read(std::string_view bytes, Version version, std::size_t step) {
  Outcome outcome;
  FrameParser parser;
  Frame frame;
  std::string kept;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    kept += bytes.substr(at, step);
    for (bool more = true; more;) {
      const ParseResult result = parser.next(kept, version, kLimits, frame);
      require(result.consumed <= kept.size(), "more was consumed than there is");
      if (result.status == ParseStatus::malformed || result.status == ParseStatus::too_large) {
        require(!result.message.empty(), "nobody knows why");
        outcome.end = result.status;
        return outcome;
      }
      more = result.status == ParseStatus::frame;
      if (more) {
        check_frame(frame);
        if (version == Version::v1_2) check_round_trip(frame);
        outcome.frames.push_back(flat(frame));
      } else {
        require(result.need == 0 || result.need > kept.size() - result.consumed, "it needs what it has");
      }
      outcome.consumed += result.consumed;
      kept.erase(0, result.consumed);
    }
  }
  return outcome;
}

}  // namespace
}  // namespace patchbay::stomp

namespace patchbay::fuzz {

std::vector<std::vector<uint8_t>> fuzz_seeds() {
  using namespace std::string_literals;  // whose texts may contain NUL
  const std::string texts[] = {"CONNECT\naccept-version:1.2\nhost:x\n\n\0"s,
                               "SEND\r\ndestination:/topic/a\r\ncontent-length:3\r\n\r\na\0b\0\n"s,
                               "\n\r\nSUBSCRIBE\nid:0\ndestination:a\\cb\\\\\\n\n\n\0"s,
                               "MESSAGE\nfoo:1\nfoo:2\n\nbody\0SEND\n\n\0"s,
                               "GET / HTTP/1.1\r\n\r\n"s,
                               "\x10\x0c"s};
  std::vector<std::vector<uint8_t>> seeds;
  for (const std::string& text : texts) seeds.emplace_back(text.begin(), text.end());
  return seeds;
}

}  // namespace patchbay::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace patchbay::stomp;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const Version version : {Version::v1_0, Version::v1_1, Version::v1_2}) {
    const Outcome whole = read(bytes, version, size == 0 ? 1 : size);
    const Outcome pieces = read(bytes, version, 1);
    require(whole.frames == pieces.frames, "pieces give other frames");
    require(whole.end == pieces.end, "pieces end otherwise");
  }
  return 0;
}
