/* SPDX-License-Identifier: Apache-2.0
 * The table that an instance gets from its host, the entry that a plugin exports, and the instance that it makes. */
#ifndef PATCHBAY_HOST_H
#define PATCHBAY_HOST_H

#include "patchbay/client.h"
#include "patchbay/message.h"
#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct patchbay_hook;

/* One for each instance: whoever calls is known by name. Valid from create() until destroy() has returned. */
struct patchbay_host {
  uint32_t size;
  uint32_t abi_major;
  uint32_t abi_minor;
  uint32_t reserved;
  void* ctx; /* the host's; leave alone */

  /* An interface of the host by id, such as PATCHBAY_PUBLISH_1: a constant table that lives as long as the instance.
   * Null: this host does not offer it, or the operator has not granted the permission. [control] */
  const void* (*get)(const patchbay_host* host, const char* interface_id);

  /* Registers a hook; everything in `hook` is copied. Only inside start(); all hooks become visible together when
   * start() has returned OK. OK, INVALID, UNSUPPORTED (the host doesn't know the number), EXISTS, CLOSED (not inside
   * start()). [control] */
  patchbay_status (*add_hook)(const patchbay_host* host, const struct patchbay_hook* hook);

  /* Answers a question that was deferred. The verdict's argument is taken over whatever the status. May come before the
   * hook has returned DEFER. OK, STALE, INVALID. [any-thread] */
  patchbay_status (*complete)(const patchbay_host* host, patchbay_token token, const patchbay_verdict* verdict);

  /* A log line with the instance's name in front; text is copied; rate-limited. Never put a secret into it.
   * [any-thread] */
  void (*log)(const patchbay_host* host, uint32_t level, patchbay_str text);
  /* Whether a line of this level would be written: ask before building an expensive text. 1 or 0. [any-thread] */
  uint32_t (*log_enabled)(const patchbay_host* host, uint32_t level);

  /* The host's clocks: take time from nowhere else, so that tests can set it. [any-thread] */
  uint64_t (*now_ms)(const patchbay_host* host);      /* steady */
  uint64_t (*now_unix_ms)(const patchbay_host* host); /* wall */

  /* One more share of a message, counted for this instance; returns the same pointer. [any-thread] */
  const patchbay_message* (*message_ref)(const patchbay_host* host, const patchbay_message* message);
  /* Gives a share back. [any-thread] */
  void (*message_unref)(const patchbay_host* host, const patchbay_message* message);
  /* Fills `view`, whose `size` the caller has set. [any-thread] while the message is borrowed or held */
  void (*message_view)(const patchbay_host* host, const patchbay_message* message, patchbay_message_view* view);
  /* Property number `index` from 0, in the order of the message. OK, NOT_FOUND (no more). The message expiry interval
   * isn't among them: message_view() has it. [any-thread] */
  patchbay_status (*message_property_at)(const patchbay_host* host, const patchbay_message* message, uint32_t index,
                                         patchbay_property* property);
  /* A new message: `base` with the fields that are present in `fields` changed; base may be null. The caller holds one
   * share of the result. Null: INVALID fields, named in the log, or no memory. [any-thread] */
  const patchbay_message* (*message_create)(const patchbay_host* host, const patchbay_message* base,
                                            const patchbay_message_fields* fields);

  /* Fills `view`, whose `size` the caller has set. During a hook that showed the client. [shard], [worker] in batches
   */
  void (*client_view)(const patchbay_host* host, const patchbay_client* client, patchbay_client_view* view);
  /* Attribute number `index` from 0. OK, NOT_FOUND. As client_view(). */
  patchbay_status (*client_attribute_at)(const patchbay_host* host, const patchbay_client* client, uint32_t index,
                                         patchbay_pair* pair);
  /* This instance's own value for the client, from client_slot_set(); null: none. [shard] */
  void* (*client_slot_get)(const patchbay_host* host, const patchbay_client* client);
  /* Keeps `value` with the client in this instance's slot; the one before is destroyed. `destroy` runs on the shard
   * when the client's session ends on this node, when it is replaced, and when the instance stops; may be null. The
   * manifest must say "client_slot": true. OK, DENIED, BUSY, INVALID, CLOSED, WRONG_THREAD. [shard] */
  patchbay_status (*client_slot_set)(const patchbay_host* host, const patchbay_client* client, void* value,
                                     void (*destroy)(void* self, void* value), void* self);

  /* Memory for the length of the current hook, at most 64 KiB in all; null: no more. [shard] */
  void* (*scratch)(const patchbay_host* host, size_t len);

