// SPDX-License-Identifier: Apache-2.0
// The C ABI of Patchbay in Rust. Made from include/patchbay by tools/rust_bindings.py; never edited.
#![allow(non_camel_case_types, non_upper_case_globals, dead_code)]
use std::os::raw::{c_char, c_void};

pub type patchbay_status = u32;

pub const PATCHBAY_ABI_MAJOR: u32 = 1;
pub const PATCHBAY_ABI_MINOR: u32 = 0;
pub const PATCHBAY_ALLOW: u32 = 1;
pub const PATCHBAY_BUSY: u32 = 3;
pub const PATCHBAY_CLIENT_CLEAN_START: u32 = 1;
pub const PATCHBAY_CLIENT_CONNECTED: u32 = 8;
pub const PATCHBAY_CLIENT_PEER_LOOPBACK: u32 = 4;
pub const PATCHBAY_CLIENT_SUPERUSER: u32 = 2;
pub const PATCHBAY_CLOSED: u32 = 12;
pub const PATCHBAY_CLOSE_ERROR: u32 = 9;
pub const PATCHBAY_CLOSE_KICKED: u32 = 2;
pub const PATCHBAY_CLOSE_LIMIT: u32 = 7;
pub const PATCHBAY_CLOSE_NORMAL: u32 = 8;
pub const PATCHBAY_CLOSE_PEER: u32 = 0;
pub const PATCHBAY_CLOSE_PROTOCOL: u32 = 1;
pub const PATCHBAY_CLOSE_SHUTDOWN: u32 = 4;
pub const PATCHBAY_CLOSE_TAKEN_OVER: u32 = 3;
pub const PATCHBAY_CLOSE_TIMEOUT: u32 = 6;
pub const PATCHBAY_CLOSE_UNLOAD: u32 = 5;
pub const PATCHBAY_CONNECT_CLEAN_START: u32 = 8;
pub const PATCHBAY_CONNECT_CLIENT_ID: u32 = 1;
pub const PATCHBAY_CONNECT_KEEP_ALIVE: u32 = 16;
pub const PATCHBAY_CONNECT_PASSWORD: u32 = 4;
pub const PATCHBAY_CONNECT_USERNAME: u32 = 2;
pub const PATCHBAY_CONNECT_USER_PROPERTIES: u32 = 32;
pub const PATCHBAY_CONTINUE: u32 = 0;
pub const PATCHBAY_DEFER: u32 = 3;
pub const PATCHBAY_DENIED: u32 = 6;
pub const PATCHBAY_DENY: u32 = 2;
pub const PATCHBAY_DROP: u32 = 5;
pub const PATCHBAY_ENTRY_MAGIC: u32 = 826426192;
pub const PATCHBAY_EXISTS: u32 = 9;
pub const PATCHBAY_FAILED: u32 = 13;
pub const PATCHBAY_FALLBACK_ALLOW: u32 = 2;
pub const PATCHBAY_FALLBACK_DEFAULT: u32 = 0;
pub const PATCHBAY_FALLBACK_DENY: u32 = 1;
pub const PATCHBAY_FALLBACK_NEXT: u32 = 3;
pub const PATCHBAY_FD_ERROR: u32 = 4;
pub const PATCHBAY_FD_READ: u32 = 1;
pub const PATCHBAY_FD_WRITE: u32 = 2;
pub const PATCHBAY_FIELD_CONTENT_TYPE: u32 = 32;
pub const PATCHBAY_FIELD_CORRELATION_DATA: u32 = 128;
pub const PATCHBAY_FIELD_EXPIRY: u32 = 16;
pub const PATCHBAY_FIELD_PAYLOAD: u32 = 2;
pub const PATCHBAY_FIELD_PAYLOAD_FORMAT: u32 = 256;
pub const PATCHBAY_FIELD_PUBLISHER: u32 = 1024;
pub const PATCHBAY_FIELD_QOS: u32 = 4;
pub const PATCHBAY_FIELD_RESPONSE_TOPIC: u32 = 64;
pub const PATCHBAY_FIELD_RETAIN: u32 = 8;
pub const PATCHBAY_FIELD_TOPIC: u32 = 1;
pub const PATCHBAY_FIELD_USER_PROPERTIES: u32 = 512;
pub const PATCHBAY_HOOK_INLINE: u32 = 1;
pub const PATCHBAY_HOOK_OWN_MESSAGES: u32 = 4;
pub const PATCHBAY_HOOK_SHADOW: u32 = 2;
pub const PATCHBAY_INVALID: u32 = 2;
pub const PATCHBAY_KV_MAXIMUM_KEY: u32 = 512;
pub const PATCHBAY_KV_MAXIMUM_VALUE: u32 = 65536;
pub const PATCHBAY_LOG_DEBUG: u32 = 4;
pub const PATCHBAY_LOG_ERROR: u32 = 0;
pub const PATCHBAY_LOG_INFO: u32 = 3;
pub const PATCHBAY_LOG_NOTICE: u32 = 2;
pub const PATCHBAY_LOG_TRACE: u32 = 5;
pub const PATCHBAY_LOG_WARNING: u32 = 1;
pub const PATCHBAY_MESSAGE_FROM_BRIDGE: u32 = 4;
pub const PATCHBAY_MESSAGE_FROM_NODE: u32 = 16;
pub const PATCHBAY_MESSAGE_FROM_PLUGIN: u32 = 32;
pub const PATCHBAY_MESSAGE_RETAINED: u32 = 8;
pub const PATCHBAY_MESSAGE_SYSTEM: u32 = 2;
pub const PATCHBAY_MESSAGE_WILL: u32 = 1;
pub const PATCHBAY_METRIC_COUNTER: u32 = 0;
pub const PATCHBAY_METRIC_GAUGE: u32 = 1;
pub const PATCHBAY_NEEDS_RESTART: u32 = 10;
pub const PATCHBAY_NOMEM: u32 = 4;
pub const PATCHBAY_NOT_FOUND: u32 = 5;
pub const PATCHBAY_OK: u32 = 0;
pub const PATCHBAY_OVERFLOW_BACK_PRESSURE: u32 = 2;
pub const PATCHBAY_OVERFLOW_DROP_NEWEST: u32 = 1;
pub const PATCHBAY_OVERFLOW_DROP_OLDEST: u32 = 0;
pub const PATCHBAY_PHASE_DECIDE: u32 = 0;
pub const PATCHBAY_PHASE_OBSERVE: u32 = 2;
pub const PATCHBAY_PHASE_TRANSFORM: u32 = 1;
pub const PATCHBAY_REPLACE: u32 = 4;
pub const PATCHBAY_SESSION_EXPIRY: u32 = 1;
pub const PATCHBAY_SESSION_KEEP_ALIVE: u32 = 8;
pub const PATCHBAY_SESSION_MAXIMUM_PACKET_SIZE: u32 = 4;
pub const PATCHBAY_SESSION_RECEIVE_MAXIMUM: u32 = 2;
pub const PATCHBAY_SESSION_RESPONSE_INFORMATION: u32 = 16;
pub const PATCHBAY_SESSION_SERVER_REFERENCE: u32 = 32;
pub const PATCHBAY_STALE: u32 = 1;
pub const PATCHBAY_STORE_APPEND: u32 = 3;
pub const PATCHBAY_STORE_PREFIX_SCAN: u32 = 2;
pub const PATCHBAY_STORE_PUT: u32 = 1;
pub const PATCHBAY_STORE_REMOVE: u32 = 2;
pub const PATCHBAY_STORE_SHARED: u32 = 8;
pub const PATCHBAY_STORE_TIME_TO_LIVE: u32 = 4;
pub const PATCHBAY_STORE_TRANSACTIONS: u32 = 1;
pub const PATCHBAY_STORE_TRIM: u32 = 4;
pub const PATCHBAY_THREAD_CONTROL: u32 = 2;
pub const PATCHBAY_THREAD_OTHER: u32 = 0;
pub const PATCHBAY_THREAD_SHARD: u32 = 1;
pub const PATCHBAY_THREAD_WORKER: u32 = 3;
pub const PATCHBAY_TOO_LARGE: u32 = 8;
pub const PATCHBAY_TRANSPORT_DTLS: u32 = 32;
pub const PATCHBAY_TRANSPORT_TCP: u32 = 1;
pub const PATCHBAY_TRANSPORT_TLS: u32 = 2;
pub const PATCHBAY_TRANSPORT_UDP: u32 = 16;
pub const PATCHBAY_TRANSPORT_WS: u32 = 4;
pub const PATCHBAY_TRANSPORT_WSS: u32 = 8;
pub const PATCHBAY_UNSUPPORTED: u32 = 7;
pub const PATCHBAY_VERDICT_ARG: u32 = 4;
pub const PATCHBAY_VERDICT_FAILED: u32 = 1;
pub const PATCHBAY_VERDICT_HOLD_ACK: u32 = 8;
pub const PATCHBAY_VERDICT_THREW: u32 = 32;
pub const PATCHBAY_WRONG_THREAD: u32 = 11;
pub const PATCHBAY_HOOK_NONE: u32 = 0;
pub const PATCHBAY_HOOK_conn_accept: u32 = 1;
pub const PATCHBAY_HOOK_conn_detect: u32 = 2;
pub const PATCHBAY_HOOK_conn_tls_psk: u32 = 3;
pub const PATCHBAY_HOOK_conn_tls_cert: u32 = 4;
pub const PATCHBAY_HOOK_conn_limits: u32 = 5;
pub const PATCHBAY_HOOK_conn_opened: u32 = 6;
pub const PATCHBAY_HOOK_conn_closed: u32 = 7;
pub const PATCHBAY_HOOK_packet_in: u32 = 8;
pub const PATCHBAY_HOOK_packet_out: u32 = 9;
pub const PATCHBAY_HOOK_auth_connect_rewrite: u32 = 10;
pub const PATCHBAY_HOOK_auth_authenticate: u32 = 11;
pub const PATCHBAY_HOOK_auth_enhanced: u32 = 12;
pub const PATCHBAY_HOOK_auth_enrich: u32 = 13;
pub const PATCHBAY_HOOK_auth_result: u32 = 14;
pub const PATCHBAY_HOOK_acl_publish: u32 = 15;
pub const PATCHBAY_HOOK_acl_subscribe: u32 = 16;
pub const PATCHBAY_HOOK_acl_deliver: u32 = 17;
pub const PATCHBAY_HOOK_acl_admin: u32 = 18;
pub const PATCHBAY_HOOK_session_open: u32 = 19;
pub const PATCHBAY_HOOK_session_conflict: u32 = 20;
pub const PATCHBAY_HOOK_session_created: u32 = 21;
pub const PATCHBAY_HOOK_session_resumed: u32 = 22;
pub const PATCHBAY_HOOK_session_taken_over: u32 = 23;
pub const PATCHBAY_HOOK_session_discarded: u32 = 24;
pub const PATCHBAY_HOOK_session_ended: u32 = 25;
pub const PATCHBAY_HOOK_client_connected: u32 = 26;
pub const PATCHBAY_HOOK_client_disconnected: u32 = 27;
pub const PATCHBAY_HOOK_subscribe_rewrite: u32 = 28;
pub const PATCHBAY_HOOK_subscribe_done: u32 = 29;
pub const PATCHBAY_HOOK_unsubscribe_done: u32 = 30;
pub const PATCHBAY_HOOK_unsubscribe_rewrite: u32 = 31;
pub const PATCHBAY_HOOK_queue_overflow: u32 = 32;
pub const PATCHBAY_HOOK_will_publish: u32 = 33;
pub const PATCHBAY_HOOK_reply_out: u32 = 34;
pub const PATCHBAY_HOOK_publish_rewrite: u32 = 35;
pub const PATCHBAY_HOOK_publish_accept: u32 = 36;
pub const PATCHBAY_HOOK_publish_routed: u32 = 37;
pub const PATCHBAY_HOOK_publish_unrouted: u32 = 38;
pub const PATCHBAY_HOOK_share_pick: u32 = 39;
pub const PATCHBAY_HOOK_retain_store: u32 = 40;
pub const PATCHBAY_HOOK_retain_lookup: u32 = 41;
pub const PATCHBAY_HOOK_deliver_before: u32 = 42;
pub const PATCHBAY_HOOK_deliver_sent: u32 = 43;
pub const PATCHBAY_HOOK_deliver_acked: u32 = 44;
pub const PATCHBAY_HOOK_deliver_dropped: u32 = 45;
pub const PATCHBAY_HOOK_deliver_expired: u32 = 46;
pub const PATCHBAY_HOOK_cluster_event: u32 = 47;
pub const PATCHBAY_HOOK_proto_opened: u32 = 48;
pub const PATCHBAY_HOOK_proto_closed: u32 = 49;
pub const PATCHBAY_HOOK_proto_error: u32 = 50;
pub const PATCHBAY_HOOK_config_changed: u32 = 51;
pub const PATCHBAY_HOOK_listener_state: u32 = 52;
pub const PATCHBAY_HOOK_plugin_state: u32 = 53;
pub const PATCHBAY_HOOK_alarm_raised: u32 = 54;
pub const PATCHBAY_HOOK_alarm_cleared: u32 = 55;
pub const PATCHBAY_HOOK_node_state: u32 = 56;
pub const PATCHBAY_HOOK_admin_before: u32 = 57;
pub const PATCHBAY_HOOK_admin_audit: u32 = 58;
pub const PATCHBAY_HOOK_shutdown_begin: u32 = 59;
pub const PATCHBAY_ADMIN_1: &std::ffi::CStr = c"patchbay.admin/1";
pub const PATCHBAY_ALARM_1: &std::ffi::CStr = c"patchbay.alarm/1";
pub const PATCHBAY_ANSWERS_1: &std::ffi::CStr = c"patchbay.answers/1";
pub const PATCHBAY_BROKER_CLIENT_1: &std::ffi::CStr = c"patchbay.broker_client/1";
pub const PATCHBAY_CLIENTS_1: &std::ffi::CStr = c"patchbay.clients/1";
pub const PATCHBAY_CLUSTER_DRAFT_1: &std::ffi::CStr = c"patchbay.draft.cluster/1";
pub const PATCHBAY_CLUSTER_HOST_DRAFT_1: &std::ffi::CStr = c"patchbay.draft.cluster_host/1";
pub const PATCHBAY_ENTRY_SYMBOL: &std::ffi::CStr = c"patchbay_plugin_entry";
pub const PATCHBAY_FD_1: &std::ffi::CStr = c"patchbay.fd/1";
pub const PATCHBAY_KV_1: &std::ffi::CStr = c"patchbay.kv/1";
pub const PATCHBAY_METRICS_1: &std::ffi::CStr = c"patchbay.metrics/1";
pub const PATCHBAY_MIGRATE_1: &std::ffi::CStr = c"patchbay.migrate/1";
pub const PATCHBAY_PROTOCOL_1: &std::ffi::CStr = c"patchbay.protocol/1";
pub const PATCHBAY_PUBLISH_1: &std::ffi::CStr = c"patchbay.publish/1";
pub const PATCHBAY_REGISTRY_1: &std::ffi::CStr = c"patchbay.registry/1";
pub const PATCHBAY_RETAINED_1: &std::ffi::CStr = c"patchbay.retained/1";
pub const PATCHBAY_ROUTES_1: &std::ffi::CStr = c"patchbay.routes/1";
pub const PATCHBAY_SECRET_1: &std::ffi::CStr = c"patchbay.secret/1";
pub const PATCHBAY_SETTINGS_1: &std::ffi::CStr = c"patchbay.settings/1";
pub const PATCHBAY_STATE_1: &std::ffi::CStr = c"patchbay.state/1";
pub const PATCHBAY_STORE_MESSAGE_DRAFT_1: &std::ffi::CStr = c"patchbay.draft.store.message/1";
pub const PATCHBAY_STORE_QUEUE_DRAFT_1: &std::ffi::CStr = c"patchbay.draft.store.queue/1";
pub const PATCHBAY_STORE_RETAINED_DRAFT_1: &std::ffi::CStr = c"patchbay.draft.store.retained/1";
pub const PATCHBAY_STORE_SESSION_DRAFT_1: &std::ffi::CStr = c"patchbay.draft.store.session/1";
pub const PATCHBAY_SUBSCRIBE_1: &std::ffi::CStr = c"patchbay.subscribe/1";
pub const PATCHBAY_THREAD_1: &std::ffi::CStr = c"patchbay.thread/1";
pub const PATCHBAY_THREAD_CHECK_1: &std::ffi::CStr = c"patchbay.thread_check/1";
pub const PATCHBAY_TIMER_1: &std::ffi::CStr = c"patchbay.timer/1";
pub const PATCHBAY_TRANSPORT_1: &std::ffi::CStr = c"patchbay.transport/1";
pub const PATCHBAY_WORKER_1: &std::ffi::CStr = c"patchbay.worker/1";

