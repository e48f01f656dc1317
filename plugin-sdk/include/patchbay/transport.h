/* SPDX-License-Identifier: Apache-2.0
 * Outgoing connections on the core's loops, for bridges, sinks and clients of back ends: TCP, TLS and UDP. Permission:
 * "transport.outgoing". Hosts before 0.2 don't offer it: name it in the manifest's `wants` to run there too. */
#ifndef PATCHBAY_TRANSPORT_H
#define PATCHBAY_TRANSPORT_H

#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PATCHBAY_TRANSPORT_1 "patchbay.transport/1"

typedef struct patchbay_stream patchbay_stream; /* of the host; valid until on_closed() has returned */

typedef struct patchbay_stream_events {
  uint32_t size;
  uint32_t reserved;
  void (*on_connected)(void* self, patchbay_stream* stream);
  /* As patchbay_protocol.on_bytes. */
  size_t (*on_bytes)(void* self, patchbay_bytes bytes, size_t* need);
  void (*on_writable)(void* self);
  /* The last call. `text`: why. */
  void (*on_closed)(void* self, patchbay_str text);
} patchbay_stream_events;

typedef struct patchbay_stream_target {
  uint32_t size;
  uint32_t transport;       /* PATCHBAY_TRANSPORT_TCP, _TLS or _UDP of protocol.h */
  patchbay_str host;        /* name or address; names are resolved on a worker */
  patchbay_str server_name; /* TLS: SNI and the name that is verified; empty: host */
  patchbay_str ca_file;     /* TLS: empty: the system's */
  uint16_t port;
  uint8_t insecure; /* TLS: 1: don't verify. Only where the operator set it */
  uint8_t reserved;
  uint32_t connect_timeout_ms; /* 0: 10,000 */
} patchbay_stream_target;

typedef struct patchbay_transport {
  uint32_t size;
  uint32_t reserved;
  /* Opens a stream (or a connected UDP socket) on a shard; all its events come there [shard]. OK: on_connected() or
   * on_closed() will come; INVALID, BUSY (plugins.max_streams), CLOSED. [any-thread] */
  patchbay_status (*open)(const patchbay_host* host, uint32_t shard, const patchbay_stream_target* target,
                          const patchbay_stream_events* events, void* self);
  /* As in patchbay_broker_client. [shard] */
  patchbay_status (*write)(patchbay_stream* stream, const patchbay_bytes* spans, size_t count);
  patchbay_status (*close)(patchbay_stream* stream);
} patchbay_transport;

#ifdef __cplusplus
}
#endif
#endif
