#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "mqtt/qos.h"

namespace patchbay::session {

/// What happens when a session's queue is full.
enum class QueueDropPolicy : uint8_t { oldest, newest };

/// A topic whose messages overtake others while they wait (mqtt.mqueue_priorities).
struct TopicPriority {
  std::string topic;
  uint8_t priority = 0;
};

/// A subscription that every client gets at connect (auto_subscribe).
struct AutoSubscription {
  std::string topic_filter;  ///< may hold ${clientid} and ${username}
  uint8_t maximum_qos = 0;
  bool no_local = false;
  bool retain_as_published = false;
  uint8_t retain_handling = 0;
};

/// Every limit and choice of the session layer, filled from the configuration's `mqtt` section. Immutable; a reload
/// publishes a new one. [any-thread]
struct SessionLimits {
  uint32_t connect_timeout_ms = 10'000;        ///< mqtt.idle_timeout_s: no CONNECT in time closes
  uint32_t maximum_packet_size = 1024 * 1024;  ///< larger: 0x95, close
  uint32_t maximum_connect_size = 64 * 1024;   ///< before CONNECT is accepted
  uint32_t maximum_client_id_size = 256;       ///< larger: 0x85
  uint32_t maximum_topic_size = 1024;          ///< larger: 0x90 (name), 0x8F (filter)
  uint32_t maximum_topic_levels = 64;          ///< more: 0x90, 0x8F
  uint32_t maximum_user_properties = 128;      ///< more in one packet: 0x97, close
  uint16_t topic_alias_maximum = 16;           ///< both directions; 0 switches aliases off
  uint16_t receive_maximum = 100;           ///< unacknowledged QoS 1 and 2 PUBLISH from a v5 client; more: 0x93, close
  uint16_t maximum_awaiting_rel = 100;      ///< QoS 2 PUBLISH of a v3 client not yet released; more: close
  uint32_t await_rel_timeout_ms = 300'000;  ///< a QoS 2 packet id not released by then is forgotten
  uint16_t maximum_inflight = 32;           ///< QoS 1 and 2 sent and unacknowledged; more wait in the queue
  size_t maximum_queued_messages = 1000;    ///< then queue_drop_policy
  size_t maximum_queued_bytes = 4 * 1024 * 1024;  ///< then queue_drop_policy
  QueueDropPolicy queue_drop_policy = QueueDropPolicy::oldest;
  bool queue_stores_qos0 = true;  ///< queue QoS 0 for offline or congested clients
  bool default_priority_highest = false;
  std::vector<TopicPriority> topic_priorities;
  uint32_t maximum_subscriptions = 1000;  ///< per client; more: 0x97 in SUBACK
  mqtt::Qos maximum_qos = mqtt::Qos::exactly_once;
  bool retain_available = true;
  bool wildcard_subscription_available = true;
  bool shared_subscription_available = true;
  bool upgrade_qos = false;          ///< deliver with the subscription's QoS instead of the lower one
  bool ignore_loop_deliver = false;  ///< v3 clients do not get their own messages back
  bool use_username_as_client_id = false;
  uint16_t maximum_keep_alive_s = 1200;  ///< v5 clients are told a lower value; v3 clients are held to their own
  uint16_t server_keep_alive_s = 0;      ///< 0: the client's
  uint32_t keep_alive_multiplier_percent = 150;
  uint32_t session_expiry_interval_s = 7200;  ///< for v3 clients without clean session
  uint32_t maximum_session_expiry_interval_s = 604'800;
  uint32_t message_expiry_interval_s = 0;  ///< given to messages that carry none; 0: never
  uint32_t maximum_will_payload_size = 64 * 1024;
  size_t maximum_sessions = 1'000'000;        ///< per shard; more: 0x97 on CONNECT
  std::string response_information;           ///< prefix given to v5 clients that ask; empty: none
  bool disconnect_on_denied_publish = false;  ///< access.deny_action = "disconnect"
  std::vector<AutoSubscription> auto_subscriptions;
  uint32_t retained_page = 64;  ///< retained messages fetched at a time for a new subscription
};

}  // namespace patchbay::session
