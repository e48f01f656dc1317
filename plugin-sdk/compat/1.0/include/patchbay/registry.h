/* SPDX-License-Identifier: Apache-2.0
 * Services between plugins. A service is a constant table known by an id such as "svc.sink/1"; a lease keeps its code
 * mapped. */
#ifndef PATCHBAY_REGISTRY_H
#define PATCHBAY_REGISTRY_H

#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PATCHBAY_REGISTRY_1 "patchbay.registry/1"

/* Tells the user that the provider is there: `table` and `provider_self` may be used until the lease is returned.
 * [control] */
typedef void (*patchbay_service_up_fn)(void* self, uint64_t lease, const void* table, void* provider_self,
                                       uint32_t revision);
/* The provider goes (stops, or is replaced): stop using it and give the lease back by release(), at once or soon.
 * [control] */
typedef void (*patchbay_service_down_fn)(void* self, uint64_t lease);

typedef struct patchbay_registry {
  uint32_t size;
  uint32_t reserved;
  /* Offers a service named in the manifest's `provides`. Only in start(); visible when start() has returned. Several
   * instances may offer the same id: `name` tells them apart. OK, DENIED (not in the manifest), EXISTS. [control] */
  patchbay_status (*provide)(const patchbay_host* host, patchbay_str service_id, patchbay_str name, uint32_t revision,
                             const void* table, void* self);
  /* Wants a service (empty name: any). `on_up` comes when and whenever it is there, perhaps before this returns. OK,
   * CLOSED. [control] */
  patchbay_status (*acquire)(const patchbay_host* host, patchbay_str service_id, patchbay_str name,
                             uint32_t minimum_revision, patchbay_service_up_fn on_up, patchbay_service_down_fn on_down,
                             void* self, uint64_t* lease);
  /* Gives a lease back; the provider's table isn't used any more. `wait_for_next`: 1 to be told of the next provider.
   * OK, NOT_FOUND. [any-thread] */
  patchbay_status (*release)(const patchbay_host* host, uint64_t lease, uint32_t wait_for_next);
} patchbay_registry;

#define PATCHBAY_ADMIN_1 "patchbay.admin/1"

/* Other plugin instances. Permission: "admin". */
typedef struct patchbay_admin {
  uint32_t size;
  uint32_t reserved;
  /* Calls `fn` for each instance: its name, state and one line of health. OK. [control], [worker] */
  patchbay_status (*list)(const patchbay_host* host,
                          void (*fn)(void* self, patchbay_str instance, patchbay_str state, patchbay_str health),
                          void* self);
  /* Asks to start or stop an instance; done later on the control thread. OK: asked; NOT_FOUND, DENIED (itself).
   * [any-thread] */
  patchbay_status (*start)(const patchbay_host* host, patchbay_str instance);
  patchbay_status (*stop)(const patchbay_host* host, patchbay_str instance);
} patchbay_admin;

#ifdef __cplusplus
}
#endif
#endif
