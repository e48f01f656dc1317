/* SPDX-License-Identifier: Apache-2.0
 * Clients of this node: look up, page, disconnect, attributes, cached decisions. Permission: "clients". Answers come by
 * callback, because clients belong to shards. */
#ifndef PATCHBAY_CLIENTS_H
#define PATCHBAY_CLIENTS_H

#include "patchbay/client.h"
#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PATCHBAY_CLIENTS_1 "patchbay.clients/1"

/* `count` clients, valid during the call. `cursor` is for the next page; 0: that was the last one. Called once.
 * [worker] */
typedef void (*patchbay_clients_fn)(void* self, patchbay_status status, const patchbay_client* const* clients,
                                    size_t count, uint64_t cursor);

typedef struct patchbay_clients {
  uint32_t size;
  uint32_t reserved;
  /* The client with this id, connected or not. NOT_FOUND comes by the callback. OK, CLOSED, BUSY. [any-thread] */
  patchbay_status (*find)(const patchbay_host* host, patchbay_str client_id, patchbay_clients_fn fn, void* self);
  /* A page of at most `limit` (at most 1,000) connected clients from `cursor` (0: the beginning). Clients that come and
   * go meanwhile may be missed or not; nobody comes twice. Also how a plugin that starts late learns of those who are
   * there. OK, CLOSED, BUSY. [any-thread] */
  patchbay_status (*page)(const patchbay_host* host, uint64_t cursor, uint32_t limit, patchbay_clients_fn fn,
                          void* self);
  /* Disconnects; `reason` is an MQTT 5 reason code of DISCONNECT, 0: 0x98 administrative action. OK: asked; CLOSED,
   * BUSY. [any-thread] */
  patchbay_status (*disconnect)(const patchbay_host* host, patchbay_str client_id, uint8_t reason);
  /* Sets (or with an empty value removes) attributes that rules, templates and hooks can read. OK: asked; INVALID,
   * CLOSED. [any-thread] */
  patchbay_status (*set_attributes)(const patchbay_host* host, patchbay_str client_id, const patchbay_pair* attributes,
                                    size_t count);
  /* Forgets cached decisions: of a client id, of a user name, or of everybody when both are empty. OK. [any-thread] */
  patchbay_status (*invalidate_acl)(const patchbay_host* host, patchbay_str client_id, patchbay_str username);
} patchbay_clients;

#ifdef __cplusplus
}
#endif
#endif
