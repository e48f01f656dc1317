/* SPDX-License-Identifier: Apache-2.0
 * Retained messages. Permission: "retained". */
#ifndef PATCHBAY_RETAINED_H
#define PATCHBAY_RETAINED_H

#include "patchbay/message.h"
#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PATCHBAY_RETAINED_1 "patchbay.retained/1"

/* Borrowed messages; `cursor` as in clients.h. [worker] */
typedef void (*patchbay_retained_fn)(void* self, patchbay_status status, const patchbay_message* const* messages,
                                     size_t count, uint64_t cursor);

typedef struct patchbay_retained {
  uint32_t size;
  uint32_t reserved;
  /* The retained message of a topic; none: NOT_FOUND by the callback. OK, INVALID, CLOSED. [any-thread] */
  patchbay_status (*find)(const patchbay_host* host, patchbay_str topic, patchbay_retained_fn fn, void* self);
  /* A page of those that match a filter; at most 1,000. OK, INVALID, CLOSED, BUSY. [any-thread] */
  patchbay_status (*match)(const patchbay_host* host, patchbay_str topic_filter, uint64_t cursor, uint32_t limit,
                           patchbay_retained_fn fn, void* self);
  /* Removes without telling subscribers. To set one, publish with the retain flag. OK: asked; INVALID, CLOSED.
   * [any-thread] */
  patchbay_status (*remove)(const patchbay_host* host, patchbay_str topic);
} patchbay_retained;

#ifdef __cplusplus
}
#endif
#endif
