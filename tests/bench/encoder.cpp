#include "bench/encoder.h"

namespace patchbay::bench {
namespace {

constexpr std::uint8_t kConnectUsername = 0x80;
constexpr std::uint8_t kConnectPassword = 0x40;
constexpr std::uint8_t kConnectCleanStart = 0x02;
constexpr char kReservedFlags = 0x02;  // SUBSCRIBE and PUBREL carry these fixed header flags

void append_u16(std::string& out, std::size_t value) {
  out.push_back(static_cast<char>(value >> 8));
  out.push_back(static_cast<char>(value & 0xFF));
}

void append_text(std::string& out, std::string_view text) {
  append_u16(out, text.size());
  out.append(text);
}

void append_fixed_header(std::string& out, PacketType type, char flags, std::size_t remaining_length) {
  out.push_back(static_cast<char>((static_cast<unsigned>(type) << 4) | static_cast<unsigned>(flags)));
  do {
    std::size_t digit = remaining_length & 0x7F;
    remaining_length >>= 7;
    out.push_back(static_cast<char>(remaining_length > 0 ? digit | 0x80 : digit));
  } while (remaining_length > 0);
}

}  // namespace

void write_u16(char* at, std::uint16_t value) {
  at[0] = static_cast<char>(value >> 8);
  at[1] = static_cast<char>(value & 0xFF);
}

void append_connect(std::string& out, const ConnectFields& fields) {
  std::string body;
  append_text(body, "MQTT");
  body.push_back(static_cast<char>(fields.version));
  unsigned flags = kConnectCleanStart;
  if (!fields.username.empty()) flags |= kConnectUsername;
  if (!fields.password.empty()) flags |= kConnectPassword;
  body.push_back(static_cast<char>(flags));
  append_u16(body, fields.keep_alive_s);
  if (fields.version == ProtocolVersion::v5) body.push_back(0);
  append_text(body, fields.client_id);
  if (!fields.username.empty()) append_text(body, fields.username);
  if (!fields.password.empty()) append_text(body, fields.password);
  append_fixed_header(out, PacketType::connect, 0, body.size());
  out.append(body);
}

void append_subscribe(std::string& out, ProtocolVersion version, std::uint16_t packet_id,
                      std::span<const std::string> topic_filters, std::uint8_t qos) {
  std::string body;
  append_u16(body, packet_id);
  if (version == ProtocolVersion::v5) body.push_back(0);
  for (const std::string& topic_filter : topic_filters) {
    append_text(body, topic_filter);
    body.push_back(static_cast<char>(qos));
  }
  append_fixed_header(out, PacketType::subscribe, kReservedFlags, body.size());
  out.append(body);
}

PublishImage encode_publish(ProtocolVersion version, std::string_view topic, std::string_view payload, std::uint8_t qos,
                            bool retain) {
  std::size_t remaining_length = 2 + topic.size() + payload.size();
  if (qos > 0) remaining_length += 2;
  if (version == ProtocolVersion::v5) remaining_length += 1;
  PublishImage image;
  append_fixed_header(image.bytes, PacketType::publish, static_cast<char>((qos << 1) | (retain ? 1 : 0)),
                      remaining_length);
  append_text(image.bytes, topic);
  if (qos > 0) {
    image.packet_id_offset = image.bytes.size();
    append_u16(image.bytes, 0);
  }
  if (version == ProtocolVersion::v5) image.bytes.push_back(0);
  image.payload_offset = image.bytes.size();
  image.bytes.append(payload);
  return image;
}

void append_ack(std::string& out, PacketType type, std::uint16_t packet_id) {
  append_fixed_header(out, type, type == PacketType::pubrel ? kReservedFlags : 0, 2);
  append_u16(out, packet_id);
}

void append_pingreq(std::string& out) {
  append_fixed_header(out, PacketType::pingreq, 0, 0);
}

void append_disconnect(std::string& out) {
  append_fixed_header(out, PacketType::disconnect, 0, 0);
}

}  // namespace patchbay::bench
