/* SPDX-License-Identifier: Apache-2.0
 * Settings, secrets and small private data. */
#ifndef PATCHBAY_SETTINGS_H
#define PATCHBAY_SETTINGS_H

#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PATCHBAY_SETTINGS_1 "patchbay.settings/1"

typedef struct patchbay_settings {
  uint32_t size;
  uint32_t reserved;
  /* Writes the settings in force, as configure() got them but with secrets masked. OK. [any-thread] */
  patchbay_status (*current)(const patchbay_host* host, patchbay_writer* json);
  /* The version of the settings, from 1. [any-thread] */
  uint64_t (*version)(const patchbay_host* host);
} patchbay_settings;

#define PATCHBAY_SECRET_1 "patchbay.secret/1"

/* `value` is wiped when the call returns. */
typedef void (*patchbay_secret_fn)(void* self, patchbay_bytes value);

typedef struct patchbay_secret {
  uint32_t size;
  uint32_t reserved;
  /* Resolves a reference, "${env:NAME}" or "${file:/path}" (allowed folders only), and shows the value during the call
   * of `fn`. OK, NOT_FOUND, DENIED, INVALID. Permission: "secrets". [control], [worker] */
  patchbay_status (*resolve)(const patchbay_host* host, patchbay_str reference, patchbay_secret_fn fn, void* self);
} patchbay_secret;

#define PATCHBAY_KV_1 "patchbay.kv/1"

#define PATCHBAY_KV_MAXIMUM_KEY 512u
#define PATCHBAY_KV_MAXIMUM_VALUE 65536u

/* A small store of the instance's own in the data directory: what must survive a restart and an upgrade. Not for
 * messages. Each call is durable when it returns. [control], [worker] */
typedef struct patchbay_kv {
  uint32_t size;
  uint32_t reserved;
  /* OK, NOT_FOUND, FAILED. */
  patchbay_status (*get)(const patchbay_host* host, patchbay_str key, patchbay_writer* value);
  /* OK, TOO_LARGE, BUSY (plugins.max_kv_bytes), FAILED. */
  patchbay_status (*put)(const patchbay_host* host, patchbay_str key, patchbay_bytes value);
  /* OK, NOT_FOUND, FAILED. */
  patchbay_status (*remove)(const patchbay_host* host, patchbay_str key);
  /* Calls `fn` for each key that begins with `prefix`, in order; a result other than 0 ends it. OK, FAILED. */
  patchbay_status (*scan)(const patchbay_host* host, patchbay_str prefix,
                          uint32_t (*fn)(void* self, patchbay_str key, patchbay_bytes value), void* self);
} patchbay_kv;

#ifdef __cplusplus
}
#endif
#endif
