/* SPDX-License-Identifier: Apache-2.0
 * What each hook point shows, and what it takes. Every struct begins with its size; views die with the call. "Takes"
 * names the verdict kinds; CONTINUE (no opinion) is always taken, anything else counts as a failed answer. Handles for
 * `arg` come from answers.h and go with PATCHBAY_VERDICT_ARG. `client` is null where there is none. */
#ifndef PATCHBAY_EVENTS_H
#define PATCHBAY_EVENTS_H

#include "patchbay/client.h"
#include "patchbay/message.h"
#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- connection
 * ------------------------------------------------------------------------------------------------------------------ */

/* conn.accept: a connection, before anything is read of it (behind PROXY protocol: after its header).
 * Takes ALLOW, DENY (closed at once). */
typedef struct patchbay_conn_accept_event {
  uint32_t size;
  uint16_t peer_port;
  uint16_t proxied; /* 1: the peer's address comes from a PROXY header */
  patchbay_str listener_id;
  uint8_t peer_address[16];
} patchbay_conn_accept_event;

/* conn.detect: the first bytes on a listener that serves several protocols. Takes ALLOW with answers->text: the
 * protocol's id; DENY (closed); DROP (more bytes, ask again). */
typedef struct patchbay_conn_detect_event {
  uint32_t size;
  uint32_t reserved;
  patchbay_str listener_id;
  patchbay_bytes first_bytes;
  patchbay_str alpn;           /* empty: none */
  patchbay_str server_name;    /* SNI */
  patchbay_str websocket_path; /* empty: no WebSocket */
  patchbay_str websocket_subprotocol;
} patchbay_conn_detect_event;

/* conn.tls_psk: the identity of a client that has a pre-shared key. Doesn't defer: OpenSSL cannot wait here.
 * Takes ALLOW with answers->data: the key; DENY. */
typedef struct patchbay_conn_tls_psk_event {
  uint32_t size;
  uint32_t reserved;
  patchbay_str listener_id;
  patchbay_str identity;
} patchbay_conn_tls_psk_event;

/* conn.tls_cert: a client certificate whose chain was verified. Takes ALLOW, also with answers->certificate (identity
 * hints), DENY. */
typedef struct patchbay_conn_tls_cert_event {
  uint32_t size;
  uint16_t peer_port;
  uint16_t reserved;
  patchbay_str listener_id;
  uint8_t peer_address[16];
  patchbay_str common_name;
  patchbay_str subject;                  /* RFC 2253 */
  patchbay_str serial;                   /* hexadecimal */
  patchbay_str fingerprint_sha256;       /* hexadecimal */
  const patchbay_str* alternative_names; /* "DNS:a.example", "URI:...", "IP:..." */
  size_t alternative_name_count;
  patchbay_bytes der; /* the leaf */
} patchbay_conn_tls_cert_event;

/* conn.limits: asked once for each connection. Takes ALLOW with answers->limits. */
typedef struct patchbay_conn_limits_event {
  uint32_t size;
  uint16_t peer_port;
  uint16_t reserved;
  patchbay_str listener_id;
  uint8_t peer_address[16];
} patchbay_conn_limits_event;

/* conn.opened, conn.closed, proto.opened, proto.closed, proto.error. Observers. */
typedef struct patchbay_connection_event {
  uint32_t size;
  uint16_t peer_port;
  uint16_t reserved;
  const patchbay_client* client; /* null before the client has connected */
  patchbay_str listener_id;
  patchbay_str protocol_name;
  uint8_t peer_address[16];
  patchbay_str reason; /* closed, error: why */
  uint64_t bytes_received;
  uint64_t bytes_sent;
  uint64_t duration_ms;
} patchbay_connection_event;

/* packet.in, packet.out: whole control packets. Observers; a filter is advised. */
typedef struct patchbay_packet_event {
  uint32_t size;
  uint8_t packet_type; /* 1 CONNECT to 15 AUTH */
  uint8_t flags;       /* low nibble of the first byte */
  uint16_t packet_id;  /* 0: none */
  const patchbay_client* client;
  patchbay_str topic; /* PUBLISH */
  patchbay_bytes raw; /* the packet; the start of it where it is long */
  uint64_t packet_size;
} patchbay_packet_event;

/* --- access
 * ----------------------------------------------------------------------------------------------------------------------
 */

