/* SPDX-License-Identifier: Apache-2.0
 * DRAFT: may change in any release; see store.h. Distribution over nodes, provided by one plugin. Every change of
 * routes carries the epoch of its node, so that late ones do no harm. */
#ifndef PATCHBAY_EXT_DRAFT_CLUSTER_H
#define PATCHBAY_EXT_DRAFT_CLUSTER_H

#include "patchbay/message.h"
#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PATCHBAY_CLUSTER_DRAFT_1 "patchbay.draft.cluster/1"
#define PATCHBAY_CLUSTER_HOST_DRAFT_1 "patchbay.draft.cluster_host/1"

/* A filter that has (added 1) or has no more (0) subscribers on a node. Shared groups carry their name and member
 * count. */
typedef struct patchbay_route_change {
  uint32_t size;
  uint32_t added;
  patchbay_str topic_filter;
  patchbay_str share_name; /* empty: not shared */
  uint32_t members;
  uint32_t reserved;
} patchbay_route_change;

/* Provided by the plugin. */
typedef struct patchbay_cluster {
  uint32_t size;
  uint32_t reserved;
  /* Local routes changed; copied. `snapshot` 1: these are all of them. [any-thread] */
  void (*routes_changed)(void* self, uint64_t epoch, uint32_t snapshot, const patchbay_route_change* changes,
                         size_t count);
  /* Moves messages to a node; the core has decided already. The shares are taken over. OK; BUSY: the core slows
   * publishers. [shard] */
  patchbay_status (*forward)(void* self, patchbay_str node, const patchbay_message* const* message_refs, size_t count);
  /* Who owns this client id? Answered by claim_done of the host. [shard] */
  patchbay_status (*claim)(void* self, patchbay_str client_id, patchbay_token token);
} patchbay_cluster;

/* Offered by the host. */
typedef struct patchbay_cluster_host {
  uint32_t size;
  uint32_t reserved;
  patchbay_status (*node_up)(const patchbay_host* host, patchbay_str node, uint64_t epoch);   /* [any-thread] */
  patchbay_status (*node_down)(const patchbay_host* host, patchbay_str node, uint64_t epoch); /* [any-thread] */
  /* Routes of another node. OK, STALE (an older epoch). [any-thread] */
  patchbay_status (*routes_apply)(const patchbay_host* host, patchbay_str node, uint64_t epoch, uint32_t snapshot,
                                  const patchbay_route_change* changes, size_t count);
  /* Messages from another node for this one's subscribers; shares are taken over. OK, BUSY. [any-thread] */
  patchbay_status (*deliver)(const patchbay_host* host, const patchbay_message* const* message_refs, size_t count);
  /* The session of this client id now lives on another node: disconnect it here. [any-thread] */
  patchbay_status (*takeover)(const patchbay_host* host, patchbay_str client_id);
  /* For readiness and dashboards. [any-thread] */
  patchbay_status (*state)(const patchbay_host* host, patchbay_str leader, uint32_t has_quorum);
} patchbay_cluster_host;

#ifdef __cplusplus
}
#endif
#endif
