#pragma once

#include "mqtt/packet_type.h"
#include "mqtt/reason_code.h"

namespace patchbay::session {

/// `reason` where a packet of this type may carry it, else the nearest one that it may: access control and hooks answer
/// with any reason, and the one packet that tells the client knows only some [MQTT-3.14.2-1], [MQTT-3.9.3-2],
/// [MQTT-3.4.2-1], [MQTT-3.2.2-8]. [any-thread]
[[nodiscard]] inline mqtt::ReasonCode sendable_reason(mqtt::PacketType type, mqtt::ReasonCode reason) {
  using mqtt::ReasonCode;
  if (mqtt::may_carry(type, mqtt::Sender::server, static_cast<uint8_t>(reason))) return reason;
  const bool about_identity = reason == ReasonCode::bad_user_name_or_password || reason == ReasonCode::banned ||
                              reason == ReasonCode::bad_authentication_method;
  return about_identity ? ReasonCode::not_authorized : ReasonCode::unspecified_error;
}

}  // namespace patchbay::session
