/* SPDX-License-Identifier: Apache-2.0
 * What is known of a client. Read with host->client_view(). */
#ifndef PATCHBAY_CLIENT_H
#define PATCHBAY_CLIENT_H

#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A name and a value. Borrowed. */
typedef struct patchbay_pair {
  patchbay_str name;
  patchbay_str value;
} patchbay_pair;

/* Bits of patchbay_client_view.flags. */
#define PATCHBAY_CLIENT_CLEAN_START 1u
#define PATCHBAY_CLIENT_SUPERUSER 2u
#define PATCHBAY_CLIENT_PEER_LOOPBACK 4u
#define PATCHBAY_CLIENT_CONNECTED 8u

/* All texts are views that live as long as the patchbay_client they were read from. The caller sets `size`. */
typedef struct patchbay_client_view {
  uint32_t size;
  uint32_t flags;
  uint64_t handle; /* names the session on this node while it lives; 0 before there is one */
  patchbay_str client_id;
  patchbay_str username;      /* as sent, or taken from the certificate; not verified by itself */
  patchbay_str identity;      /* who it is, as an authenticator said; empty: anonymous or not yet authenticated */
  patchbay_str listener_id;   /* "tcp:default" */
  patchbay_str protocol_name; /* "MQTT", "STOMP", ... */
  patchbay_str certificate_common_name;
  patchbay_str certificate_subject;
  uint8_t peer_address[16]; /* IPv6, or IPv4 mapped, network order */
  uint16_t peer_port;
  uint16_t keep_alive_s;
  uint32_t protocol_version; /* MQTT: 3, 4 or 5 */
  uint64_t connected_at_unix_ms;
  uint64_t expires_at_unix_ms; /* when the credentials end; 0: never */
  uint32_t attribute_count;    /* see host->client_attribute_at() */
  uint32_t reserved;
} patchbay_client_view;

/* One rule of a permission set. The first rule that matches wins; none: the acl hooks are asked. */
typedef struct patchbay_permission {
  uint32_t size;
  uint8_t allow;             /* 1 allow, 0 deny */
  uint8_t actions;           /* bit 0 publish, bit 1 subscribe */
  uint8_t qos_mask;          /* bit n: QoS n */
  uint8_t retain;            /* 0 any, 1 retained only, 2 not retained */
  patchbay_str topic_filter; /* may hold ${clientid}, ${username}, ${attr.NAME} */
} patchbay_permission;

/* What an authenticator, or auth.enrich, grants. An empty text or a 0 means: says nothing about it. */
typedef struct patchbay_grant {
  uint32_t size;
  uint8_t superuser;       /* 1: may do everything */
  uint8_t has_permissions; /* 1: `permissions` counts, also when there are none */
  uint8_t reserved[2];
  patchbay_str identity;
  const patchbay_permission* permissions;
  size_t permission_count;
  const patchbay_pair* attributes; /* readable in rules, templates and later hooks */
  size_t attribute_count;
  uint64_t expires_at_unix_ms; /* the client is disconnected then; 0: never */
} patchbay_grant;

#ifdef __cplusplus
}
#endif
#endif