/* auth.connect_rewrite: before anything is decided about a CONNECT. Takes REPLACE with answers->connect, DENY(reason).
 */
typedef struct patchbay_connect_rewrite_event {
  uint32_t size;
  uint16_t keep_alive_s;
  uint8_t clean_start;
  uint8_t reserved;
  const patchbay_client* client;
  patchbay_str client_id; /* empty: the broker assigns one */
  patchbay_str username;
  patchbay_bytes password;
  const patchbay_pair* user_properties;
  size_t user_property_count;
} patchbay_connect_rewrite_event;

/* auth.authenticate: who is it? Takes ALLOW, also with answers->grant; DENY(reason).
 * A failed or late answer is a denial, never "no opinion". */
typedef struct patchbay_authenticate_event {
  uint32_t size;
  uint8_t has_username;
  uint8_t has_password;
  uint8_t reserved[2];
  const patchbay_client* client; /* identity is empty still */
  patchbay_str client_id;
  patchbay_str username;
  patchbay_bytes password;
  patchbay_bytes certificate_der; /* empty: none */
} patchbay_authenticate_event;

/* auth.enhanced: one step of an exchange by AUTH packets. Who doesn't know `method` continues. Takes REPLACE with
 * answers->data (send it, the exchange goes on), ALLOW with answers->enhanced (grant and last data), DENY(reason). */
typedef struct patchbay_enhanced_event {
  uint32_t size;
  uint32_t step; /* 0: the data of CONNECT, or of the AUTH that re-authenticates */
  const patchbay_client* client;
  patchbay_str method;
  patchbay_bytes data;
  uint64_t exchange_id; /* the same for all steps of one exchange; unique on this node */
  uint32_t re_authentication;
  uint32_t reserved;
} patchbay_enhanced_event;

/* auth.enrich: after authentication. Takes REPLACE with answers->grant (merged into what is known), DENY(reason). */
typedef struct patchbay_enrich_event {
  uint32_t size;
  uint32_t reserved;
  const patchbay_client* client; /* with its identity */
} patchbay_enrich_event;

/* auth.result. Observer. */
typedef struct patchbay_auth_result_event {
  uint32_t size;
  uint8_t allowed;
  uint8_t anonymous;
  uint8_t reason; /* MQTT reason code */
  uint8_t reserved;
  const patchbay_client* client;
  patchbay_str identity;
  patchbay_str decided_by; /* name of the entry; empty: the built-in policy */
  uint64_t duration_ms;
} patchbay_auth_result_event;

/* acl.publish, acl.subscribe: may it? Takes ALLOW, DENY(reason). For a subscription `arg` of ALLOW is the greatest QoS
 * to grant plus one (0: as asked), without PATCHBAY_VERDICT_ARG. Answers are cached for the client
 * (access.cache_ttl_ms), fallbacks are not. */
typedef struct patchbay_authorize_event {
  uint32_t size;
  uint8_t action; /* 1 publish, 2 subscribe */
  uint8_t qos;
  uint8_t retain;
  uint8_t reserved;
  const patchbay_client* client;
  patchbay_str topic; /* topic name, or topic filter without its $share prefix */
  patchbay_str share_name;
} patchbay_authorize_event;

/* acl.deliver: may this receiver have this message? Needs a topic filter. Takes ALLOW, DENY (not delivered). */
typedef struct patchbay_acl_deliver_event {
  uint32_t size;
  uint32_t reserved;
  const patchbay_client* client; /* the receiver */
  const patchbay_message* message;
  patchbay_str topic;
} patchbay_acl_deliver_event;

/* acl.admin (may this user do this?), admin.before (may this change be made now?). [control] Takes ALLOW, DENY. */
typedef struct patchbay_admin_event {
  uint32_t size;
  uint32_t reserved;
  patchbay_str user;
  patchbay_str action; /* "GET", "POST", ... */
  patchbay_str object; /* path below the API's root */
  patchbay_str body_json;
} patchbay_admin_event;

/* --- session
 * ---------------------------------------------------------------------------------------------------------------------
 */

/* session.open: after access was granted, before the session is made or resumed. Takes REPLACE with answers->session,
 * DENY(reason). */
