/* SPDX-License-Identifier: Apache-2.0
 * Work that may block, ways back to a shard, and threads. A plugin starts no thread by itself: the host couldn't know
 * when its code may be unmapped. */
#ifndef PATCHBAY_WORKER_H
#define PATCHBAY_WORKER_H

#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PATCHBAY_WORKER_1 "patchbay.worker/1"

typedef struct patchbay_worker {
  uint32_t size;
  uint32_t reserved;
  /* Runs `fn` on a worker of the host's pool. It is called exactly once, also while draining; stop() waits for it. OK,
   * BUSY (plugins.max_pending_work), CLOSED (stopping). [any-thread] */
  patchbay_status (*run)(const patchbay_host* host, void (*fn)(void* self), void* self);
  /* Runs `fn` on a shard, as a turn of its own. OK, INVALID (no such shard), CLOSED. [any-thread] */
  patchbay_status (*post)(const patchbay_host* host, uint32_t shard, void (*fn)(void* self), void* self);
} patchbay_worker;

#define PATCHBAY_THREAD_1 "patchbay.thread/1"

typedef struct patchbay_thread {
  uint32_t size;
  uint32_t reserved;
  /* Starts a thread of the host that runs `fn` once. `name` (at most 15 bytes) is shown with the instance's. `fn` must
   * return soon after stop_requested() has become 1. The host joins it after stop(). OK, BUSY (plugins.max_threads),
   * CLOSED. [control], [worker] */
  patchbay_status (*start)(const patchbay_host* host, patchbay_str name, void (*fn)(void* self), void* self,
                           uint64_t* thread);
  /* 1 from the moment that the instance is to stop, or join() was called for this thread. [any-thread] */
  uint32_t (*stop_requested)(const patchbay_host* host, uint64_t thread);
  /* Asks the thread to stop and waits for its end. OK, NOT_FOUND, WRONG_THREAD (itself, or a shard). [control],
   * [worker] */
  patchbay_status (*join)(const patchbay_host* host, uint64_t thread);
} patchbay_thread;

#define PATCHBAY_FD_1 "patchbay.fd/1"

#define PATCHBAY_FD_READ 1u
#define PATCHBAY_FD_WRITE 2u
#define PATCHBAY_FD_ERROR 4u /* error or hang-up; always reported */

/* `events`: bits above. Called on the shard of the watch. [shard] */
typedef void (*patchbay_fd_fn)(void* self, uint64_t watch, int32_t fd, uint32_t events);

typedef struct patchbay_fd {
  uint32_t size;
  uint32_t reserved;
  /* Watches a descriptor of the plugin on a shard, level-triggered; for libcurl multi, libpq, hiredis. The plugin keeps
   * the descriptor open while the watch lives. OK, INVALID, BUSY (plugins.max_fd_watches), CLOSED. [any-thread] */
  patchbay_status (*watch)(const patchbay_host* host, uint32_t shard, int32_t fd, uint32_t events, patchbay_fd_fn fn,
                           void* self, uint64_t* watch);
  /* Changes the events; 0: none for now. OK, NOT_FOUND. [any-thread] */
  patchbay_status (*change)(const patchbay_host* host, uint64_t watch, uint32_t events);
  /* Ends the watch. On its shard: no call will come, and the descriptor may be closed at once. Elsewhere: close it in
   * `done`, which runs on the shard. OK, NOT_FOUND. [any-thread] */
  patchbay_status (*unwatch)(const patchbay_host* host, uint64_t watch, void (*done)(void* self), void* self);
} patchbay_fd;

#define PATCHBAY_THREAD_CHECK_1 "patchbay.thread_check/1"

#define PATCHBAY_THREAD_OTHER 0u
#define PATCHBAY_THREAD_SHARD 1u
#define PATCHBAY_THREAD_CONTROL 2u
#define PATCHBAY_THREAD_WORKER 3u

typedef struct patchbay_thread_check {
  uint32_t size;
  uint32_t reserved;
  /* Which kind of thread this is: one of the four. [any-thread] */
  uint32_t (*kind)(const patchbay_host* host);
} patchbay_thread_check;

#ifdef __cplusplus
}
#endif
#endif
