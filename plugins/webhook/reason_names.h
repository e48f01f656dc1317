#pragma once

#include <cstdint>
#include <string_view>

namespace patchbay::webhook {

/// The names that EMQX has for the reason codes of CONNACK: MQTT 5.0, 3.2.2.2.
[[nodiscard]] constexpr std::string_view reason_name(uint8_t reason) {
  switch (reason) {
    case 0x00:
      return "success";
    case 0x81:
      return "malformed_Packet";
    case 0x82:
      return "protocol_error";
    case 0x83:
      return "implementation_specific_error";
    case 0x84:
      return "unsupported_protocol_version";
    case 0x85:
      return "client_identifier_not_valid";
    case 0x86:
      return "bad_username_or_password";
    case 0x87:
      return "not_authorized";
    case 0x88:
      return "server_unavailable";
    case 0x89:
      return "server_busy";
    case 0x8A:
      return "banned";
    case 0x8C:
      return "bad_authentication_method";
    case 0x90:
      return "topic_name_invalid";
    case 0x95:
      return "packet_too_large";
    case 0x97:
      return "quota_exceeded";
    case 0x99:
      return "payload_format_invalid";
    case 0x9A:
      return "retain_not_supported";
    case 0x9B:
      return "qos_not_supported";
    case 0x9C:
      return "use_another_server";
    case 0x9D:
      return "server_moved";
    case 0x9F:
      return "connection_rate_exceeded";
    default:
      return "unspecified_error";
  }
}

}  // namespace patchbay::webhook