typedef struct patchbay_session_open_event {
  uint32_t size;
  uint32_t session_expiry_interval_s; /* as asked */
  const patchbay_client* client;
  uint32_t maximum_packet_size; /* what the client takes; 0: no limit */
  uint16_t receive_maximum;
  uint16_t keep_alive_s;
  uint8_t clean_start;
  uint8_t reserved[7];
} patchbay_session_open_event;

/* session.conflict: a client id that is connected already. Takes ALLOW (take over), DENY (the new connection is
 * refused). */
typedef struct patchbay_session_conflict_event {
  uint32_t size;
  uint32_t reserved;
  const patchbay_client* existing;
  const patchbay_client* client; /* the new one */
} patchbay_session_conflict_event;

/* session.created, .resumed, .taken_over, .discarded, .ended. Observers. */
typedef struct patchbay_session_event {
  uint32_t size;
  uint32_t subscriptions;
  const patchbay_client* client;
  patchbay_str client_id;
  patchbay_str reason;
  uint32_t queued_messages;
  uint32_t reserved;
} patchbay_session_event;

/* client.connected, client.disconnected. Observers. */
typedef struct patchbay_client_event {
  uint32_t size;
  uint32_t session_present;
  const patchbay_client* client;
  patchbay_str reason;
  uint64_t duration_ms;
} patchbay_client_event;

/* subscribe.rewrite: one filter of a SUBSCRIBE, before validation and access control; what it becomes is validated and
 * authorised. Takes REPLACE with answers->subscription, DENY(reason), DROP (as DENY). */
typedef struct patchbay_subscribe_rewrite_event {
  uint32_t size;
  uint8_t qos;
  uint8_t no_local;
  uint8_t retain_as_published;
  uint8_t retain_handling;
  const patchbay_client* client;
  patchbay_str topic_filter; /* with its $share prefix */
} patchbay_subscribe_rewrite_event;

/* subscribe.done, unsubscribe.done: one filter. Observers. */
typedef struct patchbay_subscription_event {
  uint32_t size;
  uint8_t granted_qos;
  uint8_t reason;
  uint8_t is_new;
  uint8_t reserved;
  const patchbay_client* client;
  patchbay_str topic_filter;
} patchbay_subscription_event;

/* unsubscribe.rewrite: one filter. Takes REPLACE with answers->text. */
typedef struct patchbay_unsubscribe_rewrite_event {
  uint32_t size;
  uint32_t reserved;
  const patchbay_client* client;
  patchbay_str topic_filter;
} patchbay_unsubscribe_rewrite_event;

/* queue.overflow: a session's queue is full. Takes ALLOW with `arg` 1 drop the new message, 2 drop the oldest, 3
 * disconnect. */
typedef struct patchbay_queue_overflow_event {
  uint32_t size;
  uint32_t queued_messages;
  const patchbay_client* client;
  patchbay_str client_id;
  const patchbay_message* message; /* the candidate */
} patchbay_queue_overflow_event;

/* will.publish: a will is due. Takes REPLACE with answers->message, DROP, DENY (as DROP). */
typedef struct patchbay_will_publish_event {
  uint32_t size;
  uint32_t reserved;
  const patchbay_client* client;
  const patchbay_message* message;
  patchbay_str topic;
} patchbay_will_publish_event;

/* reply.out: an acknowledgement on its way to an MQTT 5 client. Takes REPLACE with answers->reply. Success and failure
 * can't be exchanged. */
typedef struct patchbay_reply_out_event {
  uint32_t size;
  uint8_t packet_type; /* 2 CONNACK, 4 PUBACK, 5 PUBREC, 9 SUBACK, 11 UNSUBACK, 14 DISCONNECT, 15 AUTH */
  uint8_t reason;      /* the first one, where there are several */
  uint16_t packet_id;
  const patchbay_client* client;
} patchbay_reply_out_event;

/* --- router
 * ----------------------------------------------------------------------------------------------------------------------
 */

/* publish.rewrite: before validation and access control. Takes REPLACE with answers->text: another topic name. */
typedef struct patchbay_publish_rewrite_event {
  uint32_t size;
  uint8_t qos;
  uint8_t retain;
  uint16_t reserved;
  const patchbay_client* client;
  patchbay_str topic;
} patchbay_publish_rewrite_event;

