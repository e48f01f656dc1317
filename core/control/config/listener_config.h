#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace patchbay::config {

enum class ListenerType : uint8_t { tcp, ssl, ws, wss, udp, dtls };
enum class TlsVerify : uint8_t { none, peer };
enum class TlsVersion : uint8_t { v1_2, v1_3 };
enum class CertificateIdentity : uint8_t { disabled, cn, dn };

/// A certificate for one host name that a client asks for in the TLS handshake.
struct SniConfig {
  std::string hostname;
  std::string certfile;
  std::string keyfile;
};

struct TlsConfig {
  std::string certfile;
  std::string keyfile;
  std::string key_password;  ///< secret
  std::string cacertfile;
  TlsVerify verify = TlsVerify::none;
  bool fail_if_no_peer_cert = false;
  TlsVersion min_version = TlsVersion::v1_2;
  std::string ciphers;  ///< OpenSSL's list for TLS 1.2; "": the broker's own list
  uint32_t handshake_timeout_s = 15;
  std::vector<SniConfig> sni;
};

struct WebsocketConfig {
  std::string path = "/mqtt";
  std::vector<std::string> subprotocols = {"mqtt", "mqttv3.1", "mqtt-v3", "mqtt-v3.1.1", "mqtt-v5"};
  bool fail_if_no_subprotocol = true;
  bool check_origin = false;
  std::vector<std::string> origins;
  uint32_t max_frame_size_bytes = 0;  ///< 0: as mqtt.max_packet_size
};

/// One door. Those of all types have the same shape; the parts that a type has no use for keep their defaults.
struct ListenerConfig {
  bool enable = true;
  std::string bind;                     ///< "127.0.0.1:1883", "[::]:1883"; "": off
  uint32_t max_connections = 0;         ///< 0: only node.max_connections counts
  uint32_t max_connections_per_ip = 0;  ///< 0: no limit
  uint32_t backlog = 1024;
  bool nodelay = true;
  std::string protocol = "mqtt";  ///< or the id of a plugin's protocol
  bool proxy_protocol = false;
  uint32_t proxy_protocol_timeout_s = 3;
  CertificateIdentity peer_cert_as_username = CertificateIdentity::disabled;
  CertificateIdentity peer_cert_as_clientid = CertificateIdentity::disabled;
  uint32_t idle_timeout_s = 300;   ///< udp, dtls: a peer that says nothing for so long is gone
  uint32_t max_new_per_s = 1'000;  ///< udp, dtls: new peers, on each shard
  uint32_t mtu_bytes = 1'280;      ///< dtls: largest packet of the handshake
  TlsConfig ssl;
  WebsocketConfig websocket;
};

/// The listeners of one type by name.
using ListenerMap = std::map<std::string, ListenerConfig>;

/// After loading, every type has at least its "default" listener, which may be off.
struct ListenersConfig {
  ListenerMap tcp = {{"default", {.bind = "127.0.0.1:1883"}}};
  ListenerMap ssl = {{"default", {}}};  ///< 127.0.0.1:8883 once a certfile is given
  ListenerMap ws = {{"default", {.bind = "127.0.0.1:8083"}}};
  ListenerMap wss = {{"default", {}}};   ///< 127.0.0.1:8084 once a certfile is given
  ListenerMap udp = {{"default", {}}};   ///< off; only for protocols of plugins
  ListenerMap dtls = {{"default", {}}};  ///< the same
};

}  // namespace patchbay::config