#[repr(C)]
pub struct patchbay_client {
    private: [u8; 0],
}

#[repr(C)]
pub struct patchbay_connection {
    private: [u8; 0],
}

#[repr(C)]
pub struct patchbay_message {
    private: [u8; 0],
}

#[repr(C)]
pub struct patchbay_stream {
    private: [u8; 0],
}

pub type patchbay_batch_fn = Option<unsafe extern "C" fn(self_: *mut c_void, records: *const patchbay_record, count: usize)>;

pub type patchbay_clients_fn = Option<unsafe extern "C" fn(self_: *mut c_void, status: patchbay_status, clients: *const *const patchbay_client, count: usize, cursor: u64)>;

pub type patchbay_delivery_fn = Option<unsafe extern "C" fn(self_: *mut c_void, subscription: u64, message: *const patchbay_message)>;

pub type patchbay_fd_fn = Option<unsafe extern "C" fn(self_: *mut c_void, watch: u64, fd: i32, events: u32)>;

pub type patchbay_hook_fn = Option<unsafe extern "C" fn(self_: *mut c_void, event: *const c_void, token: patchbay_token) -> patchbay_verdict>;

pub type patchbay_retained_fn = Option<unsafe extern "C" fn(self_: *mut c_void, status: patchbay_status, messages: *const *const patchbay_message, count: usize, cursor: u64)>;

