// A stream of bytes that arrives in pieces: however it is cut, the framer finds the same packets, or fails at the same
// place for the same reason, and never asks for less than is missing.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fuzz/fuzz_target.h"
#include "mqtt/codec/packet_framer.h"

namespace patchbay::mqtt {
namespace {

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "mqtt_framer_fuzz: %s\n", what);
  std::abort();
}

struct Outcome {
  std::vector<size_t> packet_sizes;
  ReasonCode failure = ReasonCode::success;
  size_t failed_at = 0;

  bool operator==(const Outcome&) const = default;
};

void check(const Frame& frame, size_t available, uint32_t limit) {
  switch (frame.status) {
    case Frame::Status::complete:
      require(frame.total_size <= available && frame.total_size <= limit, "packet is larger than input or limit");
      require(frame.body.size() + 2 <= frame.total_size && frame.total_size <= frame.body.size() + 5, "sizes disagree");
      break;
    case Frame::Status::need_more:
      require(frame.total_size > available, "asks for no more than it has");
      break;
    case Frame::Status::failed:
      require(is_failure(frame.reason) && frame.clause[0] != '\0', "failure without reason");
      break;
  }
}

// Frames what has arrived when `arrived` bytes are there; returns false once the stream has failed.
bool take_packets(std::span<const uint8_t> stream, size_t arrived, uint32_t limit, size_t& begin, Outcome& outcome) {
  while (true) {
    const Frame frame = frame_next(stream.subspan(begin, arrived - begin), limit);
    check(frame, arrived - begin, limit);
    if (frame.status == Frame::Status::need_more) return true;
    if (frame.status == Frame::Status::failed) {
      outcome.failure = frame.reason;
      outcome.failed_at = begin;
      return false;
    }
    outcome.packet_sizes.push_back(frame.total_size);
    begin += frame.total_size;
  }
}

Outcome frame_in_pieces(std::span<const uint8_t> stream, uint32_t limit, uint32_t seed) {
  Outcome outcome;
  size_t begin = 0;
  for (size_t arrived = 0; arrived < stream.size();) {
    seed = seed * 1'664'525 + 1'013'904'223;
    arrived = std::min(stream.size(), arrived + 1 + (seed >> 24) % 17);
    if (!take_packets(stream, arrived, limit, begin, outcome)) break;
  }
  return outcome;
}

Outcome frame_whole(std::span<const uint8_t> stream, uint32_t limit) {
  Outcome outcome;
  size_t begin = 0;
  take_packets(stream, stream.size(), limit, begin, outcome);
  return outcome;
}

}  // namespace
}  // namespace patchbay::mqtt

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace patchbay::mqtt;
  if (size == 0) return 0;
  const uint32_t limit = (data[0] & 1) != 0 ? 0xFFFFFFFF : 64;
  const std::span<const uint8_t> stream(data + 1, size - 1);
  const Outcome whole = frame_whole(stream, limit);
  for (uint32_t cut = 0; cut < 4; ++cut) {
    require(frame_in_pieces(stream, limit, data[0] * 7u + cut) == whole, "cuts change what is found");
  }
  return 0;
}
