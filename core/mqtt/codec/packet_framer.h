#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "mqtt/codec/decode_error.h"
#include "mqtt/codec/variable_byte_integer.h"

namespace patchbay::mqtt {

/// What stands at the front of a stream's bytes.
struct Frame {
  enum class Status : uint8_t {
    complete,   // first_byte, body and total_size are set.
    need_more,  // total_size holds the bytes needed at least, counted from the front of the input.
    failed,     // reason and clause are set; the stream cannot be read further.
  };

  Status status = Status::need_more;
  uint8_t first_byte = 0;
  ReasonCode reason = ReasonCode::success;
  const char* clause = "";
  std::span<const uint8_t> body;
  size_t total_size = 2;
};

/// Cuts the first packet off the input; `maximum_packet_size` counts the whole packet. A packet that is too large fails
/// as soon as its length is known. [any-thread]
inline Frame frame_next(std::span<const uint8_t> input, uint32_t maximum_packet_size) {
  Frame frame;
  if (input.size() < 2) return frame;
  frame.first_byte = input[0];
  const VariableByteInteger length = read_variable_byte_integer(input.subspan(1));
  if (length.size == VariableByteInteger::malformed) {
    frame.status = Frame::Status::failed;
    frame.reason = ReasonCode::malformed_packet;
    frame.clause = "MQTT-1.5.5-1";
    return frame;
  }
  if (length.size == VariableByteInteger::cut_off) {
    frame.total_size = input.size() + 1;
    return frame;
  }
  frame.total_size = size_t{1} + length.size + length.value;
  if (frame.total_size > maximum_packet_size) {
    frame.status = Frame::Status::failed;
    frame.reason = ReasonCode::packet_too_large;
    frame.clause = "MQTT-3.2.2-15";
    return frame;
  }
  if (input.size() < frame.total_size) return frame;
  frame.status = Frame::Status::complete;
  frame.body = input.subspan(size_t{1} + length.size, length.value);
  return frame;
}

}  // namespace patchbay::mqtt
