#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "hooks/session_open_events.h"
#include "mqtt/packets/connect.h"
#include "session/session_limits.h"

namespace patchbay::session {

/// The limits of connections for which session.open granted something of its own. Connections with the same terms share
/// one set: whoever grants something to a million clients grants few different things. [shard]
class GrantedLimits {
 public:
  /// Sets that are looked through; beyond, a connection gets a set of its own.
  static constexpr size_t kMaximumShared = 64;

  /// `limits`, or what the terms make of them within them. Clients before MQTT 5.0 cannot be told, and keep `limits`.
  [[nodiscard]] std::shared_ptr<const SessionLimits> apply(const hooks::SessionTerms& terms,
                                                           const mqtt::Connect& connect,
                                                           const std::shared_ptr<const SessionLimits>& limits);
  [[nodiscard]] size_t shared() const { return derived_.size(); }

 private:
  struct Derived {
    std::weak_ptr<const SessionLimits> from;
    std::weak_ptr<const SessionLimits> limits;
  };
  std::vector<Derived> derived_;
};

/// The session expiry interval that session.open granted, cut to the configured maximum; nothing where it said nothing,
/// or must not: the session of a 3.1.1 client with clean session ends with its connection. [shard]
[[nodiscard]] std::optional<uint32_t> granted_session_expiry(const hooks::SessionTerms& terms,
                                                             const mqtt::Connect& connect, const SessionLimits& limits);

}  // namespace patchbay::session
