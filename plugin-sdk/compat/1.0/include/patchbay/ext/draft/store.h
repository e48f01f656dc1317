/* SPDX-License-Identifier: Apache-2.0
 * DRAFT: may change in any release; a plugin that provides it loads only where the operator has set allow_draft = true.
 * Durable stores. A store provides any of four roles: sessions, queues, messages, retained. Operations come in batches
 * from one shard, are applied in order, and a later batch is never durable before an earlier one of the same shard. */
#ifndef PATCHBAY_EXT_DRAFT_STORE_H
#define PATCHBAY_EXT_DRAFT_STORE_H

#include "patchbay/message.h"
#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PATCHBAY_STORE_SESSION_DRAFT_1 "patchbay.draft.store.session/1"
#define PATCHBAY_STORE_QUEUE_DRAFT_1 "patchbay.draft.store.queue/1"
#define PATCHBAY_STORE_MESSAGE_DRAFT_1 "patchbay.draft.store.message/1"
#define PATCHBAY_STORE_RETAINED_DRAFT_1 "patchbay.draft.store.retained/1"

/* Capabilities, bits. */
#define PATCHBAY_STORE_TRANSACTIONS 1u
#define PATCHBAY_STORE_PREFIX_SCAN 2u
#define PATCHBAY_STORE_TIME_TO_LIVE 4u
#define PATCHBAY_STORE_SHARED 8u /* several nodes see the same data */

#define PATCHBAY_STORE_PUT 1u
#define PATCHBAY_STORE_REMOVE 2u
#define PATCHBAY_STORE_APPEND 3u /* queues: at the end of `key`'s log */
#define PATCHBAY_STORE_TRIM 4u   /* queues: entries up to `sequence` */

typedef struct patchbay_store_operation {
  uint32_t size;
  uint32_t kind;
  patchbay_bytes key;          /* client id, topic, message number */
  patchbay_bytes value;        /* encoded by the core; the store doesn't look into it */
  uint64_t sequence;           /* queues */
  uint64_t expires_at_unix_ms; /* 0: never */
} patchbay_store_operation;

/* Tells the core what became of a batch: one status for each operation; `durable` is 1 when all that succeeded survives
 * a crash. */
typedef void (*patchbay_store_done_fn)(void* core, uint64_t batch, const patchbay_status* statuses, size_t count,
                                       uint32_t durable);

/* A page of a scan. `cursor` 0: the last one. */
typedef void (*patchbay_store_page_fn)(void* core, uint64_t request, patchbay_status status,
                                       const patchbay_store_operation* records, size_t count, uint64_t cursor);

/* The same table for each of the four roles. */
typedef struct patchbay_store {
  uint32_t size;
  uint32_t capabilities;
  uint64_t maximum_value;
  /* Takes a batch; everything is copied before it returns. `done` comes once, from any thread. OK; BUSY: try again
   * after done. [shard] */
  patchbay_status (*submit)(void* self, uint32_t shard, const patchbay_store_operation* operations, size_t count,
                            uint32_t wait_durable, uint64_t batch, patchbay_store_done_fn done, void* core);
  /* Reads one key. [shard] */
  patchbay_status (*load)(void* self, patchbay_bytes key, uint64_t request, patchbay_store_page_fn page, void* core);
  /* Reads from `cursor` on; for retained messages `filter` is a topic filter, otherwise a prefix. [any-thread] */
  patchbay_status (*scan)(void* self, patchbay_bytes filter, uint64_t cursor, uint32_t limit, uint64_t request,
                          patchbay_store_page_fn page, void* core);
} patchbay_store;

#ifdef __cplusplus
}
#endif
#endif
