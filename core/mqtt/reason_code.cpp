#include "mqtt/reason_code.h"

#include <algorithm>
#include <array>

namespace patchbay::mqtt {
namespace {

constexpr PacketSet kConnack = packet_bit(PacketType::connack);
constexpr PacketSet kReceived = packet_bit(PacketType::puback) | packet_bit(PacketType::pubrec);
constexpr PacketSet kReleased = packet_bit(PacketType::pubrel) | packet_bit(PacketType::pubcomp);
constexpr PacketSet kSuback = packet_bit(PacketType::suback);
constexpr PacketSet kUnsuback = packet_bit(PacketType::unsuback);
constexpr PacketSet kDisconnect = packet_bit(PacketType::disconnect);
constexpr PacketSet kAuth = packet_bit(PacketType::auth);
constexpr PacketSet kSubacks = kSuback | kUnsuback;

using enum ReasonCode;

// clang-format off
constexpr std::array<ReasonCodeRow, 43> kTable = {{
  // code, name, from clients, from servers
  {success, "success",
   kReceived | kReleased | kDisconnect, kConnack | kReceived | kReleased | kSubacks | kDisconnect | kAuth},
  {granted_qos_1, "granted_qos_1", 0, kSuback},
  {granted_qos_2, "granted_qos_2", 0, kSuback},
  {disconnect_with_will_message, "disconnect_with_will_message", kDisconnect, 0},
  {no_matching_subscribers, "no_matching_subscribers", 0, kReceived},
  {no_subscription_existed, "no_subscription_existed", 0, kUnsuback},
  {continue_authentication, "continue_authentication", kAuth, kAuth},
  {re_authenticate, "re_authenticate", kAuth, 0},
  {unspecified_error, "unspecified_error", kReceived | kDisconnect, kConnack | kReceived | kSubacks | kDisconnect},
  {malformed_packet, "malformed_packet", kDisconnect, kConnack | kDisconnect},
  {protocol_error, "protocol_error", kDisconnect, kConnack | kDisconnect},
  {implementation_specific_error, "implementation_specific_error",
   kReceived | kDisconnect, kConnack | kReceived | kSubacks | kDisconnect},
  {unsupported_protocol_version, "unsupported_protocol_version", 0, kConnack},
  {client_identifier_not_valid, "client_identifier_not_valid", 0, kConnack},
  {bad_user_name_or_password, "bad_user_name_or_password", 0, kConnack},
  {not_authorized, "not_authorized", kReceived, kConnack | kReceived | kSubacks | kDisconnect},
  {server_unavailable, "server_unavailable", 0, kConnack},
  {server_busy, "server_busy", 0, kConnack | kDisconnect},
  {banned, "banned", 0, kConnack},
  {server_shutting_down, "server_shutting_down", 0, kDisconnect},
  {bad_authentication_method, "bad_authentication_method", 0, kConnack | kDisconnect},
  {keep_alive_timeout, "keep_alive_timeout", 0, kDisconnect},
  {session_taken_over, "session_taken_over", 0, kDisconnect},
  {topic_filter_invalid, "topic_filter_invalid", 0, kSubacks | kDisconnect},
  {topic_name_invalid, "topic_name_invalid", kReceived | kDisconnect, kConnack | kReceived | kDisconnect},
  {packet_identifier_in_use, "packet_identifier_in_use", kReceived, kReceived | kSubacks},
  {packet_identifier_not_found, "packet_identifier_not_found", kReleased, kReleased},
  {receive_maximum_exceeded, "receive_maximum_exceeded", kDisconnect, kDisconnect},
  {topic_alias_invalid, "topic_alias_invalid", kDisconnect, kDisconnect},
  {packet_too_large, "packet_too_large", kDisconnect, kConnack | kDisconnect},
  {message_rate_too_high, "message_rate_too_high", kDisconnect, kDisconnect},
  {quota_exceeded, "quota_exceeded", kReceived | kDisconnect, kConnack | kReceived | kSuback | kDisconnect},
  {administrative_action, "administrative_action", kDisconnect, kDisconnect},
  {payload_format_invalid, "payload_format_invalid", kReceived | kDisconnect, kConnack | kReceived | kDisconnect},
  {retain_not_supported, "retain_not_supported", 0, kConnack | kDisconnect},
  {qos_not_supported, "qos_not_supported", 0, kConnack | kDisconnect},
  {use_another_server, "use_another_server", 0, kConnack | kDisconnect},
  {server_moved, "server_moved", 0, kConnack | kDisconnect},
  {shared_subscriptions_not_supported, "shared_subscriptions_not_supported", 0, kSuback | kDisconnect},
  {connection_rate_exceeded, "connection_rate_exceeded", 0, kConnack | kDisconnect},
  {maximum_connect_time, "maximum_connect_time", 0, kDisconnect},
  {subscription_identifiers_not_supported, "subscription_identifiers_not_supported", 0, kSuback | kDisconnect},
  {wildcard_subscriptions_not_supported, "wildcard_subscriptions_not_supported", 0, kSuback | kDisconnect},
}};
// clang-format on

struct CodeSets {
  std::array<PacketSet, 256> from_client{};
  std::array<PacketSet, 256> from_server{};
};

constexpr CodeSets make_sets() {
  CodeSets sets;
  for (const ReasonCodeRow& row : kTable) {
    sets.from_client[static_cast<uint8_t>(row.code)] = row.from_client;
    sets.from_server[static_cast<uint8_t>(row.code)] = row.from_server;
  }
  return sets;
}

constexpr CodeSets kSets = make_sets();

}  // namespace

std::span<const ReasonCodeRow> reason_code_table() {
  return kTable;
}

const char* reason_code_name(ReasonCode code) {
  const auto row = std::ranges::find(kTable, code, &ReasonCodeRow::code);
  return row == kTable.end() ? "unknown_reason_code" : row->name;
}

bool may_carry(PacketType type, Sender sender, uint8_t code) {
  const PacketSet packets = sender == Sender::client ? kSets.from_client[code] : kSets.from_server[code];
  return (packets & packet_bit(type)) != 0;
}

uint8_t connack_return_code(ReasonCode code) {
  switch (code) {
    case success:
      return 0;
    case unsupported_protocol_version:
      return 1;
    case client_identifier_not_valid:
      return 2;
    case bad_user_name_or_password:
    case bad_authentication_method:
      return 4;
    case not_authorized:
    case banned:
      return 5;
    default:
      return 3;
  }
}

std::optional<ReasonCode> reason_code_from_return_code(uint8_t return_code) {
  constexpr ReasonCode codes[] = {success,
                                  unsupported_protocol_version,
                                  client_identifier_not_valid,
                                  server_unavailable,
                                  bad_user_name_or_password,
                                  not_authorized};
  if (return_code >= std::size(codes)) return std::nullopt;
  return codes[return_code];
}

}  // namespace patchbay::mqtt
