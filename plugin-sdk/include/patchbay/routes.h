/* SPDX-License-Identifier: Apache-2.0
 * REST routes of an instance, below {api}/plugins/{instance}/api/. The core does authentication, scopes, limits, audit.
 * The routes are declared in the manifest. */
#ifndef PATCHBAY_ROUTES_H
#define PATCHBAY_ROUTES_H

#include "patchbay/client.h"
#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PATCHBAY_ROUTES_1 "patchbay.routes/1"

/* Views live during the call. */
typedef struct patchbay_request {
  uint32_t size;
  uint32_t reserved;
  patchbay_str method;
  patchbay_str path;  /* below the instance's root, "/flush" */
  patchbay_str query; /* decoded pairs are in `parameters` */
  patchbay_str user;
  const patchbay_pair* parameters; /* of the query and of the path's placeholders */
  size_t parameter_count;
  patchbay_bytes body;
  uint64_t request; /* names the question for respond() */
} patchbay_request;

/* Answers by routes->respond(), now or later: after 5 s the core answers 503 in its place. [worker] */
typedef void (*patchbay_route_fn)(void* self, const patchbay_request* request);

typedef struct patchbay_routes {
  uint32_t size;
  uint32_t reserved;
  /* Serves a route of the manifest. Only in start(). OK, NOT_FOUND (not in the manifest), EXISTS. [control] */
  patchbay_status (*add)(const patchbay_host* host, patchbay_str method, patchbay_str path, patchbay_route_fn fn,
                         void* self);
  /* Answers a request. OK, STALE, INVALID (http_status not 200 to 599). [any-thread] */
  patchbay_status (*respond)(const patchbay_host* host, uint64_t request, uint32_t http_status,
                             patchbay_str content_type, patchbay_bytes body);
} patchbay_routes;

#ifdef __cplusplus
}
#endif
#endif
