/* SPDX-License-Identifier: Apache-2.0
 * Interfaces of the plugin for a hot upgrade. Optional. */
#ifndef PATCHBAY_STATE_H
#define PATCHBAY_STATE_H

#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PATCHBAY_STATE_1 "patchbay.state/1"

/* Hands state to the next version: caches, counters, addresses. The bytes carry a version of the plugin's own. */
typedef struct patchbay_state {
  uint32_t size;
  uint32_t reserved;
  /* The old instance writes what the new one may use; it keeps running meanwhile. OK, UNSUPPORTED. [control] */
  patchbay_status (*export_state)(void* self, patchbay_writer* state);
  /* The new instance reads it, after configure() and before start(). Unknown versions: UNSUPPORTED, it starts empty.
   * [control] */
  patchbay_status (*import_state)(void* self, patchbay_bytes state);
} patchbay_state;

#define PATCHBAY_MIGRATE_1 "patchbay.migrate/1"

typedef struct patchbay_migrate {
  uint32_t size;
  uint32_t reserved;
  /* Settings of an older config_version in, of this version out; no side effects. OK, INVALID (`errors` says why).
   * [control] */
  patchbay_status (*migrate)(void* self, uint32_t from_version, patchbay_str settings_json, patchbay_writer* out,
                             patchbay_writer* errors);
} patchbay_migrate;

#ifdef __cplusplus
}
#endif
#endif
