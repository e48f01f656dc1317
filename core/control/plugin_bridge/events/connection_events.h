#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "hooks/connection_events.h"
#include "patchbay/events.h"
#include "plugin_bridge/abi_views.h"

/// The connection layer's events as the ABI shows them. Views of the core's event, valid as long as it.
namespace patchbay::plugin_bridge {

template <class Abi>
void set_address(Abi& abi, const hooks::PeerAddress& address) {
  static_assert(sizeof abi.peer_address == sizeof address);
  std::copy(address.begin(), address.end(), abi.peer_address);
}

[[nodiscard]] inline patchbay_conn_accept_event show(const hooks::ConnAcceptEvent& event) {
  patchbay_conn_accept_event abi{};
  abi.size = sizeof abi;
  abi.peer_port = event.peer_port;
  abi.proxied = event.proxied ? 1 : 0;
  abi.listener_id = view(event.listener_id);
  set_address(abi, event.peer_address);
  return abi;
}

[[nodiscard]] inline patchbay_conn_detect_event show(const hooks::ConnDetectEvent& event) {
  patchbay_conn_detect_event abi{};
  abi.size = sizeof abi;
  abi.listener_id = view(event.listener_id);
  abi.first_bytes = view(event.first_bytes);
  abi.alpn = view(event.alpn);
  abi.server_name = view(event.server_name);
  abi.websocket_path = view(event.websocket_path);
  abi.websocket_subprotocol = view(event.websocket_subprotocol);
  return abi;
}

[[nodiscard]] inline patchbay_conn_tls_psk_event show(const hooks::ConnTlsPskEvent& event) {
  patchbay_conn_tls_psk_event abi{};
  abi.size = sizeof abi;
  abi.listener_id = view(event.listener_id);
  abi.identity = view(event.identity);
  return abi;
}

/// With the array that the struct refers to.
struct ShownConnTlsCert : patchbay_conn_tls_cert_event {
  std::vector<patchbay_str> names;
};

[[nodiscard]] inline ShownConnTlsCert show(const hooks::ConnTlsCertEvent& event) {
  ShownConnTlsCert abi{};
  abi.size = sizeof(patchbay_conn_tls_cert_event);
  abi.peer_port = event.peer_port;
  abi.listener_id = view(event.listener_id);
  set_address(abi, event.peer_address);
  abi.common_name = view(event.common_name);
  abi.subject = view(event.subject);
  abi.serial = view(event.serial);
  abi.fingerprint_sha256 = view(event.fingerprint_sha256);
  for (const std::string& name : event.alternative_names) abi.names.push_back(view(std::string_view(name)));
  abi.alternative_names = abi.names.data();
  abi.alternative_name_count = abi.names.size();
  abi.der = view(event.der);
  return abi;
}

[[nodiscard]] inline patchbay_conn_limits_event show(const hooks::ConnLimitsEvent& event) {
  patchbay_conn_limits_event abi{};
  abi.size = sizeof abi;
  abi.peer_port = event.peer_port;
  abi.listener_id = view(event.listener_id);
  set_address(abi, event.peer_address);
  return abi;
}

[[nodiscard]] inline patchbay_connection_event show(const hooks::ConnectionEvent& event) {
  patchbay_connection_event abi{};
  abi.size = sizeof abi;
  abi.peer_port = event.peer_port;
  abi.client = to_abi(event.client);
  abi.listener_id = view(event.listener_id);
  abi.protocol_name = view(event.protocol_name);
  set_address(abi, event.peer_address);
  abi.reason = view(event.reason);
  abi.bytes_received = event.bytes_received;
  abi.bytes_sent = event.bytes_sent;
  abi.duration_ms = event.duration_ms;
  return abi;
}

[[nodiscard]] inline patchbay_packet_event show(const hooks::PacketEvent& event) {
  patchbay_packet_event abi;
  abi.size = sizeof abi;
  abi.packet_type = event.packet_type;
  abi.flags = event.flags;
  abi.packet_id = event.packet_id;
  abi.client = to_abi(event.client);
  abi.topic = view(event.topic);
  abi.raw = view(event.raw);
  abi.packet_size = event.packet_size;
  return abi;
}

}  // namespace patchbay::plugin_bridge
