#pragma once

#include <cstdint>
#include <memory>

#include "hooks/acknowledgement_hold.h"
#include "mqtt/qos.h"
#include "mqtt/reason_code.h"
#include "session/ring.h"

namespace patchbay::session {

/// Acknowledgements of PUBLISH packets that a hook holds back, and those behind them: they leave in the order in which
/// the PUBLISH packets came [MQTT-4.6.0-2], [MQTT-4.6.0-3]. Exists only while one is held. [shard]
class AckQueue {
 public:
  /// `write` puts out an acknowledgement whose turn has come.
  using Write = void (*)(void* owner, mqtt::Qos qos, uint16_t packet_id, mqtt::ReasonCode reason);
  AckQueue(Write write, void* owner) : write_(write), owner_(owner) {}

  /// `reason`: of the routing; what refuses later goes before it. `hold` may be null: ready, but behind others.
  void add(mqtt::Qos qos, uint16_t packet_id, mqtt::ReasonCode reason,
           std::unique_ptr<hooks::AcknowledgementHold> hold);
  [[nodiscard]] size_t size() const { return entries_.size(); }
  /// Of these, PUBACKs; the identifiers behind PUBRECs are in Session::inbound() as well.
  [[nodiscard]] size_t pubacks() const { return pubacks_; }

 private:
  struct Entry {
    std::unique_ptr<hooks::AcknowledgementHold> hold;
    uint16_t packet_id = 0;
    mqtt::Qos qos = mqtt::Qos::at_most_once;
    mqtt::ReasonCode reason = mqtt::ReasonCode::success;
    bool ready = false;
  };
  static void completed(void* self, uint64_t cookie, mqtt::ReasonCode reason);
  void release();

  Write write_;
  void* owner_;
  Ring<Entry> entries_;
  size_t pubacks_ = 0;
  uint64_t first_cookie_ = 0;  // cookie of the entry at the front
};

}  // namespace patchbay::session
