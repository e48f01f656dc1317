/* SPDX-License-Identifier: Apache-2.0
 * Timers. They run on the shard that set them, or on a worker when set elsewhere. */
#ifndef PATCHBAY_TIMER_H
#define PATCHBAY_TIMER_H

#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PATCHBAY_TIMER_1 "patchbay.timer/1"

typedef struct patchbay_timer {
  uint32_t size;
  uint32_t reserved;
  /* Calls `fn` after `delay_ms`, and again each `period_ms` (0: once). Set on a shard: called there [shard]; set
   * elsewhere: [worker], calls of one timer don't overlap. Resolution 16 ms. OK, BUSY (plugins.max_timers), CLOSED.
   * [any-thread] */
  patchbay_status (*set)(const patchbay_host* host, uint64_t delay_ms, uint64_t period_ms,
                         void (*fn)(void* self, uint64_t timer), void* self, uint64_t* timer);
  /* Cancels. When called on the timer's own shard: no call will come. Elsewhere one may be running; stop() waits for
   * it. OK, NOT_FOUND (ran, or cancelled before). [any-thread] */
  patchbay_status (*cancel)(const patchbay_host* host, uint64_t timer);
} patchbay_timer;

#ifdef __cplusplus
}
#endif
#endif
