#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "metrics/sys_topics.h"

/// `$SYS/brokers/<node>/clients/<clientid>/connected` and its siblings: JSON with EMQX's fields. Pure. [any-thread]
namespace patchbay::metrics {

/// What all four events say about the client.
struct ClientIdentity {
  std::string_view client_id;
  std::string_view user_name;  ///< "": none; EMQX then writes "undefined", and so do we
  std::string_view protocol = "mqtt";
};

/// What the connected and disconnected events add.
struct ClientConnection {
  std::string_view address;    ///< of the client, "127.0.0.1:50000" or without the port
  uint16_t listener_port = 0;  ///< EMQX's sockport
  std::string_view protocol_name = "MQTT";
  uint8_t protocol_version = 4;  ///< 3, 4, 5
  uint64_t connected_at_ms = 0;  ///< Unix time
};

struct ConnectedDetails {
  uint16_t keep_alive_s = 0;
  bool clean_start = true;
  uint32_t session_expiry_interval_s = 0;
};

struct SubscribedDetails {
  std::string_view topic_filter;
  uint8_t qos = 0;
  uint8_t retain_handling = 0;
  bool retain_as_published = false;
  bool no_local = false;
};

/// Where an event ("connected", "disconnected", "subscribed", "unsubscribed") of a client is told.
[[nodiscard]] std::string client_event_topic(std::string_view node, std::string_view client_id, std::string_view event);

/// `now_ms` is Unix time and becomes the field `ts`.
[[nodiscard]] SysMessage client_connected_message(std::string_view node, const ClientIdentity& client,
                                                  const ClientConnection& connection, const ConnectedDetails& details,
                                                  uint64_t now_ms);
/// `reason` is a word such as "normal", "keepalive_timeout", "takenover".
[[nodiscard]] SysMessage client_disconnected_message(std::string_view node, const ClientIdentity& client,
                                                     const ClientConnection& connection, std::string_view reason,
                                                     uint64_t now_ms);
[[nodiscard]] SysMessage client_subscribed_message(std::string_view node, const ClientIdentity& client,
                                                   const SubscribedDetails& details, uint64_t now_ms);
[[nodiscard]] SysMessage client_unsubscribed_message(std::string_view node, const ClientIdentity& client,
                                                     std::string_view topic_filter, uint64_t now_ms);

}  // namespace patchbay::metrics
