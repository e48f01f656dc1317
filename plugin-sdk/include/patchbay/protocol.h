/* SPDX-License-Identifier: Apache-2.0
 * Protocols by plugin. The core supplies sockets, TLS, WebSocket, UDP, timers, the access chain and the session; the
 * plugin turns bytes into client operations and deliveries into bytes. Permission: "protocol".
 *
 * All calls about one connection happen on its shard, one at a time, and none nests in another: what the plugin asks
 * for inside a call is answered after that call has returned. A connection may move to another shard once, at
 * client_connect(): shard_index() may differ afterwards. */
#ifndef PATCHBAY_PROTOCOL_H
#define PATCHBAY_PROTOCOL_H

#include "patchbay/client.h"
#include "patchbay/message.h"
#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct patchbay_connection
    patchbay_connection; /* of the host; valid from conn_open() until on_close() has returned */

/* What ended, or is to end, a connection. A plugin treats unknown values as CLOSE_ERROR. */
#define PATCHBAY_CLOSE_PEER 0u     /* the peer has closed, or the network failed */
#define PATCHBAY_CLOSE_PROTOCOL 1u /* the peer broke the protocol */
#define PATCHBAY_CLOSE_KICKED 2u   /* an operator or a plugin disconnected it */
#define PATCHBAY_CLOSE_TAKEN_OVER 3u
#define PATCHBAY_CLOSE_SHUTDOWN 4u /* the node stops */
#define PATCHBAY_CLOSE_UNLOAD 5u   /* the protocol's plugin goes */
#define PATCHBAY_CLOSE_TIMEOUT 6u  /* keep alive, or idle */
#define PATCHBAY_CLOSE_LIMIT 7u    /* a named limit */
#define PATCHBAY_CLOSE_NORMAL 8u   /* asked for by the plugin itself */
#define PATCHBAY_CLOSE_ERROR 9u

/* Bits of patchbay_protocol_description.transports and patchbay_connection_info.transport. */
#define PATCHBAY_TRANSPORT_TCP 1u
#define PATCHBAY_TRANSPORT_TLS 2u
#define PATCHBAY_TRANSPORT_WS 4u
#define PATCHBAY_TRANSPORT_WSS 8u
#define PATCHBAY_TRANSPORT_UDP 16u
#define PATCHBAY_TRANSPORT_DTLS 32u

typedef struct patchbay_protocol_description {
  uint32_t size;
  uint32_t transports;
  patchbay_str id;   /* "stomp": as in listeners.<transport>.<name>.protocol */
  patchbay_str name; /* "STOMP": as shown for clients */
  const patchbay_str* websocket_subprotocols;
  size_t websocket_subprotocol_count;
  const patchbay_str* alpn;
  size_t alpn_count;
  uint32_t
      maximum_unconsumed_bytes; /* bytes the host keeps while on_bytes() waits for more; beyond: closed, CLOSE_LIMIT */
  uint32_t reserved;
} patchbay_protocol_description;

/* Views live during conn_open(). */
typedef struct patchbay_connection_info {
  uint32_t size;
  uint32_t transport;
  patchbay_str listener_id;
  uint8_t peer_address[16];
  uint16_t peer_port;
  uint16_t reserved[3];
  patchbay_str certificate_common_name;
  patchbay_str certificate_subject;
  patchbay_str websocket_subprotocol;
} patchbay_connection_info;

/* A message for the client. */
typedef struct patchbay_delivery {
  uint32_t size;
  uint8_t qos;
  uint8_t retain;
  uint8_t redelivered;
  uint8_t reserved;
  uint64_t delivery;                /* names it for ack(); 0: QoS 0 */
  const patchbay_message* message;  /* borrowed during on_deliver() */
  const uint32_t* subscription_ids; /* of the subscriptions that matched, where they have one; borrowed likewise */
  size_t subscription_id_count;     /* 0: none has, as those that an operator makes for a client */
} patchbay_delivery;

/* What became of an operation. `reason`: an MQTT 5 reason code; below 0x80 is success. */
typedef struct patchbay_result {
  uint32_t size;
  uint8_t reason;
  uint8_t session_present; /* connect */
  uint8_t granted_qos;     /* subscribe */
  uint8_t reserved;
  uint32_t receivers; /* publish: how many sessions got it on this node */
  uint32_t reserved2;
  patchbay_str text; /* connect: the assigned client id; failures: a sentence, perhaps empty */
} patchbay_result;

#define PATCHBAY_PROTOCOL_1 "patchbay.protocol/1"