/* publish.accept: the message may be published; it has not been routed. Phase decide: DROP (acknowledged as if routed),
 * DENY(reason), ALLOW (ends the decisions), DEFER, also with PATCHBAY_VERDICT_HOLD_ACK. Phase transform: REPLACE with
 * answers->message. A replaced topic or retain flag is validated and authorised again. */
typedef struct patchbay_publish_accept_event {
  uint32_t size;
  uint8_t qos;
  uint8_t retain;
  uint16_t reserved;
  const patchbay_client* client;
  const patchbay_message* message;
  patchbay_str topic;
} patchbay_publish_accept_event;

/* publish.routed. Observer. */
typedef struct patchbay_publish_routed_event {
  uint32_t size;
  uint32_t receivers;
  const patchbay_client* client; /* null: published by the broker, a plugin or another node */
  const patchbay_message* message;
  patchbay_str topic;
} patchbay_publish_routed_event;

/* publish.unrouted: nobody gets it. Phase transform: REPLACE with answers->text, another topic, tried once. Phase
 * observe: as it is. */
typedef struct patchbay_publish_unrouted_event {
  uint32_t size;
  uint32_t reserved;
  const patchbay_client* client;
  const patchbay_message* message;
  patchbay_str topic;
} patchbay_publish_unrouted_event;

typedef struct patchbay_share_member {
  patchbay_str client_id;
  uint64_t handle;
  uint32_t online;
  uint32_t reserved;
} patchbay_share_member;

/* share.pick: who of a shared group gets it? Takes ALLOW with `arg` = index of the member. */
typedef struct patchbay_share_pick_event {
  uint32_t size;
  uint32_t reserved;
  const patchbay_message* message;
  patchbay_str topic;
  patchbay_str share_name;
  patchbay_str topic_filter;
  const patchbay_share_member* members;
  size_t member_count;
} patchbay_share_pick_event;

/* retain.store: a retained message is about to be kept (an empty payload: removed). Phase decide: DENY, DROP (not kept,
 * delivered all the same). Phase transform: REPLACE with answers->retained (another message, a time to live). */
typedef struct patchbay_retain_store_event {
  uint32_t size;
  uint32_t reserved;
  const patchbay_client* client;
  const patchbay_message* message;
  patchbay_str topic;
} patchbay_retain_store_event;

/* retain.lookup: a new subscription asks for retained messages. Takes ALLOW with answers->messages: sent besides the
 * stored ones. */
typedef struct patchbay_retain_lookup_event {
  uint32_t size;
  uint32_t reserved;
  const patchbay_client* client;
  patchbay_str topic_filter;
} patchbay_retain_lookup_event;

/* --- distribution
 * ---------------------------------------------------------------------------------------------------------------- */

/* deliver.before: one receiver of one message. Needs a topic filter. Takes REPLACE with answers->message, DROP (skip
 * this receiver). */
typedef struct patchbay_deliver_before_event {
  uint32_t size;
  uint32_t reserved;
  const patchbay_client* client; /* the receiver */
  const patchbay_message* message;
  patchbay_str topic;
} patchbay_deliver_before_event;

/* deliver.sent, .acked, .dropped, .expired. Observers. */
typedef struct patchbay_delivery_event {
  uint32_t size;
  uint8_t qos;
  uint8_t reserved[3];
  const patchbay_client* client; /* the receiver; null while it is not connected */
  patchbay_str client_id;
  const patchbay_message* message;
  patchbay_str topic;
  patchbay_str reason; /* dropped: "queue_full", ... */
} patchbay_delivery_event;

/* --- control
 * ---------------------------------------------------------------------------------------------------------------------
 */

/* cluster.event, config.changed, listener.state, plugin.state, alarm.raised, alarm.cleared, node.state, admin.audit,
 * shutdown.begin. Observers. [control] Where no cluster plugin runs, cluster.event tells of this node alone: "" ->
 * "joined" when it is ready, "joined" -> "left" when it stops. */
typedef struct patchbay_control_event {
  uint32_t size;
  uint32_t hook;
  patchbay_str object; /* configuration key, listener, instance, alarm, node */
  patchbay_str before; /* old state or value; secrets are masked */
  patchbay_str after;
  patchbay_str author; /* user, "file", "node" */
  patchbay_str details_json;
  uint64_t at_unix_ms;
} patchbay_control_event;

#ifdef __cplusplus
}
#endif
#endif
