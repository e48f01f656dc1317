/* SPDX-License-Identifier: Apache-2.0
 * Messages: opaque, immutable, counted. During a hook the event's message is borrowed; to keep it, host->message_ref().
 */
#ifndef PATCHBAY_MESSAGE_H
#define PATCHBAY_MESSAGE_H

#include "patchbay/client.h"
#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bits of patchbay_message_view.flags. */
#define PATCHBAY_MESSAGE_WILL 1u
#define PATCHBAY_MESSAGE_SYSTEM 2u
#define PATCHBAY_MESSAGE_FROM_BRIDGE 4u
#define PATCHBAY_MESSAGE_RETAINED 8u   /* comes from the retained store */
#define PATCHBAY_MESSAGE_FROM_NODE 16u /* comes from another node */
#define PATCHBAY_MESSAGE_FROM_PLUGIN 32u

/* Views live as long as the message. The caller sets `size`. */
typedef struct patchbay_message_view {
  uint32_t size;
  uint8_t qos;
  uint8_t retain;
  uint16_t flags;
  patchbay_str topic;
  patchbay_bytes payload;
  patchbay_str publisher_client_id;
  patchbay_bytes properties; /* MQTT 5 encoded, without the length in front; see host->message_property_at() */
  uint64_t publisher_handle; /* client handle of the publisher; 0: none */
  int64_t received_at_unix_ms;
  uint32_t has_message_expiry_interval;
  uint32_t message_expiry_interval_s; /* as published */
  uint32_t origin_instance;           /* number of the plugin instance that published it; 0: none */
  uint32_t reserved;
} patchbay_message_view;

/* One property. For user properties `name` and `value` count; for texts and binary data `value`; for the rest `number`.
 */
typedef struct patchbay_property {
  uint32_t size;
  uint32_t id; /* the MQTT 5 property identifier */
  uint64_t number;
  patchbay_bytes name;
  patchbay_bytes value;
} patchbay_property;

/* Which fields of patchbay_message_fields count; the others are taken from the base message, or are empty. */
#define PATCHBAY_FIELD_TOPIC 1u
#define PATCHBAY_FIELD_PAYLOAD 2u
#define PATCHBAY_FIELD_QOS 4u
#define PATCHBAY_FIELD_RETAIN 8u
#define PATCHBAY_FIELD_EXPIRY 16u
#define PATCHBAY_FIELD_CONTENT_TYPE 32u
#define PATCHBAY_FIELD_RESPONSE_TOPIC 64u
#define PATCHBAY_FIELD_CORRELATION_DATA 128u
#define PATCHBAY_FIELD_PAYLOAD_FORMAT 256u
#define PATCHBAY_FIELD_USER_PROPERTIES 512u /* replaces all of them */
#define PATCHBAY_FIELD_PUBLISHER 1024u

/* What host->message_create() makes a message of. Everything is copied, except an adopted payload. */
typedef struct patchbay_message_fields {
  uint32_t size;
  uint32_t present;   /* bits above */
  patchbay_str topic; /* a valid topic name */
  patchbay_bytes payload;
  patchbay_str content_type;
  patchbay_str response_topic;
  patchbay_bytes correlation_data;
  const patchbay_pair* user_properties;
  size_t user_property_count;
  patchbay_str publisher_client_id;
  uint32_t message_expiry_interval_s;
  uint8_t qos;
  uint8_t retain;
  uint8_t payload_format_is_utf8;
  uint8_t reserved;
  /* Null: the payload is copied. Otherwise the host takes the payload over and calls payload_free(payload_arg) exactly
   * once when it needs it no more: from any thread, perhaps before message_create() returns, and also when that returns
   * null. */
  void (*payload_free)(void* payload_arg);
  void* payload_arg;
} patchbay_message_fields;

#ifdef __cplusplus
}
#endif
#endif
