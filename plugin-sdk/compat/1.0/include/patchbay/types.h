/* SPDX-License-Identifier: Apache-2.0
 * Patchbay plugin ABI: the small types that everything else is made of.
 *
 * Words used in all headers of this folder:
 *   [shard]       called on the flow thread that owns the client; never block, never wait, microseconds only
 *   [control]     called on the control thread of the plugin host; one call at a time for each instance
 *   [worker]      called on a worker thread of the host; may block
 *   [any-thread]  may be called from every thread, including one that the plugin asked the host to start
 *   _view         borrowed: valid until the call returns, unless the comment says otherwise
 *   _ref          counted: the receiver must give it back
 *   _copy         the callee copies; the caller may free at once
 *
 * Rules for growth: a released entity never changes in place. A struct that can grow begins with its size, filled by
 * whoever allocates it; fields are only appended; readers test with PATCHBAY_HAS. Values of named constants that flow
 * from plugin to host may be appended; a plugin must treat a constant that it doesn't know as the comment at the
 * constant says. */
#ifndef PATCHBAY_TYPES_H
#define PATCHBAY_TYPES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PATCHBAY_ABI_MAJOR 1u
#define PATCHBAY_ABI_MINOR 0u

/* Whether the struct behind `p`, whose first field is `uint32_t size`, is large enough to hold `field`. */
#define PATCHBAY_HAS(type, p, field) ((p)->size >= offsetof(type, field) + sizeof((p)->field))

/* UTF-8, not terminated. Borrowed. `ptr` may be null when `len` is 0. */
typedef struct patchbay_str {
  const char* ptr;
  size_t len;
} patchbay_str;

/* Bytes. Borrowed. */
typedef struct patchbay_bytes {
  const uint8_t* ptr;
  size_t len;
} patchbay_bytes;

/* Names one question that may be answered later. 0: the question can't be deferred. Plain value, holds nothing alive.
 */
typedef struct patchbay_token {
  uint64_t id;
} patchbay_token;

/* What a function answers. Unknown values mean FAILED. */
typedef uint32_t patchbay_status;
#define PATCHBAY_OK 0u
#define PATCHBAY_STALE 1u          /* too late: answered before, out of time, or the asker is gone */
#define PATCHBAY_INVALID 2u        /* an argument that can't be; the log says which */
#define PATCHBAY_BUSY 3u           /* a named limit is reached; try again later */
#define PATCHBAY_NOMEM 4u          /* no memory for it */
#define PATCHBAY_NOT_FOUND 5u      /* nothing of that name */
#define PATCHBAY_DENIED 6u         /* the operator has not granted the permission */
#define PATCHBAY_UNSUPPORTED 7u    /* this host can't do it */
#define PATCHBAY_TOO_LARGE 8u      /* above a named limit of size */
#define PATCHBAY_EXISTS 9u         /* the name is taken */
#define PATCHBAY_NEEDS_RESTART 10u /* configure(): valid, but it takes a new instance */
#define PATCHBAY_WRONG_THREAD 11u  /* the function's thread word forbids it here */
#define PATCHBAY_CLOSED 12u        /* draining or closed: no new work */
#define PATCHBAY_FAILED 13u        /* everything else; the writer or the log says why */

/* What a hook answers. Which kinds a point takes stands at its event in events.h. */
#define PATCHBAY_CONTINUE 0u /* no opinion, or unchanged: the next one is asked */
#define PATCHBAY_ALLOW 1u
#define PATCHBAY_DENY 2u
#define PATCHBAY_DEFER 3u   /* the answer comes later, through the token */
#define PATCHBAY_REPLACE 4u /* `arg` holds what to use instead */
#define PATCHBAY_DROP 5u    /* quietly */

/* Bits of patchbay_verdict.flags. */
#define PATCHBAY_VERDICT_FAILED 1u /* with DENY: the plugin could not answer (its back end is down, it threw) */
#define PATCHBAY_VERDICT_ARG 4u    /* `arg` is a handle from answers.h, whose ownership goes to the host */
#define PATCHBAY_VERDICT_HOLD_ACK \
  8u /* with DEFER at publish.accept: route now, acknowledge when the token is completed */
/* By a fault of the plugin itself (an exception), not of what it depends on: counts against the plugin, where FAILED
 * alone does not. With FAILED; an observer's comes alone, with CONTINUE. Older hosts overlook it. */
#define PATCHBAY_VERDICT_THREW 32u

/* An answer: sixteen bytes, by value, in two registers. */
typedef struct patchbay_verdict {
  uint8_t kind;
  uint8_t reason; /* an MQTT 5 reason code for DENY; 0: the point's own */
  uint16_t flags;
  uint32_t reserved; /* 0 */
  uint64_t arg;      /* a number or a handle, as the event says; otherwise 0 */
} patchbay_verdict;

/* Text or bytes that a plugin gives back: the caller supplies it, the callee calls write() any number of times. */
typedef struct patchbay_writer {
  uint32_t size;
  uint32_t reserved;
  void* ctx;
  /* Appends a copy. OK, TOO_LARGE. Same thread as the call that got the writer. */
  patchbay_status (*write)(struct patchbay_writer* writer, const void* data, size_t len);
} patchbay_writer;

/* Levels of log lines. A host treats larger values as trace. */
#define PATCHBAY_LOG_ERROR 0u
#define PATCHBAY_LOG_WARNING 1u
#define PATCHBAY_LOG_NOTICE 2u
#define PATCHBAY_LOG_INFO 3u
#define PATCHBAY_LOG_DEBUG 4u
#define PATCHBAY_LOG_TRACE 5u

/* Opaque things of the host. */
typedef struct patchbay_message patchbay_message; /* counted, immutable; see message.h */
typedef struct patchbay_client patchbay_client;   /* borrowed during a hook; see client.h */
typedef struct patchbay_host patchbay_host;       /* see host.h */

#if defined(_WIN32)
#define PATCHBAY_EXPORT __declspec(dllexport)
#else
#define PATCHBAY_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
}
#endif
#endif
