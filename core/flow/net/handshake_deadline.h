#pragma once

#include <cstdint>

#include "base/timer_wheel.h"
#include "connection/stream.h"
#include "net/readiness.h"

namespace patchbay::net {

/// Ends a handshake that takes too long. Exists only while its stream shakes hands: when the time is up, the stream's
/// next read finds expired(). [shard]
class HandshakeDeadline {
 public:
  HandshakeDeadline(connection::Stream& stream, uint32_t timeout_s) : stream_(stream) {
    timer_.bind(&HandshakeDeadline::expire, this);
    Readiness::current().services().start(timer_, uint64_t{timeout_s} * 1000);
  }
  [[nodiscard]] bool expired() const { return expired_; }

 private:
  static void expire(void* self) {
    auto& deadline = *static_cast<HandshakeDeadline*>(self);
    deadline.expired_ = true;
    deadline.stream_.request_turn();
  }

  connection::Stream& stream_;
  base::Timer timer_;
  bool expired_ = false;
};

}  // namespace patchbay::net