  /* Number of shards: constant. Arrays by shard number take the place of thread_local. [any-thread] */
  uint32_t (*shard_count)(const patchbay_host* host);
  /* The shard whose hook or callback this thread runs now; UINT32_MAX: none. [any-thread] */
  uint32_t (*shard_index)(const patchbay_host* host);

  /* The instance's name as the operator gave it, and its number on this node (not 0; the same as in origin_instance).
   * Lives as long as the instance. [any-thread] */
  patchbay_str (*instance_name)(const patchbay_host* host);
  uint32_t (*instance_number)(const patchbay_host* host);
};

/* One instance, made by patchbay_entry.create(). Constant until destroy(). Functions marked optional may be null. */
typedef struct patchbay_plugin {
  uint32_t size;
  uint32_t reserved;
  void* self;
  /* An interface of the plugin, such as PATCHBAY_PROTOCOL_1; null: doesn't have it. Optional. [control] */
  const void* (*get)(void* self, const char* interface_id);
  /* Whether the settings would do. They are valid against the manifest's schema, defaults are filled in, secrets
   * resolved. No side effects. Errors: one line each, "/json/pointer: sentence". Optional. [control] */
  patchbay_status (*check)(void* self, patchbay_str settings_json, patchbay_writer* errors);
  /* Takes the settings over: before start(), and again at each change while running. OK; NEEDS_RESTART: the host makes
   * a new instance beside this one and swaps; everything else: the old settings stay in force. [control] */
  patchbay_status (*configure)(void* self, patchbay_str settings_json, patchbay_writer* errors);
  /* Registers hooks, routes, services; opens pools without waiting for them. Must not fail because a back end is down.
   * [control] */
  patchbay_status (*start)(void* self, patchbay_writer* errors);
  /* Takes no new work from here on; hooks are not called any more. Open tokens may still be completed. Optional.
   * [control] */
  void (*drain)(void* self);
  /* Cancels timers, closes, joins. When it returns, no thread, timer or callback of this instance runs or will run.
   * [control] */
  void (*stop)(void* self);
  /* Frees; the last call into the instance. [control] */
  void (*destroy)(void* self);
  /* A token of this instance is void: its client is gone, or its deadline has passed. Optional. [shard] */
  void (*on_cancel)(void* self, patchbay_token token);
  /* How it is, for operators: `text` gets one line. OK: healthy; BUSY: connecting or degraded; FAILED: down. Optional.
   * [control] */
  patchbay_status (*health)(void* self, patchbay_writer* text);
} patchbay_plugin;

#define PATCHBAY_ENTRY_MAGIC 0x31424350u /* "PCB1", little endian */

/* The one exported symbol of a plugin file: a constant. */
typedef struct patchbay_entry {
  uint32_t magic;
  uint32_t size;
  uint32_t abi_major;     /* PATCHBAY_ABI_MAJOR it was compiled with */
  uint32_t abi_minor;     /* PATCHBAY_ABI_MINOR it was compiled with */
  uint32_t abi_minor_min; /* the oldest host it can live with */
  uint32_t flags;         /* 0 */
  const char* build;      /* compiler and SDK version, shown and never compared; terminated */
  const char* manifest;   /* the same JSON as section .patchbay.manifest; terminated */
  /* Makes an instance; allocates, starts nothing. `name` is copied if kept. Null: failed, the reason is in the log.
   * [control] */
  const patchbay_plugin* (*create)(const patchbay_host* host, patchbay_str name);
} patchbay_entry;

#define PATCHBAY_ENTRY_SYMBOL "patchbay_plugin_entry"

#ifdef __cplusplus
}
extern "C" PATCHBAY_EXPORT const patchbay_entry patchbay_plugin_entry;
#else
extern PATCHBAY_EXPORT const patchbay_entry patchbay_plugin_entry;
#endif

/* Puts the manifest into the file so that it can be read without running anything. `used` and `retain` keep it through
 * --gc-sections, LTO and strip. In C: PATCHBAY_MANIFEST_SECTION static const char manifest[] = "{...}"; */
#if defined(__has_attribute)
#if __has_attribute(retain)
#define PATCHBAY_MANIFEST_SECTION __attribute__((section(".patchbay.manifest"), used, retain))
#endif
#endif
#ifndef PATCHBAY_MANIFEST_SECTION
#define PATCHBAY_MANIFEST_SECTION __attribute__((section(".patchbay.manifest"), used))
#endif

#endif
