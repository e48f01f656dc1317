#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace patchbay::config {

enum class SharedStrategy : uint8_t {
  random,
  round_robin,
  round_robin_per_group,
  sticky,
  local,
  hash_clientid,
  hash_topic
};
/// How a sticky group makes its first choice.
enum class InitialStickyPick : uint8_t { random, local, hash_clientid, hash_topic };
enum class DropPolicy : uint8_t { oldest, newest };
enum class DefaultPriority : uint8_t { lowest, highest };

/// One shared subscription group with a strategy of its own.
struct SharedGroupConfig {
  std::string name;
  SharedStrategy strategy = SharedStrategy::round_robin;
};

/// Messages of this topic leave the session queue before those of a lower priority.
struct QueuePriorityConfig {
  std::string topic;
  uint32_t priority = 1;
};

/// The rules and limits of the protocol, `mqtt.*`. Names are EMQX's, with the unit added.
struct MqttConfig {
  // Connecting
  uint32_t idle_timeout_s = 10;  ///< from accept to a complete CONNECT
  uint32_t max_packet_size_bytes = 1u << 20;
  uint32_t max_connect_packet_size_bytes = 64u << 10;
  uint16_t max_clientid_len_bytes = 256;
  bool use_username_as_clientid = false;
  uint16_t server_keepalive_s = 0;  ///< 0: the client's own keep alive holds
  uint16_t max_keepalive_s = 1200;  ///< v5 clients that ask for more, or for none, are told this; 0: no upper bound
  double keepalive_multiplier = 1.5;
  std::string response_information;  ///< "" : none is given

  // Topics and subscriptions
  uint16_t max_topic_length_bytes = 1024;
  uint16_t max_topic_levels = 64;
  uint16_t max_topic_alias = 16;
  uint32_t max_user_properties = 128;
  uint32_t max_subscriptions = 1000;  ///< per client
  bool wildcard_subscription = true;
  bool shared_subscription = true;
  bool exclusive_subscription = false;
  bool ignore_loop_deliver = false;  ///< v3 clients never get their own messages back
  bool upgrade_qos = false;
  SharedStrategy shared_subscription_strategy = SharedStrategy::round_robin;
  InitialStickyPick shared_subscription_initial_sticky_pick = InitialStickyPick::random;
  std::vector<SharedGroupConfig> shared_subscription_group;

  // Messages
  uint8_t max_qos_allowed = 2;
  bool retain_available = true;
  uint32_t max_will_payload_bytes = 64u << 10;
  uint32_t message_expiry_interval_s = 0;  ///< for messages that bring none; 0: never

  // Sessions
  uint32_t session_expiry_interval_s = 7200;  ///< for v3 clients with clean_session = 0
  uint32_t max_session_expiry_interval_s = 604800;
  uint32_t max_sessions_offline = 1'000'000;  ///< node-wide

  // Flow control
  uint16_t receive_maximum = 100;  ///< QoS 1 and 2 messages that a client may have open towards us
  uint16_t max_inflight = 32;      ///< QoS 1 and 2 messages open towards a client
  uint16_t max_awaiting_rel = 100;
  uint32_t await_rel_timeout_s = 300;

  // The queue of a session
  uint32_t max_mqueue_len = 1000;
  uint64_t max_mqueue_bytes = 4u << 20;
  DropPolicy mqueue_drop_policy = DropPolicy::oldest;
  bool mqueue_store_qos0 = true;
  std::vector<QueuePriorityConfig> mqueue_priorities;
  DefaultPriority mqueue_default_priority = DefaultPriority::lowest;
};

}  // namespace patchbay::config
