// PUBACK, PUBREC and PUBCOMP from a client: the sender's half of QoS 1 and 2 (MQTT 5.0 sections 3.4 to 3.7 and 4.3).

#include "mqtt/codec/decoder.h"
#include "session/mqtt_machine.h"
#include "session/packet_counters.h"
#include "session/session.h"

namespace patchbay::session {

using base::Counter;
using mqtt::PacketType;
using mqtt::ReasonCode;

void MqttMachine::handle_acknowledgement(PacketType type, uint8_t first_byte, Body body) {
  const auto decoded = mqtt::decode_acknowledgement(first_byte, body, version_);
  if (!decoded) return refuse(decoded.error());
  const uint16_t packet_id = decoded->packet_id;
  const AcknowledgementCounters counters = acknowledgement_counters(type);
  environment_.shard.count(counters.received);
  bool known = false;
  switch (type) {
    case PacketType::puback:
      known = session_->on_puback(packet_id, decoded->reason_code);
      if (known) environment_.shard.count(Counter::messages_acked);
      break;
    case PacketType::pubrec:
      known = session_->on_pubrec(packet_id, decoded->reason_code);
      // [MQTT-4.3.3-4] an identifier that we do not know is released all the same, so that the client can forget it
      if (!known && !mqtt::is_failure(decoded->reason_code)) {
        write_acknowledgement(PacketType::pubrel, packet_id, ReasonCode::packet_identifier_not_found);
      }
      break;
    default:
      known = session_->on_pubcomp(packet_id);
      if (known) environment_.shard.count(Counter::messages_acked);
      break;
  }
  if (!known) return environment_.shard.count(session_->is_in_use(packet_id) ? counters.inuse : counters.missed);
  session_->pump();  // a place in the window is free
}

}  // namespace patchbay::session
