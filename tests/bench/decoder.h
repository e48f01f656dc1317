#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "bench/packet.h"

namespace patchbay::bench {

using Bytes = std::span<const std::uint8_t>;

enum class FrameStatus : std::uint8_t { complete, incomplete, malformed };

// One packet as it lies in the read buffer; valid as long as that buffer.
struct Frame {
  PacketType type{};
  std::uint8_t flags = 0;
  Bytes body;
  std::size_t size = 0;  // the whole packet, fixed header included
};

struct PublishView {
  std::string_view topic;
  Bytes payload;
  std::uint16_t packet_id = 0;
  std::uint8_t qos = 0;
  bool duplicate = false;
  bool retain = false;
};

struct ConnackFields {
  std::uint8_t reason = 0;
  bool session_present = false;
  std::uint16_t receive_maximum = 65'535;
  std::uint8_t maximum_qos = 2;
};

struct AckFields {
  std::uint16_t packet_id = 0;
  std::uint8_t reason = 0;
};

struct SubackFields {
  std::uint16_t packet_id = 0;
  std::size_t accepted = 0;
  std::size_t refused = 0;
};

FrameStatus next_frame(Bytes input, Frame& frame);

// Each returns false on a body that does not follow the standard; the fields are then not to be used.
bool decode_publish(ProtocolVersion version, const Frame& frame, PublishView& publish);
bool decode_connack(ProtocolVersion version, const Frame& frame, ConnackFields& connack);
bool decode_ack(const Frame& frame, AckFields& ack);
bool decode_suback(ProtocolVersion version, const Frame& frame, SubackFields& suback);

// The reason code of a DISCONNECT, or 0 where it has none.
std::uint8_t decode_disconnect_reason(const Frame& frame);

}  // namespace patchbay::bench