/* Provided by the plugin through patchbay_plugin.get(). */
typedef struct patchbay_protocol {
  uint32_t size;
  uint32_t reserved;
  /* Constant. [control] */
  const patchbay_protocol_description* (*describe)(void* self);
  /* A new connection, or a datagram association (a peer address). Returns the state for all further calls; null:
   * refuse. [shard] */
  void* (*conn_open)(void* self, patchbay_connection* connection, const patchbay_connection_info* info);
  /* Bytes: what was not consumed before, then what is new. Returns how many were consumed; `*need`: how many (from the
   * first that was not consumed) must be there before another call makes sense, 0: any. For datagrams: one whole
   * datagram, always consumed. [shard] */
  size_t (*on_bytes)(void* state, patchbay_bytes bytes, size_t* need);
  /* Deliveries in order; returns how many were taken. Those that were not come again after on_writable() or credit().
   * [shard] */
  size_t (*on_deliver)(void* state, const patchbay_delivery* deliveries, size_t count);
  /* The outcome of the operation that was started with `operation`. [shard] */
  void (*on_result)(void* state, uint64_t operation, const patchbay_result* result);
  /* The connection's timer. [shard] */
  void (*on_timer)(void* state);
  /* There is room again after write() said BUSY. [shard] */
  void (*on_writable)(void* state);
  /* The client is to go: say goodbye in the protocol's way and call close(). Closed anyway after 1 s. [shard] */
  void (*on_kick)(void* state, uint32_t reason);
  /* It is closed; frees `state`: the last call. [shard] */
  void (*on_close)(void* state, uint32_t reason);
  /* For a hot upgrade: writes what thaw() of the next version needs to go on with this connection. When that has taken
   * it over, the old state gets on_close(PATCHBAY_CLOSE_UNLOAD); when not, it goes on until its version is drained.
   * Optional. [shard] */
  patchbay_status (*freeze)(void* state, patchbay_writer* out);
  /* Takes a connection over; returns its state, null: can't, the connection is closed. Optional. [shard] */
  void* (*thaw)(void* self, patchbay_connection* connection, const patchbay_connection_info* info,
                patchbay_bytes frozen);
} patchbay_protocol;

/* CONNECT in any protocol. Everything is copied. */
typedef struct patchbay_connect {
  uint32_t size;
  uint16_t keep_alive_s; /* the host closes after 1.5 times without bytes; 0: never */
  uint8_t clean_start;
  uint8_t has_password;
  patchbay_str client_id; /* empty: assigned by the host */
  patchbay_str username;
  patchbay_bytes password;
  uint32_t session_expiry_interval_s;
  uint32_t protocol_version; /* shown for the client */
  uint32_t receive_maximum;  /* 0: 65,535; see credit() */
  uint32_t reserved;
  const patchbay_message* will_ref; /* null: none; the share is taken over whatever the status */
  uint32_t will_delay_interval_s;
  uint32_t reserved2;
} patchbay_connect;

#define PATCHBAY_BROKER_CLIENT_1 "patchbay.broker_client/1"

/* Offered by the host for each connection; all [shard], for a connection of this instance. Operations answer by
 * on_result() with the number given as `operation`. */
typedef struct patchbay_broker_client {
  uint32_t size;
  uint32_t reserved;
  /* The whole access chain, take-over, session. Once for a connection. OK: on_result() will come; INVALID, CLOSED. */
  patchbay_status (*client_connect)(patchbay_connection* connection, const patchbay_connect* connect,
                                    uint64_t operation);
  /* After a successful connect. Checks, hooks and routing as for MQTT. Takes the share over. At QoS 0 there is an
   * on_result() too. */
  patchbay_status (*publish)(patchbay_connection* connection, const patchbay_message* message_ref, uint64_t operation);
  /* `subscription_id` (1 to 268,435,455, 0: none) comes back with deliveries. */
  patchbay_status (*subscribe)(patchbay_connection* connection, patchbay_str topic_filter, uint8_t maximum_qos,
                               uint8_t no_local, uint32_t subscription_id, uint64_t operation);
  patchbay_status (*unsubscribe)(patchbay_connection* connection, patchbay_str topic_filter, uint64_t operation);
  /* The client has a delivery; a `reason` of 0x80 and above: refused, it isn't sent again. OK, NOT_FOUND. */
  patchbay_status (*ack)(patchbay_connection* connection, uint64_t delivery, uint8_t reason);
  /* How many deliveries may be on their way unacknowledged, QoS 0 not counted; 0 stops QoS 1 and 2. OK. */
  patchbay_status (*credit)(patchbay_connection* connection, uint32_t receive_maximum);
  /* Ends the session's connection in order: without the will unless `with_will` is 1. close() follows by the plugin.
   * OK. */
  patchbay_status (*disconnect)(patchbay_connection* connection, uint8_t with_will);
  /* Queues a copy of the spans, written together at the end of the turn; what is large (4 KiB) may leave at once and
   * without the copy. A datagram: one call is one datagram. OK; BUSY: queued, but wait for on_writable() before more;
   * CLOSED; TOO_LARGE (above the connection's bound: it is closed). */
  patchbay_status (*write)(patchbay_connection* connection, const patchbay_bytes* spans, size_t count);
  /* Queues a part of a message's payload without copying it; the host holds a share meanwhile. As write(). */
  patchbay_status (*write_payload)(patchbay_connection* connection, const patchbay_message* message, size_t offset,
                                   size_t len);
  /* Stops and goes on with reading. OK. */
  patchbay_status (*pause_read)(patchbay_connection* connection);
  patchbay_status (*resume_read)(patchbay_connection* connection);
  /* One timer for a connection; 0 cancels. OK. */
  patchbay_status (*timer_set)(patchbay_connection* connection, uint64_t delay_ms);
  /* Writes what is queued, then closes. on_close() comes later, never from within. OK. */
  patchbay_status (*close)(patchbay_connection* connection, uint32_t reason);
  /* The client as hooks see it; null before connect has succeeded. Borrowed during the call. */
  const patchbay_client* (*client)(patchbay_connection* connection);
} patchbay_broker_client;

#ifdef __cplusplus
}
#endif
#endif
