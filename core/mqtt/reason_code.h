#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "mqtt/packet_type.h"
#include "mqtt/protocol_version.h"

namespace patchbay::mqtt {

/// The reason codes of MQTT 5.0, section 2.4. From 0x80 on they mean failure.
enum class ReasonCode : uint8_t {
  success = 0x00,  // Also: normal disconnection, granted QoS 0.
  granted_qos_1 = 0x01,
  granted_qos_2 = 0x02,
  disconnect_with_will_message = 0x04,
  no_matching_subscribers = 0x10,
  no_subscription_existed = 0x11,
  continue_authentication = 0x18,
  re_authenticate = 0x19,
  unspecified_error = 0x80,
  malformed_packet = 0x81,
  protocol_error = 0x82,
  implementation_specific_error = 0x83,
  unsupported_protocol_version = 0x84,
  client_identifier_not_valid = 0x85,
  bad_user_name_or_password = 0x86,
  not_authorized = 0x87,
  server_unavailable = 0x88,
  server_busy = 0x89,
  banned = 0x8A,
  server_shutting_down = 0x8B,
  bad_authentication_method = 0x8C,
  keep_alive_timeout = 0x8D,
  session_taken_over = 0x8E,
  topic_filter_invalid = 0x8F,
  topic_name_invalid = 0x90,
  packet_identifier_in_use = 0x91,
  packet_identifier_not_found = 0x92,
  receive_maximum_exceeded = 0x93,
  topic_alias_invalid = 0x94,
  packet_too_large = 0x95,
  message_rate_too_high = 0x96,
  quota_exceeded = 0x97,
  administrative_action = 0x98,
  payload_format_invalid = 0x99,
  retain_not_supported = 0x9A,
  qos_not_supported = 0x9B,
  use_another_server = 0x9C,
  server_moved = 0x9D,
  shared_subscriptions_not_supported = 0x9E,
  connection_rate_exceeded = 0x9F,
  maximum_connect_time = 0xA0,
  subscription_identifiers_not_supported = 0xA1,
  wildcard_subscriptions_not_supported = 0xA2,
};

constexpr bool is_failure(ReasonCode code) {
  return static_cast<uint8_t>(code) >= 0x80;
}

/// One row of the table in section 2.4: the code, its name and the packets that may carry it, by sender.
struct ReasonCodeRow {
  ReasonCode code;
  const char* name;  // snake_case, as in the enumeration.
  PacketSet from_client;
  PacketSet from_server;
};

/// All rows, by rising code. [any-thread]
std::span<const ReasonCodeRow> reason_code_table();

/// "unknown_reason_code" for a byte that is no reason code.
const char* reason_code_name(ReasonCode code);

/// Whether a packet of this type from this sender may carry the code.
bool may_carry(PacketType type, Sender sender, uint8_t code);

/// The return code (0..5) that a 3.1 or 3.1.1 CONNACK carries in place of a 5.0 reason code. Codes without a
/// counterpart become 3, "server unavailable".
uint8_t connack_return_code(ReasonCode code);

/// The reason code for a return code of a 3.1 or 3.1.1 CONNACK; nothing for reserved values.
std::optional<ReasonCode> reason_code_from_return_code(uint8_t return_code);

}  // namespace patchbay::mqtt
