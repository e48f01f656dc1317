#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "access/client_info.h"
#include "base/chain_run.h"
#include "base/verdict.h"
#include "mqtt/reason_code.h"

/// What the hook points around the beginning of a session show. Views and pointers are valid during the call; what an
/// entry may answer stands at each event.
namespace patchbay::hooks {

using access::ClientInfo;

/// What a client is granted in place of what the core would grant; what is absent stays as it is. Values beyond what
/// the operator configured are cut to that. For clients before MQTT 5.0, which cannot be told, only the session expiry
/// counts (and not that of a clean session).
struct SessionTerms {
  std::optional<uint32_t> session_expiry_interval_s;
  std::optional<uint32_t> maximum_packet_size;  ///< of packets from the client; 0 is ignored
  std::optional<uint16_t> receive_maximum;      ///< QoS 1 and 2 PUBLISH from the client, unacknowledged; 0 is ignored
  std::optional<uint16_t> keep_alive_s;         ///< 0 is ignored
  std::optional<std::string> response_information;  ///< told to clients that ask for it [MQTT-3.1.2-28]
  /// Not empty: the client is sent away to there with 0x9C, or 0x9D when `moved`.
  std::string server_reference;
  bool moved = false;
};

/// The argument of Verdict::replaces_with() at session.open.
class SessionGrant final : public base::VerdictArgument {
 public:
  SessionGrant() = default;
  explicit SessionGrant(SessionTerms value) : terms(std::move(value)) {}
  SessionTerms terms;
};

/// session.open, after authentication, before the session of the client id is looked for. Takes replace (SessionGrant,
/// merged with those before it; with a server reference it ends the run) and deny(reason). May defer. The client id is
/// fixed by now: another one would belong to another shard, so that it is auth.connect_rewrite that changes it.
struct SessionOpenEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::server_unavailable);

  const ClientInfo* client = nullptr;
  std::string_view identity;  ///< who the client is, as its authenticator said; the asker keeps it alive
  bool clean_start = false;
  uint32_t session_expiry_interval_s = 0;  ///< as the core would grant it
  uint32_t maximum_packet_size = 0;        ///< what the client takes; 0: no limit
  uint16_t receive_maximum = 0;            ///< what the client takes
  uint16_t keep_alive_s = 0;               ///< as asked for
  SessionTerms terms;                      ///< what the entries grant
  bool refused = false;                    ///< redirected clients are refused, too
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;

  bool apply(base::Verdict& verdict);
  void own() {}
};

/// session.conflict: the client id has a connection already, of the same owner. Takes allow (the new connection takes
/// over) and deny(reason), drop (the new one is refused, the old one stays); nobody decides: take over [MQTT-3.1.4-3].
struct SessionConflictEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::client_identifier_not_valid);

  const ClientInfo* client = nullptr;    ///< the new one
  const ClientInfo* existing = nullptr;  ///< the one that is connected
  bool refused = false;
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;

  bool apply(base::Verdict& verdict);
  void own() {}
};

}  // namespace patchbay::hooks
