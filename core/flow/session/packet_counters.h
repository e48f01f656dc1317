#pragma once

#include <array>
#include <cstdint>

#include "base/counters.h"
#include "mqtt/packet_type.h"

namespace patchbay::session {

/// The counter of a sent packet, by its first byte. Types that only clients send have none, and are never sent.
/// [any-thread]
constexpr base::Counter sent_counter(uint8_t first_byte) {
  using base::Counter;
  constexpr Counter kNone = Counter::count_;
  constexpr std::array<Counter, 16> kByType = {
      kNone,                           // reserved
      kNone,                           // CONNECT
      Counter::packets_connack_sent,   //
      Counter::packets_publish_sent,   //
      Counter::packets_puback_sent,    //
      Counter::packets_pubrec_sent,    //
      Counter::packets_pubrel_sent,    //
      Counter::packets_pubcomp_sent,   //
      kNone,                           // SUBSCRIBE
      Counter::packets_suback_sent,    //
      kNone,                           // UNSUBSCRIBE
      Counter::packets_unsuback_sent,  //
      kNone,                           // PINGREQ
      Counter::packets_pingresp_sent,  //
      Counter::packets_disconnect_sent,
      Counter::packets_auth_sent,
  };
  return kByType[first_byte >> 4];
}

/// What is counted of an acknowledgement that a client sends for our PUBLISH.
struct AcknowledgementCounters {
  base::Counter received;
  base::Counter inuse;   ///< of these, for an identifier that awaits another packet
  base::Counter missed;  ///< of these, for an identifier that is not in use
};

/// Of PUBACK, PUBREC and PUBCOMP. [any-thread]
constexpr AcknowledgementCounters acknowledgement_counters(mqtt::PacketType type) {
  using base::Counter;
  if (type == mqtt::PacketType::puback)
    return {Counter::packets_puback_received, Counter::packets_puback_inuse, Counter::packets_puback_missed};
  if (type == mqtt::PacketType::pubrec)
    return {Counter::packets_pubrec_received, Counter::packets_pubrec_inuse, Counter::packets_pubrec_missed};
  return {Counter::packets_pubcomp_received, Counter::packets_pubcomp_inuse, Counter::packets_pubcomp_missed};
}

}  // namespace patchbay::session
