#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "mqtt/codec/decode_error.h"
#include "mqtt/packets/any_packet.h"
#include "mqtt/protocol_version.h"

namespace patchbay::mqtt {

/// Decoders, one per packet: pure functions over the packet's body (what follows the remaining length). The packets
/// that they return are views into it. None allocates. [any-thread]
///
/// Whatever the standard forbids within one packet is refused here; rules that need the session (order of packets,
/// limits agreed on at CONNECT, packet identifiers in use, syntax of topic filters) are not checked.
using Body = std::span<const uint8_t>;

/// CONNECT brings its own version.
Decoded<Connect> decode_connect(uint8_t first_byte, Body body);

/// The version that a CONNECT asks for, as far as its first bytes can be read; where we do not speak it, the one in
/// whose form its client understands a refusal best. After an error it tells in which form to answer.
std::optional<ProtocolVersion> peek_protocol_version(Body body);

Decoded<Publish> decode_publish(uint8_t first_byte, Body body, ProtocolVersion version, Sender sender = Sender::client);

/// PUBACK, PUBREC, PUBREL, PUBCOMP; the type is in the first byte.
Decoded<Acknowledgement> decode_acknowledgement(uint8_t first_byte, Body body, ProtocolVersion version,
                                                Sender sender = Sender::client);

Decoded<Subscribe> decode_subscribe(uint8_t first_byte, Body body, ProtocolVersion version);
Decoded<Unsubscribe> decode_unsubscribe(uint8_t first_byte, Body body, ProtocolVersion version);
Decoded<Pingreq> decode_pingreq(uint8_t first_byte, Body body);
Decoded<Disconnect> decode_disconnect(uint8_t first_byte, Body body, ProtocolVersion version,
                                      Sender sender = Sender::client);
Decoded<Auth> decode_auth(uint8_t first_byte, Body body, ProtocolVersion version, Sender sender = Sender::client);

/// What only servers send.
Decoded<Connack> decode_connack(uint8_t first_byte, Body body, ProtocolVersion version);
Decoded<Suback> decode_suback(uint8_t first_byte, Body body, ProtocolVersion version);
Decoded<Unsuback> decode_unsuback(uint8_t first_byte, Body body, ProtocolVersion version);
Decoded<Pingresp> decode_pingresp(uint8_t first_byte, Body body);

/// Any packet that `sender` may send; others are a protocol error, type 0 is malformed.
Decoded<AnyPacket> decode_packet(uint8_t first_byte, Body body, ProtocolVersion version, Sender sender);

}  // namespace patchbay::mqtt
