#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access/client_info.h"
#include "access/connection_allowance.h"
#include "base/chain_run.h"
#include "base/verdict.h"
#include "mqtt/reason_code.h"

/// What the hook points of the connection layer and of other protocols show. Views and pointers are valid during the
/// call; what an entry may answer stands at each event. `client` is there for filters and null: who it is isn't known
/// yet.
namespace patchbay::hooks {

using access::ClientInfo;

/// The other end of a connection: IPv6, or IPv4 mapped, network order.
using PeerAddress = std::array<uint8_t, 16>;

// --- Observers ------------------------------------------------------------------------------------------------------

/// conn.opened (the transport is established: behind PROXY header, TLS and WebSocket handshake), conn.closed (of
/// connections that were opened). A connection that moves to another shard is opened and closed once. proto.opened,
/// proto.closed, proto.error (it ends for a protocol error): the same for protocols other than MQTT.
struct ConnectionEvent {
  const ClientInfo* client = nullptr;  ///< null before the client has connected
  std::string_view listener_id;
  std::string_view protocol_name;  ///< "MQTT", or another protocol's id; empty while it isn't known
  PeerAddress peer_address{};
  uint16_t peer_port = 0;
  std::string_view reason;  ///< closed, error: the name of the CloseReason
  uint64_t bytes_received = 0;
  uint64_t bytes_sent = 0;
  uint64_t duration_ms = 0;
};

/// packet.in (whole and within the limits, before it is handled; a CONNECT after it), packet.out (as it is written).
struct PacketEvent {
  const ClientInfo* client = nullptr;  ///< null before CONNECT
  uint8_t packet_type = 0;             ///< 1 CONNECT to 15 AUTH
  uint8_t flags = 0;                   ///< low nibble of the first byte
  uint16_t packet_id = 0;              ///< 0: none
  std::string_view topic;              ///< PUBLISH, as in the packet: empty with a topic alias
  std::span<const uint8_t> raw;        ///< the packet; without its payload where that is long
  uint64_t packet_size = 0;

  [[nodiscard]] std::string_view topic_for_filter() const { return topic; }
};

// --- Points that answer ---------------------------------------------------------------------------------------------

/// conn.accept: a connection, before anything is read of it; behind PROXY, after its header. Takes allow and deny: it
/// is closed at once. Doesn't defer.
struct ConnAcceptEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::not_authorized);

  const ClientInfo* client = nullptr;
  std::string_view listener_id;
  PeerAddress peer_address{};
  uint16_t peer_port = 0;
  bool proxied = false;  ///< the address comes from a PROXY header
  bool denied = false;
  std::string decided_by;

  bool apply(base::Verdict& verdict);
  void own() {}
};

/// conn.detect: the first bytes on a listener. Takes allow with a ReplacementText (a protocol's id in the
/// ProtocolDirectory), deny (closed), and drop: more bytes are needed, ask again. Nobody answers: MQTT. Doesn't defer.
struct ConnDetectEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::not_authorized);

  const ClientInfo* client = nullptr;
  std::string_view listener_id;
  PeerAddress peer_address{};
  uint16_t peer_port = 0;
  std::span<const uint8_t> first_bytes;
  bool may_wait = false;            ///< drop is taken: more bytes may still come
  std::string_view alpn;            ///< agreed in the TLS handshake; empty: none
  std::string_view server_name;     ///< SNI
  std::string_view websocket_path;  ///< empty: no WebSocket
  std::string_view websocket_subprotocol;
  std::string protocol;  ///< the answer; empty: MQTT
  bool wants_more = false;
  bool denied = false;
  std::string decided_by;

  bool apply(base::Verdict& verdict);
  void own() {}
};

/// conn.tls_psk: the identity of a client that has a pre-shared key, TLS 1.2 and 1.3. Takes allow with
/// access::AuthenticationData (the key) and deny. Doesn't defer and cannot: OpenSSL asks for the key from within the
/// handshake and has no way to wait for it, so an entry must have its keys at hand.
struct ConnTlsPskEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::not_authorized);

  const ClientInfo* client = nullptr;
  std::string_view listener_id;
  std::string_view identity;
  std::vector<uint8_t> key;  ///< the answer; empty: none. Overwritten by whoever takes it
  std::string decided_by;

  bool apply(base::Verdict& verdict);
  void own() {}
};

/// What a certificate stands for, in place of what the listener would take from it: the argument of
/// Verdict::allows_with() at conn.tls_cert. Empty: nothing said.
class CertificateIdentity final : public base::VerdictArgument {
 public:
  std::string username;
  std::string client_id;
};

/// conn.tls_cert: a client certificate whose chain was verified. Takes allow, also with CertificateIdentity, and deny:
/// closed. May defer. The views belong to the stream, which outlives the run.
struct ConnTlsCertEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback_never_next;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::not_authorized);

  const ClientInfo* client = nullptr;
  std::string_view listener_id;
  PeerAddress peer_address{};
  uint16_t peer_port = 0;
  std::string_view common_name;
  std::string_view subject;                        ///< RFC 2253
  std::string_view serial;                         ///< hexadecimal
  std::string_view fingerprint_sha256;             ///< hexadecimal
  std::span<const std::string> alternative_names;  ///< "DNS:a.example", "URI:...", "IP:..."
  std::span<const uint8_t> der;                    ///< the leaf
  bool denied = false;
  std::string username;  ///< hints that an entry gave
  std::string client_id;
  std::string decided_by;

  bool apply(base::Verdict& verdict);
  void own() {}
};

/// How much a connection may send: the argument of Verdict::allows_with() at conn.limits.
class ConnectionLimits final : public base::VerdictArgument {
 public:
  explicit ConnectionLimits(const access::ConnectionAllowance& value) : allowance(value) {}
  access::ConnectionAllowance allowance;
};

/// conn.limits: asked once, when the transport is established. Takes allow with ConnectionLimits. Doesn't defer.
struct ConnLimitsEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::quota_exceeded);

  const ClientInfo* client = nullptr;
  std::string_view listener_id;
  PeerAddress peer_address{};
  uint16_t peer_port = 0;
  access::ConnectionAllowance allowance;  ///< the answer
  std::string decided_by;

  bool apply(base::Verdict& verdict);
  void own() {}
};

}  // namespace patchbay::hooks
