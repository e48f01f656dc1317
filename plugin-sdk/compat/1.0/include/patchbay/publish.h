/* SPDX-License-Identifier: Apache-2.0
 * Publishing and subscribing as the plugin. Permission: "publish", "subscribe". */
#ifndef PATCHBAY_PUBLISH_H
#define PATCHBAY_PUBLISH_H

#include "patchbay/message.h"
#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PATCHBAY_PUBLISH_1 "patchbay.publish/1"

typedef struct patchbay_publish {
  uint32_t size;
  uint32_t reserved;
  /* Routes the message as the broker's own: no access check, hooks from publish.accept on see it with
   * PATCHBAY_MESSAGE_FROM_PLUGIN, hooks of this instance only if they asked for it. Takes the caller's share over
   * whatever the status. Inside a publish hook it is done at the end of the turn. OK: handed to the router; BUSY: too
   * many wait (plugins.max_pending_publishes) or publishing from within hooks is nested too deeply; INVALID; CLOSED.
   * [any-thread] */
  patchbay_status (*publish)(const patchbay_host* host, const patchbay_message* message_ref);
} patchbay_publish;

#define PATCHBAY_SUBSCRIBE_1 "patchbay.subscribe/1"

/* A message for a subscription of the plugin. `message` is borrowed. [shard], or [worker] for worker plugins */
typedef void (*patchbay_delivery_fn)(void* self, uint64_t subscription, const patchbay_message* message);

typedef struct patchbay_subscribe {
  uint32_t size;
  uint32_t reserved;
  /* Subscribes to a filter ($share/group/filter too). `*subscription` names it. OK, INVALID, BUSY, CLOSED. [any-thread]
   */
  patchbay_status (*subscribe)(const patchbay_host* host, patchbay_str topic_filter, uint32_t maximum_qos,
                               patchbay_delivery_fn fn, void* self, uint64_t* subscription);
  /* When it returns OK, no call will begin; one may be running on another shard until stop() or until `done` (may be
   * null) is called. OK, NOT_FOUND. [any-thread] */
  patchbay_status (*unsubscribe)(const patchbay_host* host, uint64_t subscription, void (*done)(void* self),
                                 void* self);
} patchbay_subscribe;

#ifdef __cplusplus
}
#endif
#endif
