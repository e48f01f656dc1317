#pragma once

#include <cstddef>
#include <cstdint>

#include "session/outbound_message.h"
#include "session/ring.h"

namespace patchbay::session {

/// QoS 1 and 2 messages sent to one client and not yet settled, in the order of sending. [shard]
///
/// Packet identifiers are given in sequence, 1 to 65535 and round again, so that the place of an identifier follows
/// from its value: no table of free identifiers, no search. An identifier stays in use until its acknowledgement flow
/// is complete [MQTT-2.2.1-4], [MQTT-4.3.3-1].
class OutboundInflight {
 public:
  enum class State : uint8_t {
    awaiting_puback,
    awaiting_pubrec,
    awaiting_pubcomp,  ///< the message is released, PUBREL was sent
    settled,           ///< waits for older ones to leave the sequence
  };
  struct Entry {
    OutboundMessage outbound;
    State state = State::settled;
    bool resend_due = false;  ///< belongs to an earlier connection and was not sent again yet
  };

  /// True when fewer than `window` are unsettled and the sequence has room for another identifier.
  [[nodiscard]] bool has_room(size_t window) const;
  /// Takes over a message with QoS 1 or 2, gives it its packet identifier, and returns it in place.
  Entry& add(OutboundMessage outbound);

  enum class Answer : uint8_t {
    settled,      ///< the flow is complete; one place in the window is free again
    send_pubrel,  ///< PUBREC accepted: answer with PUBREL
    unknown,      ///< no such identifier in that state
  };
  [[nodiscard]] Answer on_puback(uint16_t packet_id);
  /// `failed`: the PUBREC carries a reason code of 0x80 or greater, which ends the flow [MQTT-4.4.0-2].
  [[nodiscard]] Answer on_pubrec(uint16_t packet_id, bool failed);
  [[nodiscard]] Answer on_pubcomp(uint16_t packet_id);

  /// A new connection: all unsettled entries are due to be sent again [MQTT-4.4.0-1].
  void begin_resend();
  /// The next entry that is due, in the original order [MQTT-4.6.0-1], as long as fewer than `window` are on their way
  /// [MQTT-3.3.4-9]; null when none is due or the window is full.
  [[nodiscard]] Entry* next_resend(size_t window);
  /// Ends the flow of an entry that cannot be sent again [MQTT-3.1.2-25].
  void give_up(Entry& entry) { settle(entry); }
  /// The unsettled entry of an identifier; null when there is none.
  [[nodiscard]] const Entry* peek(uint16_t packet_id) {
    const Entry* entry = find(packet_id);
    return entry != nullptr && entry->state != State::settled ? entry : nullptr;
  }
  /// Calls `visit(Entry&)` for every entry that is not settled, in the order of sending; for the session's end.
  template <class Visit>
  void for_each_unsettled(Visit&& visit) {
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].state != State::settled) visit(entries_[i]);
    }
  }
  template <class Visit>
  void for_each_unsettled(Visit&& visit) const {
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].state != State::settled) visit(entries_[i]);
    }
  }
  [[nodiscard]] size_t unsettled() const { return unsettled_; }

 private:
  static constexpr uint32_t kIdentifiers = 65535;

  [[nodiscard]] Entry* find(uint16_t packet_id);
  void settle(Entry& entry);

  Ring<Entry> entries_;
  uint32_t unsettled_ = 0;
  uint32_t resend_due_ = 0;
  uint16_t next_packet_id_ = 1;
};

}  // namespace patchbay::session
