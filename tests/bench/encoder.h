#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bench/packet.h"

namespace patchbay::bench {

struct ConnectFields {
  ProtocolVersion version = ProtocolVersion::v3_1_1;
  std::string client_id;
  std::string username;  // empty: none sent
  std::string password;  // empty: none sent
  std::uint16_t keep_alive_s = 0;
};

// One PUBLISH, encoded once; a sender copies it and writes the packet id and the payload's stamp into the copy.
struct PublishImage {
  std::string bytes;
  std::size_t packet_id_offset = 0;  // 0 for QoS 0, which has none
  std::size_t payload_offset = 0;
};

// All functions append one complete packet to `out` or return it; strings of more than 65,535 bytes are the caller's
// mistake.
void append_connect(std::string& out, const ConnectFields& fields);
void append_subscribe(std::string& out, ProtocolVersion version, std::uint16_t packet_id,
                      std::span<const std::string> topic_filters, std::uint8_t qos);
PublishImage encode_publish(ProtocolVersion version, std::string_view topic, std::string_view payload, std::uint8_t qos,
                            bool retain);

// PUBACK, PUBREC, PUBREL or PUBCOMP in the two-byte form that means success in every version.
void append_ack(std::string& out, PacketType type, std::uint16_t packet_id);
void append_pingreq(std::string& out);
void append_disconnect(std::string& out);

void write_u16(char* at, std::uint16_t value);

}  // namespace patchbay::bench
