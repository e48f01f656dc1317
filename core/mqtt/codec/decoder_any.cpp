#include "mqtt/codec/decoder.h"

namespace patchbay::mqtt {
namespace {

constexpr PacketSet bits(std::initializer_list<PacketType> types) {
  PacketSet set = 0;
  for (const PacketType type : types) set |= packet_bit(type);
  return set;
}

using enum PacketType;
constexpr PacketSet kBoth = bits({publish, puback, pubrec, pubrel, pubcomp});
constexpr PacketSet kFromClient = kBoth | bits({connect, subscribe, unsubscribe, pingreq, disconnect, auth});
constexpr PacketSet kFromServer = kBoth | bits({connack, suback, unsuback, pingresp, auth});

// The direction of flow, section 2.1.2. Servers send DISCONNECT since 5.0.
bool may_send(Sender sender, PacketType type, ProtocolVersion version) {
  if (sender == Sender::client) return (kFromClient & packet_bit(type)) != 0;
  if (type == disconnect) return version == ProtocolVersion::v5;
  return (kFromServer & packet_bit(type)) != 0;
}

template <class Packet>
Decoded<AnyPacket> as_any(const Decoded<Packet>& decoded) {
  if (!decoded) return base::fail(decoded.error());
  return AnyPacket{*decoded};
}

Decoded<AnyPacket> decode_from_client(PacketType type, uint8_t first_byte, Body body, ProtocolVersion version) {
  switch (type) {
    case connect:
      return as_any(decode_connect(first_byte, body));
    case subscribe:
      return as_any(decode_subscribe(first_byte, body, version));
    case unsubscribe:
      return as_any(decode_unsubscribe(first_byte, body, version));
    default:
      return as_any(decode_pingreq(first_byte, body));
  }
}

Decoded<AnyPacket> decode_from_server(PacketType type, uint8_t first_byte, Body body, ProtocolVersion version) {
  switch (type) {
    case connack:
      return as_any(decode_connack(first_byte, body, version));
    case suback:
      return as_any(decode_suback(first_byte, body, version));
    case unsuback:
      return as_any(decode_unsuback(first_byte, body, version));
    default:
      return as_any(decode_pingresp(first_byte, body));
  }
}

}  // namespace

Decoded<AnyPacket> decode_packet(uint8_t first_byte, Body body, ProtocolVersion version, Sender sender) {
  const PacketType type = packet_type_of(first_byte);
  if (static_cast<uint8_t>(type) == 0) return base::fail(DecodeError{ReasonCode::malformed_packet, "MQTT-2.1.2", 0});
  if (!may_send(sender, type, version)) return base::fail(DecodeError{ReasonCode::protocol_error, "MQTT-2.1.2", 0});
  switch (type) {
    case publish:
      return as_any(decode_publish(first_byte, body, version, sender));
    case puback:
    case pubrec:
    case pubrel:
    case pubcomp:
      return as_any(decode_acknowledgement(first_byte, body, version, sender));
    case disconnect:
      return as_any(decode_disconnect(first_byte, body, version, sender));
    case auth:
      return as_any(decode_auth(first_byte, body, version, sender));
    default:
      return sender == Sender::client ? decode_from_client(type, first_byte, body, version)
                                      : decode_from_server(type, first_byte, body, version);
  }
}

}  // namespace patchbay::mqtt