pub type patchbay_route_fn = Option<unsafe extern "C" fn(self_: *mut c_void, request: *const patchbay_request)>;

pub type patchbay_secret_fn = Option<unsafe extern "C" fn(self_: *mut c_void, value: patchbay_bytes)>;

pub type patchbay_service_down_fn = Option<unsafe extern "C" fn(self_: *mut c_void, lease: u64)>;

pub type patchbay_service_up_fn = Option<unsafe extern "C" fn(self_: *mut c_void, lease: u64, table: *const c_void, provider_self: *mut c_void, revision: u32)>;

pub type patchbay_store_done_fn = Option<unsafe extern "C" fn(core: *mut c_void, batch: u64, statuses: *const patchbay_status, count: usize, durable: u32)>;

pub type patchbay_store_page_fn = Option<unsafe extern "C" fn(core: *mut c_void, request: u64, status: patchbay_status, records: *const patchbay_store_operation, count: usize, cursor: u64)>;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_acl_deliver_event {
    pub size: u32,
    pub reserved: u32,
    pub client: *const patchbay_client,
    pub message: *const patchbay_message,
    pub topic: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_admin {
    pub size: u32,
    pub reserved: u32,
    pub list: Option<unsafe extern "C" fn(host: *const patchbay_host, fn_: Option<unsafe extern "C" fn(self_: *mut c_void, instance: patchbay_str, state: patchbay_str, health: patchbay_str)>, self_: *mut c_void) -> patchbay_status>,
    pub start: Option<unsafe extern "C" fn(host: *const patchbay_host, instance: patchbay_str) -> patchbay_status>,
    pub stop: Option<unsafe extern "C" fn(host: *const patchbay_host, instance: patchbay_str) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_admin_event {
    pub size: u32,
    pub reserved: u32,
    pub user: patchbay_str,
    pub action: patchbay_str,
    pub object: patchbay_str,
    pub body_json: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_alarm {
    pub size: u32,
    pub reserved: u32,
    pub raise: Option<unsafe extern "C" fn(host: *const patchbay_host, name: patchbay_str, text: patchbay_str) -> patchbay_status>,
    pub clear: Option<unsafe extern "C" fn(host: *const patchbay_host, name: patchbay_str) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_answers {
    pub size: u32,
    pub reserved: u32,
    pub text: Option<unsafe extern "C" fn(host: *const patchbay_host, text_copy: patchbay_str) -> u64>,
    pub data: Option<unsafe extern "C" fn(host: *const patchbay_host, data_copy: patchbay_bytes) -> u64>,
    pub message: Option<unsafe extern "C" fn(host: *const patchbay_host, message_ref: *const patchbay_message) -> u64>,
    pub messages: Option<unsafe extern "C" fn(host: *const patchbay_host, message_refs: *const *const patchbay_message, count: usize) -> u64>,
    pub grant: Option<unsafe extern "C" fn(host: *const patchbay_host, grant: *const patchbay_grant) -> u64>,
    pub enhanced: Option<unsafe extern "C" fn(host: *const patchbay_host, grant: *const patchbay_grant, data_copy: patchbay_bytes) -> u64>,
    pub connect: Option<unsafe extern "C" fn(host: *const patchbay_host, fields: *const patchbay_connect_fields) -> u64>,
    pub limits: Option<unsafe extern "C" fn(host: *const patchbay_host, limits: *const patchbay_limits) -> u64>,
    pub certificate: Option<unsafe extern "C" fn(host: *const patchbay_host, identity: *const patchbay_certificate_identity) -> u64>,
    pub session: Option<unsafe extern "C" fn(host: *const patchbay_host, fields: *const patchbay_session_fields) -> u64>,
    pub subscription: Option<unsafe extern "C" fn(host: *const patchbay_host, subscriptions: *const patchbay_subscription, count: usize) -> u64>,
    pub reply: Option<unsafe extern "C" fn(host: *const patchbay_host, fields: *const patchbay_reply_fields) -> u64>,
    pub retained: Option<unsafe extern "C" fn(host: *const patchbay_host, message_ref: *const patchbay_message, time_to_live_s: u32) -> u64>,
    pub discard: Option<unsafe extern "C" fn(host: *const patchbay_host, handle: u64)>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_auth_result_event {
    pub size: u32,
    pub allowed: u8,
    pub anonymous: u8,
    pub reason: u8,
    pub reserved: u8,
    pub client: *const patchbay_client,
    pub identity: patchbay_str,
    pub decided_by: patchbay_str,
    pub duration_ms: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_authenticate_event {
    pub size: u32,
    pub has_username: u8,
    pub has_password: u8,
    pub reserved: [u8; 2],
    pub client: *const patchbay_client,
    pub client_id: patchbay_str,
    pub username: patchbay_str,
    pub password: patchbay_bytes,
    pub certificate_der: patchbay_bytes,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_authorize_event {
    pub size: u32,
    pub action: u8,
    pub qos: u8,
    pub retain: u8,
    pub reserved: u8,
    pub client: *const patchbay_client,
    pub topic: patchbay_str,
    pub share_name: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_broker_client {
    pub size: u32,
    pub reserved: u32,
    pub client_connect: Option<unsafe extern "C" fn(connection: *mut patchbay_connection, connect: *const patchbay_connect, operation: u64) -> patchbay_status>,
    pub publish: Option<unsafe extern "C" fn(connection: *mut patchbay_connection, message_ref: *const patchbay_message, operation: u64) -> patchbay_status>,
    pub subscribe: Option<unsafe extern "C" fn(connection: *mut patchbay_connection, topic_filter: patchbay_str, maximum_qos: u8, no_local: u8, subscription_id: u32, operation: u64) -> patchbay_status>,
    pub unsubscribe: Option<unsafe extern "C" fn(connection: *mut patchbay_connection, topic_filter: patchbay_str, operation: u64) -> patchbay_status>,
    pub ack: Option<unsafe extern "C" fn(connection: *mut patchbay_connection, delivery: u64, reason: u8) -> patchbay_status>,
    pub credit: Option<unsafe extern "C" fn(connection: *mut patchbay_connection, receive_maximum: u32) -> patchbay_status>,
    pub disconnect: Option<unsafe extern "C" fn(connection: *mut patchbay_connection, with_will: u8) -> patchbay_status>,
    pub write: Option<unsafe extern "C" fn(connection: *mut patchbay_connection, spans: *const patchbay_bytes, count: usize) -> patchbay_status>,
    pub write_payload: Option<unsafe extern "C" fn(connection: *mut patchbay_connection, message: *const patchbay_message, offset: usize, len: usize) -> patchbay_status>,
    pub pause_read: Option<unsafe extern "C" fn(connection: *mut patchbay_connection) -> patchbay_status>,
    pub resume_read: Option<unsafe extern "C" fn(connection: *mut patchbay_connection) -> patchbay_status>,
    pub timer_set: Option<unsafe extern "C" fn(connection: *mut patchbay_connection, delay_ms: u64) -> patchbay_status>,
    pub close: Option<unsafe extern "C" fn(connection: *mut patchbay_connection, reason: u32) -> patchbay_status>,
    pub client: Option<unsafe extern "C" fn(connection: *mut patchbay_connection) -> *const patchbay_client>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_bytes {
    pub ptr: *const u8,
    pub len: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_certificate_identity {
    pub size: u32,
    pub reserved: u32,
    pub username: patchbay_str,
    pub client_id: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_client_event {
    pub size: u32,
    pub session_present: u32,
    pub client: *const patchbay_client,
    pub reason: patchbay_str,
    pub duration_ms: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_client_view {
    pub size: u32,
    pub flags: u32,
    pub handle: u64,
    pub client_id: patchbay_str,
    pub username: patchbay_str,
    pub identity: patchbay_str,
    pub listener_id: patchbay_str,
    pub protocol_name: patchbay_str,
    pub certificate_common_name: patchbay_str,
    pub certificate_subject: patchbay_str,
    pub peer_address: [u8; 16],
    pub peer_port: u16,
    pub keep_alive_s: u16,
    pub protocol_version: u32,
    pub connected_at_unix_ms: u64,
    pub expires_at_unix_ms: u64,
    pub attribute_count: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_clients {
    pub size: u32,
    pub reserved: u32,
    pub find: Option<unsafe extern "C" fn(host: *const patchbay_host, client_id: patchbay_str, fn_: patchbay_clients_fn, self_: *mut c_void) -> patchbay_status>,
    pub page: Option<unsafe extern "C" fn(host: *const patchbay_host, cursor: u64, limit: u32, fn_: patchbay_clients_fn, self_: *mut c_void) -> patchbay_status>,
    pub disconnect: Option<unsafe extern "C" fn(host: *const patchbay_host, client_id: patchbay_str, reason: u8) -> patchbay_status>,
    pub set_attributes: Option<unsafe extern "C" fn(host: *const patchbay_host, client_id: patchbay_str, attributes: *const patchbay_pair, count: usize) -> patchbay_status>,
    pub invalidate_acl: Option<unsafe extern "C" fn(host: *const patchbay_host, client_id: patchbay_str, username: patchbay_str) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_cluster {
    pub size: u32,
    pub reserved: u32,
    pub routes_changed: Option<unsafe extern "C" fn(self_: *mut c_void, epoch: u64, snapshot: u32, changes: *const patchbay_route_change, count: usize)>,
    pub forward: Option<unsafe extern "C" fn(self_: *mut c_void, node: patchbay_str, message_refs: *const *const patchbay_message, count: usize) -> patchbay_status>,
    pub claim: Option<unsafe extern "C" fn(self_: *mut c_void, client_id: patchbay_str, token: patchbay_token) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_cluster_host {
    pub size: u32,
    pub reserved: u32,
    pub node_up: Option<unsafe extern "C" fn(host: *const patchbay_host, node: patchbay_str, epoch: u64) -> patchbay_status>,
    pub node_down: Option<unsafe extern "C" fn(host: *const patchbay_host, node: patchbay_str, epoch: u64) -> patchbay_status>,
    pub routes_apply: Option<unsafe extern "C" fn(host: *const patchbay_host, node: patchbay_str, epoch: u64, snapshot: u32, changes: *const patchbay_route_change, count: usize) -> patchbay_status>,
    pub deliver: Option<unsafe extern "C" fn(host: *const patchbay_host, message_refs: *const *const patchbay_message, count: usize) -> patchbay_status>,
    pub takeover: Option<unsafe extern "C" fn(host: *const patchbay_host, client_id: patchbay_str) -> patchbay_status>,
    pub state: Option<unsafe extern "C" fn(host: *const patchbay_host, leader: patchbay_str, has_quorum: u32) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_conn_accept_event {
    pub size: u32,
    pub peer_port: u16,
    pub proxied: u16,
    pub listener_id: patchbay_str,
    pub peer_address: [u8; 16],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_conn_detect_event {
    pub size: u32,
    pub reserved: u32,
    pub listener_id: patchbay_str,
    pub first_bytes: patchbay_bytes,
    pub alpn: patchbay_str,
    pub server_name: patchbay_str,
    pub websocket_path: patchbay_str,
    pub websocket_subprotocol: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_conn_limits_event {
    pub size: u32,
    pub peer_port: u16,
    pub reserved: u16,
    pub listener_id: patchbay_str,
    pub peer_address: [u8; 16],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_conn_tls_cert_event {
    pub size: u32,
    pub peer_port: u16,
    pub reserved: u16,
    pub listener_id: patchbay_str,
    pub peer_address: [u8; 16],
    pub common_name: patchbay_str,
    pub subject: patchbay_str,
    pub serial: patchbay_str,
    pub fingerprint_sha256: patchbay_str,
    pub alternative_names: *const patchbay_str,
    pub alternative_name_count: usize,
    pub der: patchbay_bytes,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_conn_tls_psk_event {
    pub size: u32,
    pub reserved: u32,
    pub listener_id: patchbay_str,
    pub identity: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_connect {
    pub size: u32,
    pub keep_alive_s: u16,
    pub clean_start: u8,
    pub has_password: u8,
    pub client_id: patchbay_str,
    pub username: patchbay_str,
    pub password: patchbay_bytes,
    pub session_expiry_interval_s: u32,
    pub protocol_version: u32,
    pub receive_maximum: u32,
    pub reserved: u32,
    pub will_ref: *const patchbay_message,
    pub will_delay_interval_s: u32,
    pub reserved2: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_connect_fields {
    pub size: u32,
    pub present: u32,
    pub client_id: patchbay_str,
    pub username: patchbay_str,
    pub password: patchbay_bytes,
    pub user_properties: *const patchbay_pair,
    pub user_property_count: usize,
    pub keep_alive_s: u16,
    pub clean_start: u8,
    pub reserved: [u8; 5],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_connect_rewrite_event {
    pub size: u32,
    pub keep_alive_s: u16,
    pub clean_start: u8,
    pub reserved: u8,
    pub client: *const patchbay_client,
    pub client_id: patchbay_str,
    pub username: patchbay_str,
    pub password: patchbay_bytes,
    pub user_properties: *const patchbay_pair,
    pub user_property_count: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_connection_event {
    pub size: u32,
    pub peer_port: u16,
    pub reserved: u16,
    pub client: *const patchbay_client,
    pub listener_id: patchbay_str,
    pub protocol_name: patchbay_str,
    pub peer_address: [u8; 16],
    pub reason: patchbay_str,
    pub bytes_received: u64,
    pub bytes_sent: u64,
    pub duration_ms: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_connection_info {
    pub size: u32,
    pub transport: u32,
    pub listener_id: patchbay_str,
    pub peer_address: [u8; 16],
    pub peer_port: u16,
    pub reserved: [u16; 3],
    pub certificate_common_name: patchbay_str,
    pub certificate_subject: patchbay_str,
    pub websocket_subprotocol: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_control_event {
    pub size: u32,
    pub hook: u32,
    pub object: patchbay_str,
    pub before: patchbay_str,
    pub after: patchbay_str,
    pub author: patchbay_str,
    pub details_json: patchbay_str,
    pub at_unix_ms: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_deliver_before_event {
    pub size: u32,
    pub reserved: u32,
    pub client: *const patchbay_client,
    pub message: *const patchbay_message,
    pub topic: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_delivery {
    pub size: u32,
    pub qos: u8,
    pub retain: u8,
    pub redelivered: u8,
    pub reserved: u8,
    pub delivery: u64,
    pub message: *const patchbay_message,
    pub subscription_ids: *const u32,
    pub subscription_id_count: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_delivery_event {
    pub size: u32,
    pub qos: u8,
    pub reserved: [u8; 3],
    pub client: *const patchbay_client,
    pub client_id: patchbay_str,
    pub message: *const patchbay_message,
    pub topic: patchbay_str,
    pub reason: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_enhanced_event {
    pub size: u32,
    pub step: u32,
    pub client: *const patchbay_client,
    pub method: patchbay_str,
    pub data: patchbay_bytes,
    pub exchange_id: u64,
    pub re_authentication: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_enrich_event {
    pub size: u32,
    pub reserved: u32,
    pub client: *const patchbay_client,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_entry {
    pub magic: u32,
    pub size: u32,
    pub abi_major: u32,
    pub abi_minor: u32,
    pub abi_minor_min: u32,
    pub flags: u32,
    pub build: *const c_char,
    pub manifest: *const c_char,
    pub create: Option<unsafe extern "C" fn(host: *const patchbay_host, name: patchbay_str) -> *const patchbay_plugin>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_fd {
    pub size: u32,
    pub reserved: u32,
    pub watch: Option<unsafe extern "C" fn(host: *const patchbay_host, shard: u32, fd: i32, events: u32, fn_: patchbay_fd_fn, self_: *mut c_void, watch: *mut u64) -> patchbay_status>,
    pub change: Option<unsafe extern "C" fn(host: *const patchbay_host, watch: u64, events: u32) -> patchbay_status>,
    pub unwatch: Option<unsafe extern "C" fn(host: *const patchbay_host, watch: u64, done: Option<unsafe extern "C" fn(self_: *mut c_void)>, self_: *mut c_void) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_filter {
    pub size: u32,
    pub reserved: u32,
    pub topic_filters: *const patchbay_str,
    pub topic_filter_count: usize,
    pub listener_ids: *const patchbay_str,
    pub listener_id_count: usize,
    pub protocol_names: *const patchbay_str,
    pub protocol_name_count: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_grant {
    pub size: u32,
    pub superuser: u8,
    pub has_permissions: u8,
    pub reserved: [u8; 2],
    pub identity: patchbay_str,
    pub permissions: *const patchbay_permission,
    pub permission_count: usize,
    pub attributes: *const patchbay_pair,
    pub attribute_count: usize,
    pub expires_at_unix_ms: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_hook {
    pub size: u32,
    pub hook: u32,
    pub phase: u32,
    pub flags: u32,
    pub priority: i32,
    pub deadline_ms: u32,
    pub fallback: u32,
    pub overflow: u32,
    pub filter: *const patchbay_filter,
    pub self_: *mut c_void,
    pub fn_: patchbay_hook_fn,
    pub batch: patchbay_batch_fn,
    pub batch_max: u32,
    pub batch_wait_ms: u32,
    pub queue_max: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_host {
    pub size: u32,
    pub abi_major: u32,
    pub abi_minor: u32,
    pub reserved: u32,
    pub ctx: *mut c_void,
    pub get: Option<unsafe extern "C" fn(host: *const patchbay_host, interface_id: *const c_char) -> *const c_void>,
    pub add_hook: Option<unsafe extern "C" fn(host: *const patchbay_host, hook: *const patchbay_hook) -> patchbay_status>,
    pub complete: Option<unsafe extern "C" fn(host: *const patchbay_host, token: patchbay_token, verdict: *const patchbay_verdict) -> patchbay_status>,
    pub log: Option<unsafe extern "C" fn(host: *const patchbay_host, level: u32, text: patchbay_str)>,
    pub log_enabled: Option<unsafe extern "C" fn(host: *const patchbay_host, level: u32) -> u32>,
    pub now_ms: Option<unsafe extern "C" fn(host: *const patchbay_host) -> u64>,
    pub now_unix_ms: Option<unsafe extern "C" fn(host: *const patchbay_host) -> u64>,
    pub message_ref: Option<unsafe extern "C" fn(host: *const patchbay_host, message: *const patchbay_message) -> *const patchbay_message>,
    pub message_unref: Option<unsafe extern "C" fn(host: *const patchbay_host, message: *const patchbay_message)>,
    pub message_view: Option<unsafe extern "C" fn(host: *const patchbay_host, message: *const patchbay_message, view: *mut patchbay_message_view)>,
    pub message_property_at: Option<unsafe extern "C" fn(host: *const patchbay_host, message: *const patchbay_message, index: u32, property: *mut patchbay_property) -> patchbay_status>,
    pub message_create: Option<unsafe extern "C" fn(host: *const patchbay_host, base: *const patchbay_message, fields: *const patchbay_message_fields) -> *const patchbay_message>,
    pub client_view: Option<unsafe extern "C" fn(host: *const patchbay_host, client: *const patchbay_client, view: *mut patchbay_client_view)>,
    pub client_attribute_at: Option<unsafe extern "C" fn(host: *const patchbay_host, client: *const patchbay_client, index: u32, pair: *mut patchbay_pair) -> patchbay_status>,
    pub client_slot_get: Option<unsafe extern "C" fn(host: *const patchbay_host, client: *const patchbay_client) -> *mut c_void>,
    pub client_slot_set: Option<unsafe extern "C" fn(host: *const patchbay_host, client: *const patchbay_client, value: *mut c_void, destroy: Option<unsafe extern "C" fn(self_: *mut c_void, value: *mut c_void)>, self_: *mut c_void) -> patchbay_status>,
    pub scratch: Option<unsafe extern "C" fn(host: *const patchbay_host, len: usize) -> *mut c_void>,
    pub shard_count: Option<unsafe extern "C" fn(host: *const patchbay_host) -> u32>,
    pub shard_index: Option<unsafe extern "C" fn(host: *const patchbay_host) -> u32>,
    pub instance_name: Option<unsafe extern "C" fn(host: *const patchbay_host) -> patchbay_str>,
    pub instance_number: Option<unsafe extern "C" fn(host: *const patchbay_host) -> u32>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_kv {
    pub size: u32,
    pub reserved: u32,
    pub get: Option<unsafe extern "C" fn(host: *const patchbay_host, key: patchbay_str, value: *mut patchbay_writer) -> patchbay_status>,
    pub put: Option<unsafe extern "C" fn(host: *const patchbay_host, key: patchbay_str, value: patchbay_bytes) -> patchbay_status>,
    pub remove: Option<unsafe extern "C" fn(host: *const patchbay_host, key: patchbay_str) -> patchbay_status>,
    pub scan: Option<unsafe extern "C" fn(host: *const patchbay_host, prefix: patchbay_str, fn_: Option<unsafe extern "C" fn(self_: *mut c_void, key: patchbay_str, value: patchbay_bytes) -> u32>, self_: *mut c_void) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_limits {
    pub size: u32,
    pub maximum_packet_size: u32,
    pub bytes_per_s: u64,
    pub messages_per_s: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_message_fields {
    pub size: u32,
    pub present: u32,
    pub topic: patchbay_str,
    pub payload: patchbay_bytes,
    pub content_type: patchbay_str,
    pub response_topic: patchbay_str,
    pub correlation_data: patchbay_bytes,
    pub user_properties: *const patchbay_pair,
    pub user_property_count: usize,
    pub publisher_client_id: patchbay_str,
    pub message_expiry_interval_s: u32,
    pub qos: u8,
    pub retain: u8,
    pub payload_format_is_utf8: u8,
    pub reserved: u8,
    pub payload_free: Option<unsafe extern "C" fn(payload_arg: *mut c_void)>,
    pub payload_arg: *mut c_void,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_message_view {
    pub size: u32,
    pub qos: u8,
    pub retain: u8,
    pub flags: u16,
    pub topic: patchbay_str,
    pub payload: patchbay_bytes,
    pub publisher_client_id: patchbay_str,
    pub properties: patchbay_bytes,
    pub publisher_handle: u64,
    pub received_at_unix_ms: i64,
    pub has_message_expiry_interval: u32,
    pub message_expiry_interval_s: u32,
    pub origin_instance: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_metrics {
    pub size: u32,
    pub reserved: u32,
    pub declare: Option<unsafe extern "C" fn(host: *const patchbay_host, name: patchbay_str, kind: u32, help: patchbay_str, labels: *const patchbay_pair, label_count: usize, metric: *mut u32) -> patchbay_status>,
    pub add: Option<unsafe extern "C" fn(host: *const patchbay_host, metric: u32, amount: u64)>,
    pub set: Option<unsafe extern "C" fn(host: *const patchbay_host, metric: u32, value: i64)>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_migrate {
    pub size: u32,
    pub reserved: u32,
    pub migrate: Option<unsafe extern "C" fn(self_: *mut c_void, from_version: u32, settings_json: patchbay_str, out: *mut patchbay_writer, errors: *mut patchbay_writer) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_packet_event {
    pub size: u32,
    pub packet_type: u8,
    pub flags: u8,
    pub packet_id: u16,
    pub client: *const patchbay_client,
    pub topic: patchbay_str,
    pub raw: patchbay_bytes,
    pub packet_size: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_pair {
    pub name: patchbay_str,
    pub value: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_permission {
    pub size: u32,
    pub allow: u8,
    pub actions: u8,
    pub qos_mask: u8,
    pub retain: u8,
    pub topic_filter: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_plugin {
    pub size: u32,
    pub reserved: u32,
    pub self_: *mut c_void,
    pub get: Option<unsafe extern "C" fn(self_: *mut c_void, interface_id: *const c_char) -> *const c_void>,
    pub check: Option<unsafe extern "C" fn(self_: *mut c_void, settings_json: patchbay_str, errors: *mut patchbay_writer) -> patchbay_status>,
    pub configure: Option<unsafe extern "C" fn(self_: *mut c_void, settings_json: patchbay_str, errors: *mut patchbay_writer) -> patchbay_status>,
    pub start: Option<unsafe extern "C" fn(self_: *mut c_void, errors: *mut patchbay_writer) -> patchbay_status>,
    pub drain: Option<unsafe extern "C" fn(self_: *mut c_void)>,
    pub stop: Option<unsafe extern "C" fn(self_: *mut c_void)>,
    pub destroy: Option<unsafe extern "C" fn(self_: *mut c_void)>,
    pub on_cancel: Option<unsafe extern "C" fn(self_: *mut c_void, token: patchbay_token)>,
    pub health: Option<unsafe extern "C" fn(self_: *mut c_void, text: *mut patchbay_writer) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_property {
    pub size: u32,
    pub id: u32,
    pub number: u64,
    pub name: patchbay_bytes,
    pub value: patchbay_bytes,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_protocol {
    pub size: u32,
    pub reserved: u32,
    pub describe: Option<unsafe extern "C" fn(self_: *mut c_void) -> *const patchbay_protocol_description>,
    pub conn_open: Option<unsafe extern "C" fn(self_: *mut c_void, connection: *mut patchbay_connection, info: *const patchbay_connection_info) -> *mut c_void>,
    pub on_bytes: Option<unsafe extern "C" fn(state: *mut c_void, bytes: patchbay_bytes, need: *mut usize) -> usize>,
    pub on_deliver: Option<unsafe extern "C" fn(state: *mut c_void, deliveries: *const patchbay_delivery, count: usize) -> usize>,
    pub on_result: Option<unsafe extern "C" fn(state: *mut c_void, operation: u64, result: *const patchbay_result)>,
    pub on_timer: Option<unsafe extern "C" fn(state: *mut c_void)>,
    pub on_writable: Option<unsafe extern "C" fn(state: *mut c_void)>,
    pub on_kick: Option<unsafe extern "C" fn(state: *mut c_void, reason: u32)>,
    pub on_close: Option<unsafe extern "C" fn(state: *mut c_void, reason: u32)>,
    pub freeze: Option<unsafe extern "C" fn(state: *mut c_void, out: *mut patchbay_writer) -> patchbay_status>,
    pub thaw: Option<unsafe extern "C" fn(self_: *mut c_void, connection: *mut patchbay_connection, info: *const patchbay_connection_info, frozen: patchbay_bytes) -> *mut c_void>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_protocol_description {
    pub size: u32,
    pub transports: u32,
    pub id: patchbay_str,
    pub name: patchbay_str,
    pub websocket_subprotocols: *const patchbay_str,
    pub websocket_subprotocol_count: usize,
    pub alpn: *const patchbay_str,
    pub alpn_count: usize,
    pub maximum_unconsumed_bytes: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_publish {
    pub size: u32,
    pub reserved: u32,
    pub publish: Option<unsafe extern "C" fn(host: *const patchbay_host, message_ref: *const patchbay_message) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_publish_accept_event {
    pub size: u32,
    pub qos: u8,
    pub retain: u8,
    pub reserved: u16,
    pub client: *const patchbay_client,
    pub message: *const patchbay_message,
    pub topic: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_publish_rewrite_event {
    pub size: u32,
    pub qos: u8,
    pub retain: u8,
    pub reserved: u16,
    pub client: *const patchbay_client,
    pub topic: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_publish_routed_event {
    pub size: u32,
    pub receivers: u32,
    pub client: *const patchbay_client,
    pub message: *const patchbay_message,
    pub topic: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_publish_unrouted_event {
    pub size: u32,
    pub reserved: u32,
    pub client: *const patchbay_client,
    pub message: *const patchbay_message,
    pub topic: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_queue_overflow_event {
    pub size: u32,
    pub queued_messages: u32,
    pub client: *const patchbay_client,
    pub client_id: patchbay_str,
    pub message: *const patchbay_message,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_record {
    pub size: u32,
    pub hook: u32,
    pub event: *const c_void,
    pub at_unix_ms: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_registry {
    pub size: u32,
    pub reserved: u32,
    pub provide: Option<unsafe extern "C" fn(host: *const patchbay_host, service_id: patchbay_str, name: patchbay_str, revision: u32, table: *const c_void, self_: *mut c_void) -> patchbay_status>,
    pub acquire: Option<unsafe extern "C" fn(host: *const patchbay_host, service_id: patchbay_str, name: patchbay_str, minimum_revision: u32, on_up: patchbay_service_up_fn, on_down: patchbay_service_down_fn, self_: *mut c_void, lease: *mut u64) -> patchbay_status>,
    pub release: Option<unsafe extern "C" fn(host: *const patchbay_host, lease: u64, wait_for_next: u32) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_reply_fields {
    pub size: u32,
    pub reason: u8,
    pub reserved: [u8; 3],
    pub reason_string: patchbay_str,
    pub user_properties: *const patchbay_pair,
    pub user_property_count: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_reply_out_event {
    pub size: u32,
    pub packet_type: u8,
    pub reason: u8,
    pub packet_id: u16,
    pub client: *const patchbay_client,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_request {
    pub size: u32,
    pub reserved: u32,
    pub method: patchbay_str,
    pub path: patchbay_str,
    pub query: patchbay_str,
    pub user: patchbay_str,
    pub parameters: *const patchbay_pair,
    pub parameter_count: usize,
    pub body: patchbay_bytes,
    pub request: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_result {
    pub size: u32,
    pub reason: u8,
    pub session_present: u8,
    pub granted_qos: u8,
    pub reserved: u8,
    pub receivers: u32,
    pub reserved2: u32,
    pub text: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_retain_lookup_event {
    pub size: u32,
    pub reserved: u32,
    pub client: *const patchbay_client,
    pub topic_filter: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_retain_store_event {
    pub size: u32,
    pub reserved: u32,
    pub client: *const patchbay_client,
    pub message: *const patchbay_message,
    pub topic: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_retained {
    pub size: u32,
    pub reserved: u32,
    pub find: Option<unsafe extern "C" fn(host: *const patchbay_host, topic: patchbay_str, fn_: patchbay_retained_fn, self_: *mut c_void) -> patchbay_status>,
    pub match_: Option<unsafe extern "C" fn(host: *const patchbay_host, topic_filter: patchbay_str, cursor: u64, limit: u32, fn_: patchbay_retained_fn, self_: *mut c_void) -> patchbay_status>,
    pub remove: Option<unsafe extern "C" fn(host: *const patchbay_host, topic: patchbay_str) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_route_change {
    pub size: u32,
    pub added: u32,
    pub topic_filter: patchbay_str,
    pub share_name: patchbay_str,
    pub members: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_routes {
    pub size: u32,
    pub reserved: u32,
    pub add: Option<unsafe extern "C" fn(host: *const patchbay_host, method: patchbay_str, path: patchbay_str, fn_: patchbay_route_fn, self_: *mut c_void) -> patchbay_status>,
    pub respond: Option<unsafe extern "C" fn(host: *const patchbay_host, request: u64, http_status: u32, content_type: patchbay_str, body: patchbay_bytes) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_secret {
    pub size: u32,
    pub reserved: u32,
    pub resolve: Option<unsafe extern "C" fn(host: *const patchbay_host, reference: patchbay_str, fn_: patchbay_secret_fn, self_: *mut c_void) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_session_conflict_event {
    pub size: u32,
    pub reserved: u32,
    pub existing: *const patchbay_client,
    pub client: *const patchbay_client,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_session_event {
    pub size: u32,
    pub subscriptions: u32,
    pub client: *const patchbay_client,
    pub client_id: patchbay_str,
    pub reason: patchbay_str,
    pub queued_messages: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_session_fields {
    pub size: u32,
    pub present: u32,
    pub session_expiry_interval_s: u32,
    pub maximum_packet_size: u32,
    pub receive_maximum: u16,
    pub keep_alive_s: u16,
    pub moved: u8,
    pub reserved: [u8; 3],
    pub response_information: patchbay_str,
    pub server_reference: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_session_open_event {
    pub size: u32,
    pub session_expiry_interval_s: u32,
    pub client: *const patchbay_client,
    pub maximum_packet_size: u32,
    pub receive_maximum: u16,
    pub keep_alive_s: u16,
    pub clean_start: u8,
    pub reserved: [u8; 7],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_settings {
    pub size: u32,
    pub reserved: u32,
    pub current: Option<unsafe extern "C" fn(host: *const patchbay_host, json: *mut patchbay_writer) -> patchbay_status>,
    pub version: Option<unsafe extern "C" fn(host: *const patchbay_host) -> u64>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_share_member {
    pub client_id: patchbay_str,
    pub handle: u64,
    pub online: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_share_pick_event {
    pub size: u32,
    pub reserved: u32,
    pub message: *const patchbay_message,
    pub topic: patchbay_str,
    pub share_name: patchbay_str,
    pub topic_filter: patchbay_str,
    pub members: *const patchbay_share_member,
    pub member_count: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_state {
    pub size: u32,
    pub reserved: u32,
    pub export_state: Option<unsafe extern "C" fn(self_: *mut c_void, state: *mut patchbay_writer) -> patchbay_status>,
    pub import_state: Option<unsafe extern "C" fn(self_: *mut c_void, state: patchbay_bytes) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_store {
    pub size: u32,
    pub capabilities: u32,
    pub maximum_value: u64,
    pub submit: Option<unsafe extern "C" fn(self_: *mut c_void, shard: u32, operations: *const patchbay_store_operation, count: usize, wait_durable: u32, batch: u64, done: patchbay_store_done_fn, core: *mut c_void) -> patchbay_status>,
    pub load: Option<unsafe extern "C" fn(self_: *mut c_void, key: patchbay_bytes, request: u64, page: patchbay_store_page_fn, core: *mut c_void) -> patchbay_status>,
    pub scan: Option<unsafe extern "C" fn(self_: *mut c_void, filter: patchbay_bytes, cursor: u64, limit: u32, request: u64, page: patchbay_store_page_fn, core: *mut c_void) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_store_operation {
    pub size: u32,
    pub kind: u32,
    pub key: patchbay_bytes,
    pub value: patchbay_bytes,
    pub sequence: u64,
    pub expires_at_unix_ms: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_str {
    pub ptr: *const c_char,
    pub len: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_stream_events {
    pub size: u32,
    pub reserved: u32,
    pub on_connected: Option<unsafe extern "C" fn(self_: *mut c_void, stream: *mut patchbay_stream)>,
    pub on_bytes: Option<unsafe extern "C" fn(self_: *mut c_void, bytes: patchbay_bytes, need: *mut usize) -> usize>,
    pub on_writable: Option<unsafe extern "C" fn(self_: *mut c_void)>,
    pub on_closed: Option<unsafe extern "C" fn(self_: *mut c_void, text: patchbay_str)>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_stream_target {
    pub size: u32,
    pub transport: u32,
    pub host: patchbay_str,
    pub server_name: patchbay_str,
    pub ca_file: patchbay_str,
    pub port: u16,
    pub insecure: u8,
    pub reserved: u8,
    pub connect_timeout_ms: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_subscribe {
    pub size: u32,
    pub reserved: u32,
    pub subscribe: Option<unsafe extern "C" fn(host: *const patchbay_host, topic_filter: patchbay_str, maximum_qos: u32, fn_: patchbay_delivery_fn, self_: *mut c_void, subscription: *mut u64) -> patchbay_status>,
    pub unsubscribe: Option<unsafe extern "C" fn(host: *const patchbay_host, subscription: u64, done: Option<unsafe extern "C" fn(self_: *mut c_void)>, self_: *mut c_void) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_subscribe_rewrite_event {
    pub size: u32,
    pub qos: u8,
    pub no_local: u8,
    pub retain_as_published: u8,
    pub retain_handling: u8,
    pub client: *const patchbay_client,
    pub topic_filter: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_subscription {
    pub size: u32,
    pub qos: u8,
    pub no_local: u8,
    pub retain_as_published: u8,
    pub retain_handling: u8,
    pub topic_filter: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_subscription_event {
    pub size: u32,
    pub granted_qos: u8,
    pub reason: u8,
    pub is_new: u8,
    pub reserved: u8,
    pub client: *const patchbay_client,
    pub topic_filter: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_thread {
    pub size: u32,
    pub reserved: u32,
    pub start: Option<unsafe extern "C" fn(host: *const patchbay_host, name: patchbay_str, fn_: Option<unsafe extern "C" fn(self_: *mut c_void)>, self_: *mut c_void, thread: *mut u64) -> patchbay_status>,
    pub stop_requested: Option<unsafe extern "C" fn(host: *const patchbay_host, thread: u64) -> u32>,
    pub join: Option<unsafe extern "C" fn(host: *const patchbay_host, thread: u64) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_thread_check {
    pub size: u32,
    pub reserved: u32,
    pub kind: Option<unsafe extern "C" fn(host: *const patchbay_host) -> u32>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_timer {
    pub size: u32,
    pub reserved: u32,
    pub set: Option<unsafe extern "C" fn(host: *const patchbay_host, delay_ms: u64, period_ms: u64, fn_: Option<unsafe extern "C" fn(self_: *mut c_void, timer: u64)>, self_: *mut c_void, timer: *mut u64) -> patchbay_status>,
    pub cancel: Option<unsafe extern "C" fn(host: *const patchbay_host, timer: u64) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_token {
    pub id: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_transport {
    pub size: u32,
    pub reserved: u32,
    pub open: Option<unsafe extern "C" fn(host: *const patchbay_host, shard: u32, target: *const patchbay_stream_target, events: *const patchbay_stream_events, self_: *mut c_void) -> patchbay_status>,
    pub write: Option<unsafe extern "C" fn(stream: *mut patchbay_stream, spans: *const patchbay_bytes, count: usize) -> patchbay_status>,
    pub close: Option<unsafe extern "C" fn(stream: *mut patchbay_stream) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_unsubscribe_rewrite_event {
    pub size: u32,
    pub reserved: u32,
    pub client: *const patchbay_client,
    pub topic_filter: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_verdict {
    pub kind: u8,
    pub reason: u8,
    pub flags: u16,
    pub reserved: u32,
    pub arg: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_will_publish_event {
    pub size: u32,
    pub reserved: u32,
    pub client: *const patchbay_client,
    pub message: *const patchbay_message,
    pub topic: patchbay_str,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_worker {
    pub size: u32,
    pub reserved: u32,
    pub run: Option<unsafe extern "C" fn(host: *const patchbay_host, fn_: Option<unsafe extern "C" fn(self_: *mut c_void)>, self_: *mut c_void) -> patchbay_status>,
    pub post: Option<unsafe extern "C" fn(host: *const patchbay_host, shard: u32, fn_: Option<unsafe extern "C" fn(self_: *mut c_void)>, self_: *mut c_void) -> patchbay_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct patchbay_writer {
    pub size: u32,
    pub reserved: u32,
    pub ctx: *mut c_void,
    pub write: Option<unsafe extern "C" fn(writer: *mut patchbay_writer, data: *const c_void, len: usize) -> patchbay_status>,
}
