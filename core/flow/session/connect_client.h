#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "access/client_info.h"
#include "access/credentials.h"
#include "mqtt/packets/connect.h"
#include "mqtt/properties.h"
#include "mqtt/reason_code.h"
#include "session/peer_info.h"
#include "session/session_environment.h"

namespace patchbay::session {

struct ConnectProgress;

/// The parts of CONNECT that are pure: what a client is called, whether its CONNECT keeps the limits, what CONNACK
/// says. [shard]

/// What is wrong with a CONNECT that the codec let pass; success: nothing.
struct ConnectProblem {
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  const char* clause = "";
};
[[nodiscard]] ConnectProblem connect_problem(const mqtt::Connect& connect, const SessionLimits& limits);

/// The user name: from the verified certificate where the listener says so, else as sent.
[[nodiscard]] std::string effective_username(const mqtt::Connect& connect, const PeerInfo& peer);

struct ClientIdChoice {
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  const char* clause = "";
  std::string client_id;
  bool assigned = false;
};
/// From the certificate, the user name, CONNECT, or assigned so that this shard is its home.
[[nodiscard]] ClientIdChoice choose_client_identifier(const mqtt::Connect& connect, std::string_view username,
                                                      const PeerInfo& peer, SessionEnvironment& environment);

[[nodiscard]] access::ClientInfoFields client_info_fields(const mqtt::Connect& connect, const ConnectProgress& progress,
                                                          const PeerInfo& peer, uint64_t now_unix_ms);
[[nodiscard]] access::CredentialsRef credentials_of(const mqtt::Connect& connect, const ConnectProgress& progress,
                                                    const PeerInfo& peer);

/// Granted: what the client asks for, cut to the configured maximum; for 3.1 and 3.1.1 by clean session.
[[nodiscard]] uint32_t session_expiry_interval(const mqtt::Connect& connect, const SessionLimits& limits);
/// 0: none.
[[nodiscard]] uint32_t effective_keep_alive_s(const mqtt::Connect& connect, const SessionLimits& limits);

/// Everything that CONNACK tells besides session expiry and authentication.
void fill_connack_properties(mqtt::Properties& properties, const mqtt::Connect& connect,
                             const ConnectProgress& progress, const SessionLimits& limits);
}  // namespace patchbay::session
