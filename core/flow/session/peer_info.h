#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace patchbay::session {

/// What of a verified client certificate stands for the user name or the client id.
enum class CertificateField : uint8_t { none, common_name, subject };

/// What the listener and the transport know about the other side. Constant once the transport is established; shared by
/// the connections of one listener where equal (see ListenerInfo).
struct ListenerInfo {
  std::string id;              ///< "tcp:default" form, as in EMQX
  bool loopback_bind = false;  ///< bound to a loopback address only
  std::string protocol;        ///< the one that is spoken here, by its id in the node's directory; empty: MQTT
  CertificateField peer_cert_as_username = CertificateField::none;
  CertificateField peer_cert_as_clientid = CertificateField::none;
  std::string mountpoint;  ///< reserved for per-listener prefixes
};

/// A client certificate that was verified during the handshake.
struct PeerCertificate {
  std::string common_name;
  std::string subject;                         ///< distinguished name, RFC 2253 form
  std::string fingerprint_sha256;              ///< lower-case hex
  std::string serial;                          ///< lower-case hex
  std::vector<std::string> alternative_names;  ///< "DNS:a.example", "URI:urn:x", "IP:192.0.2.1", "email:a@b.example"
  std::vector<uint8_t> der;
  std::string named_username;  ///< what conn.tls_cert says it stands for, before all else; empty: nothing
  std::string named_client_id;

  /// The text that the listener asked for; `field` must not be none.
  [[nodiscard]] const std::string& text(CertificateField field) const {
    return field == CertificateField::subject ? subject : common_name;
  }
};

struct PeerInfo {
  const ListenerInfo* listener = nullptr;        ///< outlives the connection
  const PeerCertificate* certificate = nullptr;  ///< null: no verified certificate
  uint8_t address[16] =
      {};  ///< IPv6, or IPv4 mapped (::ffff:a.b.c.d), network order; from PROXY if the listener says so
  uint16_t port = 0;
  bool loopback = false;  ///< the address is a loopback address and did not come through PROXY

  /// "127.0.0.1" or "2001:db8::1".
  [[nodiscard]] std::string address_text() const;
};

}  // namespace patchbay::session
