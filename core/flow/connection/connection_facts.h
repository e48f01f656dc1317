#pragma once

#include <cstdint>
#include <memory>

#include "access/connection_allowance.h"
#include "base/timer_wheel.h"
#include "connection/protocol_directory.h"
#include "connection/token_bucket.h"

namespace patchbay::connection {

/// What holds a connection back that may send only so much. Exists where conn.limits or the client's permissions say
/// so. [shard]
struct Throttle {
  Throttle(const access::ConnectionAllowance& value, uint64_t now_ms)
      : allowance(value), bytes(value.bytes_per_s, now_ms), messages(value.messages_per_s, now_ms) {}

  access::ConnectionAllowance allowance;
  TokenBucket bytes;
  TokenBucket messages;
  base::Timer resume;
};

/// What few connections have.
struct ConnectionExtras {
  ProtocolRef protocol;  ///< null: the listener's own
  std::unique_ptr<Throttle> throttle;
  std::unique_ptr<session::MachineLuggage> luggage;
  base::Timer detection;  ///< runs while the protocol is to be found out
};

/// What is known of a connection and goes with it from shard to shard. A million connections have one: what few of them
/// need is apart. [shard]
struct ConnectionFacts {
  static constexpr uint64_t kNotOpened = ~uint64_t{0};

  uint64_t opened_at_ms = kNotOpened;  ///< the transport is established since then, and conn.opened was told
  uint64_t bytes_received = 0;
  uint64_t bytes_sent = 0;
  std::unique_ptr<ConnectionExtras> extras;

  [[nodiscard]] bool opened() const { return opened_at_ms != kNotOpened; }
  [[nodiscard]] ConnectionExtras& need_extras() {
    if (extras == nullptr) extras = std::make_unique<ConnectionExtras>();
    return *extras;
  }
  [[nodiscard]] const Protocol* protocol() const { return extras == nullptr ? nullptr : extras->protocol.get(); }
  [[nodiscard]] Throttle* throttle() const { return extras == nullptr ? nullptr : extras->throttle.get(); }
};

}  // namespace patchbay::connection
