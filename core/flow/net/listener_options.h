#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "session/peer_info.h"

namespace patchbay::net {

enum class ListenerType : uint8_t { tcp, ssl, ws, wss, udp, dtls };

/// "tcp", "ssl", "ws", "wss", "udp", "dtls".
[[nodiscard]] const char* listener_type_name(ListenerType type);

/// One more certificate, chosen by the name that the client asks for (SNI).
struct TlsServerName {
  std::string name;  ///< "broker.example" or "*.example"
  std::string certificate_file;
  std::string key_file;
};

enum class TlsTransport : uint8_t { stream, datagrams };

/// Files are PEM. They are read at start and at every reload.
struct TlsOptions {
  TlsTransport transport = TlsTransport::stream;  ///< datagrams: DTLS, set by the listener's type
  std::string certificate_file;                   ///< the chain, the server's own certificate first
  std::string key_file;
  std::string key_password;                 ///< of an encrypted key file; never logged
  std::string ca_file;                      ///< who may sign client certificates
  std::string crl_file;                     ///< revoked client certificates; given: checked, and failing closed
  bool verify_peer = false;                 ///< ask for a client certificate
  bool fail_if_no_peer_cert = false;        ///< and insist on it
  std::string minimum_version = "tlsv1.2";  ///< or "tlsv1.3"; of DTLS there is 1.2 only
  std::string ciphers;                      ///< TLS 1.2, OpenSSL form; empty: AEAD with ECDHE only
  std::string ciphersuites;                 ///< TLS 1.3; empty: OpenSSL's
  std::vector<TlsServerName> server_names;
  uint32_t handshake_timeout_s = 15;
};

struct WebSocketOptions {
  std::string path = "/mqtt";
  bool check_origin = false;
  std::vector<std::string> origins;  ///< "https://panel.example": allowed when check_origin
  /// Accepted names; of those that a client offers, the first one here is selected [MQTT-6.0.0-4].
  std::vector<std::string> subprotocols = {"mqtt", "mqttv3.1"};
  bool fail_if_no_subprotocol = true;
  uint64_t max_frame_size = 0;  ///< bytes of payload; 0: frames are taken in as they come, their size is no matter
  uint32_t handshake_timeout_s = 15;  ///< from accepting on, TLS included
};

/// Associations of a UDP or DTLS listener, which are its connections.
struct DatagramOptions {
  uint32_t idle_timeout_s = 300;   ///< a peer that says nothing for so long is gone
  uint32_t max_new_per_s = 1'000;  ///< new peers, on each shard; the datagrams of more are dropped
  uint32_t mtu_bytes = 1'280;      ///< dtls: largest packet of the handshake, the headers of IP and UDP included
};

struct ListenerOptions {
  ListenerType type = ListenerType::tcp;
  std::string name = "default";
  std::string bind = "127.0.0.1:1883";  ///< "address:port", "[::1]:1883", ":1883" (all addresses); port 0: any free one
  uint32_t backlog = 1024;
  uint64_t max_connections = 0;         ///< of this listener on all shards; 0: only the node's limit
  uint32_t max_connections_per_ip = 0;  ///< counts an IPv6 /64 as one address; behind PROXY, the client's; 0: off
  bool nodelay = true;                  ///< TCP_NODELAY
  bool proxy_protocol = false;          ///< every connection begins with a PROXY v1 or v2 header
  uint32_t proxy_protocol_timeout_s = 3;
  session::CertificateField peer_cert_as_username = session::CertificateField::none;
  session::CertificateField peer_cert_as_clientid = session::CertificateField::none;
  std::string mountpoint;
  std::string protocol;        ///< another one than MQTT: its id
  TlsOptions tls;              ///< ssl, wss, dtls
  WebSocketOptions websocket;  ///< ws, wss
  DatagramOptions datagram;    ///< udp, dtls
};

}  // namespace patchbay::net
