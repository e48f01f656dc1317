#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "access/client_info.h"
#include "base/chain_run.h"
#include "base/verdict.h"
#include "mqtt/packet_type.h"
#include "mqtt/reason_code.h"

/// What the hook points of the connection layer show. Views and pointers are valid during the call; what an entry may
/// answer stands at each event.
namespace patchbay::hooks {

using access::ClientInfo;

/// conn.opened, conn.closed; proto.opened, proto.closed, proto.error
struct ConnectionEvent {
  const ClientInfo* client = nullptr;  ///< null before CONNECT
  std::string_view listener_id;
  std::string_view peer_address;  ///< "127.0.0.1"
  uint16_t peer_port = 0;
  std::string_view reason;  ///< closed: the name of the CloseReason
  uint64_t bytes_received = 0;
  uint64_t bytes_sent = 0;
  uint64_t duration_ms = 0;
};

/// conn.accept, for each accepted connection.
struct ConnAcceptEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;
  std::string_view listener_id;

  bool apply(base::Verdict& verdict);
  void own() {}
};

/// conn.detect, at the first bytes of a connection.
struct ConnDetectEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;
  std::string_view listener_id;

  bool apply(base::Verdict& verdict);
  void own() {}
};

/// conn.tls_psk, during the handshake.
struct ConnTlsPskEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;
  std::string_view listener_id;

  bool apply(base::Verdict& verdict);
  void own() {}
};

/// conn.tls_cert, when the handshake is done.
struct ConnTlsCertEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;
  std::string_view listener_id;

  bool apply(base::Verdict& verdict);
  void own() {}
};

/// conn.limits, for each new connection.
struct ConnLimitsEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;
  std::string_view listener_id;

  bool apply(base::Verdict& verdict);
  void own() {}
};

/// packet.in, packet.out
struct PacketEvent {
  const ClientInfo* client = nullptr;
};

}  // namespace patchbay::hooks
