#pragma once

#include <cstdint>

#include "access/client_info.h"
#include "mqtt/passing_message.h"
#include "mqtt/reason_code.h"
#include "session/client_traffic.h"
#include "session/connection_port.h"
#include "session/outbound_message.h"

namespace patchbay::access {
class DecisionCache;
}

namespace patchbay::session {

class PublishImages;

/// Role: the connected side of a session. Implemented by MqttMachine and by the adapter of protocol plugins; tests have
/// a recording twin. The session decides what is sent and when; the channel encodes it in its protocol. Nothing here
/// calls back into the session, except end(). [shard]
class ClientChannel {
 public:
  virtual ~ClientChannel() = default;

  /// False while too many bytes wait to be written: messages stay in the session's queue until Session::pump().
  [[nodiscard]] virtual bool ready() const = 0;
  /// How many QoS 1 and 2 messages may be unacknowledged [MQTT-3.3.4-9].
  [[nodiscard]] virtual uint16_t send_window() const = 0;
  /// Encodes and sends. False when the packet would be larger than the client accepts [MQTT-3.1.2-24]: the message is
  /// then dropped for this client. `images`, when given, shares encodings among the receivers of one message.
  [[nodiscard]] virtual bool send_publish(const OutboundMessage& outbound, bool dup, PublishImages* images) = 0;
  /// The same, at once and for the first time, with a message of QoS 0, which the session forgets: who keeps it takes
  /// it out instead of a share of its own. It lives on at least until the caller's next look at it.
  [[nodiscard]] virtual bool send_and_forget(OutboundMessage& outbound, PublishImages* images) {
    return send_publish(outbound, false, images);
  }
  /// The same with a message that passes, if it can be sent as it is and the channel is ready(). False: nothing has
  /// happened, and send_publish() is the way.
  [[nodiscard]] virtual bool pass(const mqtt::PassingMessage&) { return false; }
  virtual void send_pubrel(uint16_t packet_id) = 0;
  /// The session is taken away (taken_over, kicked, limit): say so in the protocol's way and close. The channel forgets
  /// the session.
  virtual void end(CloseReason reason) = 0;

  /// An operator or a plugin wants the client gone, for this reason: as end(CloseReason::kicked).
  virtual void disconnect(mqtt::ReasonCode) { end(CloseReason::kicked); }
  /// More is known of the client, or something else: `client` has the same client id, and is what later decisions are
  /// about.
  virtual void client_changed(const access::ClientInfoRef&) {}
  /// What access control has decided for this client no longer holds.
  virtual void forget_decisions() {}
  /// What is remembered of its decisions; null: nothing.
  [[nodiscard]] virtual const access::DecisionCache* decisions() const { return nullptr; }
  /// How many packets have gone over this connection.
  [[nodiscard]] virtual PacketTraffic traffic() const { return {}; }
  /// How many bytes, and in how many reads and writes.
  [[nodiscard]] virtual TransferTraffic transfers() const { return {}; }
  /// From now on the client may be silent for this long, and half as much again; 0: for ever.
  virtual void set_keep_alive(uint16_t) {}
};

}  // namespace patchbay::session
