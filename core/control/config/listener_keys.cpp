#include <utility>

#include "base/assert.h"
#include "config/key_field.h"

namespace patchbay::config {

namespace {

constexpr std::string_view kVerify[] = {"none", "peer"};
constexpr std::string_view kTlsVersions[] = {"1.2", "1.3"};
constexpr std::string_view kIdentities[] = {"disabled", "cn", "dn"};

constexpr KeyRow kSniKeys[] = {
    {.name = "hostname",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(SniConfig, hostname),
     .min = 1,
     .help = "Name that the client asks for; `*.example.org` stands for one level."},
    {.name = "certfile",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(SniConfig, certfile),
     .min = 1,
     .help = "PEM file with the certificate and its chain."},
    {.name = "keyfile",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(SniConfig, keyfile),
     .min = 1,
     .help = "PEM file with the private key."},
};

constexpr std::span<const KeyRow> sni_keys() {
  return kSniKeys;
}

constexpr KeyRow kListenerKeys[] = {
    {.name = "enable",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(ListenerConfig, enable),
     .help = "false: configured, and not started."},
    {.name = "bind",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(ListenerConfig, bind),
     .unit = "address:port",
     .default_note = "tcp.default `\"127.0.0.1:1883\"`, ws.default `\"127.0.0.1:8083\"`; with a certfile also "
                     "ssl.default `\"127.0.0.1:8883\"`, wss.default `\"127.0.0.1:8084\"`",
     .help = "`\"127.0.0.1:1883\"`, `\"0.0.0.0:1883\"`, `\"[::]:1883\"`; port 0: any free one; \"\": off. "
             "Other addresses than loopback need an authenticator or access.allow_anonymous = true."},
    {.name = "max_connections",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(ListenerConfig, max_connections),
     .min = 0,
     .max = 100'000'000,
     .help = "Open connections of this listener; 0: only node.max_connections counts."},
    {.name = "max_connections_per_ip",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(ListenerConfig, max_connections_per_ip),
     .min = 0,
     .max = 100'000'000,
     .help = "Open connections of one address on this listener; 0: no limit."},
    {.name = "backlog",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(ListenerConfig, backlog),
     .min = 1,
     .max = 65535,
     .listeners = kStreamListeners,
     .help = "Connections that wait in the kernel to be accepted."},
    {.name = "nodelay",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(ListenerConfig, nodelay),
     .listeners = kStreamListeners,
     .help = "TCP_NODELAY."},
    {.name = "protocol",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(ListenerConfig, protocol),
     .min = 1,
     .help =
         "mqtt, or the id of a protocol that a plugin provides, such as stomp. While no plugin does, connections are "
         "closed."},
    {.name = "proxy_protocol",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(ListenerConfig, proxy_protocol),
     .listeners = kStreamListeners,
     .help = "Every connection starts with a PROXY protocol header, version 1 or 2. Use only behind a proxy."},
    {.name = "proxy_protocol_timeout_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(ListenerConfig, proxy_protocol_timeout_s),
     .min = 1,
     .max = 60,
     .unit = "s",
     .listeners = kStreamListeners,
     .help = "The header must be complete by then."},
    {.name = "idle_timeout_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(ListenerConfig, idle_timeout_s),
     .min = 1,
     .max = 86'400,
     .unit = "s",
     .listeners = kDatagramListeners,
     .help = "A peer that says nothing for so long is gone."},
    {.name = "max_new_per_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(ListenerConfig, max_new_per_s),
     .min = 1,
     .max = 10'000'000,
     .listeners = kDatagramListeners,
     .help = "New peers in a second, on each shard; the datagrams of more are dropped."},
    {.name = "mtu",
     .type = KeyType::size,
     .field = PATCHBAY_FIELD(ListenerConfig, mtu_bytes),
     .min = 256,
     .max = 65'507,
     .unit = "bytes",
     .listeners = kDtlsListeners,
     .help = "Largest packet of the handshake, the headers of IP and UDP included."},
    {.name = "peer_cert_as_username",
     .type = KeyType::enumeration,
     .field = PATCHBAY_FIELD(ListenerConfig, peer_cert_as_username),
     .allowed = kIdentities,
     .listeners = kTlsListeners,
     .help = "Common name (cn) or distinguished name (dn) of the verified client certificate is the user name."},
    {.name = "peer_cert_as_clientid",
     .type = KeyType::enumeration,
     .field = PATCHBAY_FIELD(ListenerConfig, peer_cert_as_clientid),
     .allowed = kIdentities,
     .listeners = kTlsListeners,
     .help = "The same for the client id."},

    {.name = "ssl.certfile",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(ListenerConfig, ssl.certfile),
     .listeners = kTlsListeners,
     .help = "PEM file with the certificate and its chain. Read again at SIGHUP."},
    {.name = "ssl.keyfile",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(ListenerConfig, ssl.keyfile),
     .listeners = kTlsListeners,
     .help = "PEM file with the private key."},
    {.name = "ssl.key_password",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(ListenerConfig, ssl.key_password),
     .secret = true,
     .listeners = kTlsListeners,
     .help = "Opens an encrypted keyfile."},
    {.name = "ssl.cacertfile",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(ListenerConfig, ssl.cacertfile),
     .listeners = kTlsListeners,
     .help = "PEM file with the authorities that client certificates are verified against."},
    {.name = "ssl.verify",
     .type = KeyType::enumeration,
     .field = PATCHBAY_FIELD(ListenerConfig, ssl.verify),
     .allowed = kVerify,
     .listeners = kTlsListeners,
     .help = "peer: a client certificate is asked for and verified."},
    {.name = "ssl.fail_if_no_peer_cert",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(ListenerConfig, ssl.fail_if_no_peer_cert),
     .listeners = kTlsListeners,
     .help = "With ssl.verify = \"peer\": a client without a certificate is refused."},
    {.name = "ssl.min_version",
     .type = KeyType::enumeration,
     .field = PATCHBAY_FIELD(ListenerConfig, ssl.min_version),
     .allowed = kTlsVersions,
     .listeners = kTlsListeners,
     .help = "Lowest TLS version; of DTLS there is 1.2 only."},
    {.name = "ssl.ciphers",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(ListenerConfig, ssl.ciphers),
     .listeners = kTlsListeners,
     .help = "OpenSSL cipher list for TLS 1.2; \"\": ECDHE with AEAD only."},
    {.name = "ssl.handshake_timeout_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(ListenerConfig, ssl.handshake_timeout_s),
     .min = 1,
     .max = 300,
     .unit = "s",
     .listeners = kTlsListeners,
     .help = "The TLS handshake must be complete by then."},
    {.name = "ssl.sni",
     .type = KeyType::table_list,
     .field = PATCHBAY_FIELD(ListenerConfig, ssl.sni),
     .listeners = kTlsListeners,
     .element = sni_keys,
     .help = "Further certificates, by the host name that the client asks for."},

    {.name = "websocket.path",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(ListenerConfig, websocket.path),
     .min = 1,
     .listeners = kWebsocketListeners,
     .help = "Path of the WebSocket handshake."},
    {.name = "websocket.subprotocols",
     .type = KeyType::string_list,
     .field = PATCHBAY_FIELD(ListenerConfig, websocket.subprotocols),
     .listeners = kWebsocketListeners,
     .help = "Subprotocols that are accepted."},
    {.name = "websocket.fail_if_no_subprotocol",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(ListenerConfig, websocket.fail_if_no_subprotocol),
     .listeners = kWebsocketListeners,
     .help = "A client that offers none is refused."},
    {.name = "websocket.check_origin",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(ListenerConfig, websocket.check_origin),
     .listeners = kWebsocketListeners,
     .help = "Browsers are let in only from websocket.origins."},
    {.name = "websocket.origins",
     .type = KeyType::string_list,
     .field = PATCHBAY_FIELD(ListenerConfig, websocket.origins),
     .listeners = kWebsocketListeners,
     .help = "Allowed values of the Origin header, e.g. `\"https://app.example.org\"`."},
    {.name = "websocket.max_frame_size",
     .type = KeyType::size,
     .field = PATCHBAY_FIELD(ListenerConfig, websocket.max_frame_size_bytes),
     .min = 0,
     .max = 256ull << 20,
     .unit = "bytes",
     .listeners = kWebsocketListeners,
     .help = "Largest frame; 0: as mqtt.max_packet_size."},
};

}  // namespace

std::span<const KeyRow> listener_keys() {
  return kListenerKeys;
}

std::string_view listener_type_name(ListenerType type) {
  static constexpr std::string_view kNames[] = {"tcp", "ssl", "ws", "wss", "udp", "dtls"};
  return kNames[static_cast<size_t>(type)];
}

const ListenerMap& listener_map(const ListenersConfig& listeners, ListenerType type) {
  const ListenerMap* const maps[] = {&listeners.tcp, &listeners.ssl, &listeners.ws,
                                     &listeners.wss, &listeners.udp, &listeners.dtls};
  PATCHBAY_ASSERT(static_cast<size_t>(type) < std::size(maps));
  return *maps[static_cast<size_t>(type)];
}

ListenerMap& listener_map(ListenersConfig& listeners, ListenerType type) {
  return const_cast<ListenerMap&>(listener_map(std::as_const(listeners), type));
}

}  // namespace patchbay::config
