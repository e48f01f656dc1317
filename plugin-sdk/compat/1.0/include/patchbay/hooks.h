/* SPDX-License-Identifier: Apache-2.0
 * Registering hooks. The points are listed in hooks.def, what they show and take in events.h. */
#ifndef PATCHBAY_HOOKS_H
#define PATCHBAY_HOOKS_H

#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* PATCHBAY_HOOK_publish_accept and so on: the numbers of the table. */
enum {
#define PATCHBAY_HOOK(number, identifier, name, layer, kinds, heat, may_defer, deadline_ms, fallback, since, event, \
                      core_event)                                                                                   \
  PATCHBAY_HOOK_##identifier = number,
#include "patchbay/hooks.def"
  PATCHBAY_HOOK_NONE = 0
};

/* Phases: who decides sees what the client sent, who observes sees what became of it. Points of kind P take DECIDE. */
#define PATCHBAY_PHASE_DECIDE 0u
#define PATCHBAY_PHASE_TRANSFORM 1u
#define PATCHBAY_PHASE_OBSERVE 2u

/* What counts when an answer is late. The operator owns it; a plugin proposes. */
#define PATCHBAY_FALLBACK_DEFAULT 0u /* the table's */
#define PATCHBAY_FALLBACK_DENY 1u
#define PATCHBAY_FALLBACK_ALLOW 2u
#define PATCHBAY_FALLBACK_NEXT 3u

/* Bits of patchbay_hook.flags. */
#define PATCHBAY_HOOK_INLINE 1u       /* observe on the shard itself; budget 2 us; only for counters and the like */
#define PATCHBAY_HOOK_SHADOW 2u       /* the verdict is recorded and compared, not used */
#define PATCHBAY_HOOK_OWN_MESSAGES 4u /* also for messages that this instance published */

/* What happens when the queue of a batch observer is full. */
#define PATCHBAY_OVERFLOW_DROP_OLDEST 0u
#define PATCHBAY_OVERFLOW_DROP_NEWEST 1u
#define PATCHBAY_OVERFLOW_BACK_PRESSURE 2u /* publishers are slowed, and an alarm says why */

/* What the hook wants to see, evaluated by the core: what passes by costs the plugin nothing. An empty list means
 * everything. */
typedef struct patchbay_filter {
  uint32_t size;
  uint32_t reserved;
  const patchbay_str* topic_filters;
  size_t topic_filter_count;
  const patchbay_str* listener_ids;
  size_t listener_id_count;
  const patchbay_str* protocol_names;
  size_t protocol_name_count;
} patchbay_filter;

/* A hook. `event` points to the struct that belongs to the point, its first field is its size; everything in it is a
 * view that dies with the call. Must not let an exception out. [shard], or [worker] when the manifest says "execution":
 * "worker"; points of the control plane: [control]. */
typedef patchbay_verdict (*patchbay_hook_fn)(void* self, const void* event, patchbay_token token);

/* One entry of a batch. `event` is as for patchbay_hook_fn; its views live during the call of the batch. */
typedef struct patchbay_record {
  uint32_t size;
  uint32_t hook;
  const void* event;
  uint64_t at_unix_ms;
} patchbay_record;

/* An observer that gets its events in batches. May block: a slow one fills its own queue and nothing else. Calls for
 * one hook of an instance don't overlap; events of one client are in order. [worker] */
typedef void (*patchbay_batch_fn)(void* self, const patchbay_record* records, size_t count);

typedef struct patchbay_hook {
  uint32_t size;
  uint32_t hook;  /* PATCHBAY_HOOK_... */
  uint32_t phase; /* PATCHBAY_PHASE_... */
  uint32_t flags;
  int32_t priority;     /* lower runs first; the operator's list and before/after in the manifest come first */
  uint32_t deadline_ms; /* 0: the table's */
  uint32_t fallback;
  uint32_t overflow;
  const patchbay_filter* filter; /* null: everything. acl.deliver and deliver.before need topic filters */
  void* self;
  patchbay_hook_fn fn;     /* null for batch observers */
  patchbay_batch_fn batch; /* observers only: fn or batch, not both */
  uint32_t batch_max;      /* most events for a call; 0: 256 */
  uint32_t batch_wait_ms;  /* longest wait for more; 0: 50 */
  uint32_t queue_max;      /* events that may wait; 0: 10,000 */
  uint32_t reserved;
} patchbay_hook;

#ifdef __cplusplus
}
#endif
#endif
