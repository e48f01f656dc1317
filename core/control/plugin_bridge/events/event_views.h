#pragma once

#include "patchbay/events.h"

/// visit(event, visitor) shows the visitor everything in an event of the ABI that isn't a plain value: texts, bytes,
/// clients, messages, and arrays with their lengths. One function for each struct of events.h.
namespace patchbay::plugin_bridge {

template <class V>
void visit(patchbay_conn_accept_event& event, V& visitor) {
  visitor(event.listener_id);
}
template <class V>
void visit(patchbay_conn_detect_event& event, V& visitor) {
  visitor(event.listener_id);
  visitor(event.first_bytes);
  visitor(event.alpn);
  visitor(event.server_name);
  visitor(event.websocket_path);
  visitor(event.websocket_subprotocol);
}
template <class V>
void visit(patchbay_conn_tls_psk_event& event, V& visitor) {
  visitor(event.listener_id);
  visitor(event.identity);
}
template <class V>
void visit(patchbay_conn_tls_cert_event& event, V& visitor) {
  visitor(event.listener_id);
  visitor(event.common_name);
  visitor(event.subject);
  visitor(event.serial);
  visitor(event.fingerprint_sha256);
  visitor.array(event.alternative_names, event.alternative_name_count);
  visitor(event.der);
}
template <class V>
void visit(patchbay_conn_limits_event& event, V& visitor) {
  visitor(event.listener_id);
}
template <class V>
void visit(patchbay_connection_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.listener_id);
  visitor(event.protocol_name);
  visitor(event.reason);
}
template <class V>
void visit(patchbay_packet_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.topic);
  visitor(event.raw);
}
template <class V>
void visit(patchbay_connect_rewrite_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.client_id);
  visitor(event.username);
  visitor(event.password);
  visitor.array(event.user_properties, event.user_property_count);
}
template <class V>
void visit(patchbay_authenticate_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.client_id);
  visitor(event.username);
  visitor(event.password);
  visitor(event.certificate_der);
}
template <class V>
void visit(patchbay_enhanced_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.method);
  visitor(event.data);
}
template <class V>
void visit(patchbay_enrich_event& event, V& visitor) {
  visitor(event.client);
}
template <class V>
void visit(patchbay_auth_result_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.identity);
  visitor(event.decided_by);
}
template <class V>
void visit(patchbay_authorize_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.topic);
  visitor(event.share_name);
}
template <class V>
void visit(patchbay_acl_deliver_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.message);
  visitor(event.topic);
}
template <class V>
void visit(patchbay_admin_event& event, V& visitor) {
  visitor(event.user);
  visitor(event.action);
  visitor(event.object);
  visitor(event.body_json);
}
template <class V>
void visit(patchbay_session_open_event& event, V& visitor) {
  visitor(event.client);
}
template <class V>
void visit(patchbay_session_conflict_event& event, V& visitor) {
  visitor(event.existing);
  visitor(event.client);
}
template <class V>
void visit(patchbay_session_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.client_id);
  visitor(event.reason);
}
template <class V>
void visit(patchbay_client_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.reason);
}
template <class V>
void visit(patchbay_subscribe_rewrite_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.topic_filter);
}
template <class V>
void visit(patchbay_subscription_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.topic_filter);
}
template <class V>
void visit(patchbay_unsubscribe_rewrite_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.topic_filter);
}
template <class V>
void visit(patchbay_queue_overflow_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.client_id);
  visitor(event.message);
}
template <class V>
void visit(patchbay_will_publish_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.message);
  visitor(event.topic);
}
template <class V>
void visit(patchbay_reply_out_event& event, V& visitor) {
  visitor(event.client);
}
template <class V>
void visit(patchbay_publish_rewrite_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.topic);
}
template <class V>
void visit(patchbay_publish_accept_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.message);
  visitor(event.topic);
}
template <class V>
void visit(patchbay_publish_routed_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.message);
  visitor(event.topic);
}
template <class V>
void visit(patchbay_publish_unrouted_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.message);
  visitor(event.topic);
}
template <class V>
void visit(patchbay_share_pick_event& event, V& visitor) {
  visitor(event.message);
  visitor(event.topic);
  visitor(event.share_name);
  visitor(event.topic_filter);
  visitor.array(event.members, event.member_count);
}
template <class V>
void visit(patchbay_retain_store_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.message);
  visitor(event.topic);
}
template <class V>
void visit(patchbay_retain_lookup_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.topic_filter);
}
template <class V>
void visit(patchbay_deliver_before_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.message);
  visitor(event.topic);
}
template <class V>
void visit(patchbay_delivery_event& event, V& visitor) {
  visitor(event.client);
  visitor(event.client_id);
  visitor(event.message);
  visitor(event.topic);
  visitor(event.reason);
}
template <class V>
void visit(patchbay_control_event& event, V& visitor) {
  visitor(event.object);
  visitor(event.before);
  visitor(event.after);
  visitor(event.author);
  visitor(event.details_json);
}

// The elements of arrays.
template <class V>
void visit(patchbay_str& text, V& visitor) {
  visitor(text);
}
template <class V>
void visit(patchbay_pair& pair, V& visitor) {
  visitor(pair.name);
  visitor(pair.value);
}
template <class V>
void visit(patchbay_share_member& member, V& visitor) {
  visitor(member.client_id);
}

}  // namespace patchbay::plugin_bridge
