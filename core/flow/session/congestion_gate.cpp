#include "session/congestion_gate.h"

#include <algorithm>
#include <utility>

#include "distribution/fan_out.h"

namespace patchbay::session {

CongestionGate::CongestionGate(SessionEnvironment& environment) : environment_(environment) {
  timer_.bind([](void* self) { static_cast<CongestionGate*>(self)->check(); }, this);
}

bool CongestionGate::closed() const {
  return environment_.fan_out.congested();
}

void CongestionGate::add(void* owner, Opened opened) {
  paused_.push_back({owner, opened});
  environment_.shard.count(base::Counter::reads_paused_mailbox);
  if (!timer_.running()) environment_.shard.start(timer_, kRetryMs);
}

void CongestionGate::remove(void* owner) {
  std::erase_if(paused_, [owner](const Paused& entry) { return entry.owner == owner; });
}

void CongestionGate::check() {
  if (closed()) {
    environment_.shard.start(timer_, kRetryMs);
    return;
  }
  for (const Paused& entry : std::exchange(paused_, {})) entry.opened(entry.owner);
}

}  // namespace patchbay::session
