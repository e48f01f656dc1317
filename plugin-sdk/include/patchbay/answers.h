/* SPDX-License-Identifier: Apache-2.0
 * What a verdict carries besides its kind. Each function copies its arguments and gives a handle for
 * patchbay_verdict.arg, to be sent with PATCHBAY_VERDICT_ARG in exactly one verdict or given to discard(). 0: invalid
 * (named in the log) or no memory; answer DENY with PATCHBAY_VERDICT_FAILED then. All [any-thread]. */
#ifndef PATCHBAY_ANSWERS_H
#define PATCHBAY_ANSWERS_H

#include "patchbay/client.h"
#include "patchbay/message.h"
#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PATCHBAY_ANSWERS_1 "patchbay.answers/1"

/* Bits of patchbay_connect_fields.present. */
#define PATCHBAY_CONNECT_CLIENT_ID 1u
#define PATCHBAY_CONNECT_USERNAME 2u
#define PATCHBAY_CONNECT_PASSWORD 4u
#define PATCHBAY_CONNECT_CLEAN_START 8u
#define PATCHBAY_CONNECT_KEEP_ALIVE 16u
#define PATCHBAY_CONNECT_USER_PROPERTIES 32u

/* auth.connect_rewrite */
typedef struct patchbay_connect_fields {
  uint32_t size;
  uint32_t present;
  patchbay_str client_id;
  patchbay_str username;
  patchbay_bytes password;
  const patchbay_pair* user_properties;
  size_t user_property_count;
  uint16_t keep_alive_s;
  uint8_t clean_start;
  uint8_t reserved[5];
} patchbay_connect_fields;

/* conn.limits; 0: the listener's own value */
typedef struct patchbay_limits {
  uint32_t size;
  uint32_t maximum_packet_size;
  uint64_t bytes_per_s;
  uint64_t messages_per_s;
} patchbay_limits;

/* conn.tls_cert; empty: nothing said */
typedef struct patchbay_certificate_identity {
  uint32_t size;
  uint32_t reserved;
  patchbay_str username;
  patchbay_str client_id;
} patchbay_certificate_identity;

/* Bits of patchbay_session_fields.present. */
#define PATCHBAY_SESSION_EXPIRY 1u
#define PATCHBAY_SESSION_RECEIVE_MAXIMUM 2u
#define PATCHBAY_SESSION_MAXIMUM_PACKET_SIZE 4u
#define PATCHBAY_SESSION_KEEP_ALIVE 8u
#define PATCHBAY_SESSION_RESPONSE_INFORMATION 16u
#define PATCHBAY_SESSION_SERVER_REFERENCE 32u

/* session.open: what is granted. With a server reference the client is sent away (0x9C, or 0x9D when `moved` is 1). */
typedef struct patchbay_session_fields {
  uint32_t size;
  uint32_t present;
  uint32_t session_expiry_interval_s;
  uint32_t maximum_packet_size;
  uint16_t receive_maximum;
  uint16_t keep_alive_s;
  uint8_t moved;
  uint8_t reserved[3];
  patchbay_str response_information;
  patchbay_str server_reference;
} patchbay_session_fields;

typedef struct patchbay_subscription {
  uint32_t size;
  uint8_t qos;
  uint8_t no_local;
  uint8_t retain_as_published;
  uint8_t retain_handling;
  patchbay_str topic_filter;
} patchbay_subscription;

/* reply.out; user properties are added to those that are there */
typedef struct patchbay_reply_fields {
  uint32_t size;
  uint8_t reason; /* 0: unchanged */
  uint8_t reserved[3];
  patchbay_str reason_string; /* empty: unchanged */
  const patchbay_pair* user_properties;
  size_t user_property_count;
} patchbay_reply_fields;

typedef struct patchbay_answers {
  uint32_t size;
  uint32_t reserved;
  /* A topic, a filter, a protocol id. */
  uint64_t (*text)(const patchbay_host* host, patchbay_str text_copy);
  /* Authentication data, a key. */
  uint64_t (*data)(const patchbay_host* host, patchbay_bytes data_copy);
  /* Takes the caller's share of the message over. */
  uint64_t (*message)(const patchbay_host* host, const patchbay_message* message_ref);
  /* Takes the caller's shares over. */
  uint64_t (*messages)(const patchbay_host* host, const patchbay_message* const* message_refs, size_t count);
  uint64_t (*grant)(const patchbay_host* host, const patchbay_grant* grant);
  /* auth.enhanced, ALLOW: the grant and the last data for the client. */
  uint64_t (*enhanced)(const patchbay_host* host, const patchbay_grant* grant, patchbay_bytes data_copy);
  uint64_t (*connect)(const patchbay_host* host, const patchbay_connect_fields* fields);
  uint64_t (*limits)(const patchbay_host* host, const patchbay_limits* limits);
  uint64_t (*certificate)(const patchbay_host* host, const patchbay_certificate_identity* identity);
  uint64_t (*session)(const patchbay_host* host, const patchbay_session_fields* fields);
  /* The first replaces the filter that was asked about; the others are added behind it (at most 16). */
  uint64_t (*subscription)(const patchbay_host* host, const patchbay_subscription* subscriptions, size_t count);
  uint64_t (*reply)(const patchbay_host* host, const patchbay_reply_fields* fields);
  /* retain.store: `message_ref` null: unchanged; else taken over. time_to_live_s 0: unchanged. */
  uint64_t (*retained)(const patchbay_host* host, const patchbay_message* message_ref, uint32_t time_to_live_s);
  /* Destroys an argument that was not sent. */
  void (*discard)(const patchbay_host* host, uint64_t handle);
} patchbay_answers;

#ifdef __cplusplus
}
#endif
#endif
