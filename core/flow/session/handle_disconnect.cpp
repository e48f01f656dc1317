// DISCONNECT from a client (MQTT 5.0 section 3.14).

#include <algorithm>

#include "mqtt/codec/decoder.h"
#include "session/mqtt_machine.h"
#include "session/mqtt_progress.h"
#include "session/session.h"

namespace patchbay::session {

using base::Counter;
using mqtt::ReasonCode;

void MqttMachine::handle_disconnect(uint8_t first_byte, Body body) {
  const auto decoded = mqtt::decode_disconnect(first_byte, body, version_);
  if (!decoded) return refuse(decoded.error());
  environment_.shard.count(Counter::packets_disconnect_received);
  if (session_ != nullptr && decoded->properties.has(mqtt::PropertyId::session_expiry_interval)) {
    const uint32_t wanted_s = decoded->properties.session_expiry_interval_s;
    if (session_->session_expiry_interval_s == 0 && wanted_s != 0) {
      return refuse(ReasonCode::protocol_error, "3.14.2.2.2");  // not from zero to more
    }
    session_->session_expiry_interval_s = std::min(wanted_s, agreed_limits_->maximum_session_expiry_interval_s);
  }
  const bool keeps_will = decoded->reason_code == ReasonCode::disconnect_with_will_message;
  if (!keeps_will && decoded->reason_code == ReasonCode::success) will_.reset();  // [MQTT-3.14.4-3]
  close(CloseReason::normal);
}

}  // namespace patchbay::session
