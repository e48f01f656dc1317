#include "session/congestion_gate.h"

#include <algorithm>
#include <utility>

#include "distribution/fan_out.h"
#include "session/mqtt_machine.h"

namespace patchbay::session {

CongestionGate::CongestionGate(SessionEnvironment& environment) : environment_(environment) {
  timer_.bind([](void* self) { static_cast<CongestionGate*>(self)->check(); }, this);
}

bool CongestionGate::closed() const {
  return environment_.fan_out.congested();
}

void CongestionGate::add(MqttMachine& machine) {
  paused_.push_back(&machine);
  environment_.shard.count(base::Counter::reads_paused_mailbox);
  if (!timer_.running()) environment_.shard.start(timer_, kRetryMs);
}

void CongestionGate::remove(MqttMachine& machine) {
  std::erase(paused_, &machine);
}

void CongestionGate::check() {
  if (closed()) {
    environment_.shard.start(timer_, kRetryMs);
    return;
  }
  for (MqttMachine* machine : std::exchange(paused_, {})) machine->on_congestion_over();
}

}  // namespace patchbay::session
