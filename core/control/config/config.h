#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/log.h"
#include "config/listener_config.h"
#include "config/mqtt_config.h"
#include "config/plugin_config.h"

/// The configuration as plain data. A default-constructed Config is what the broker does without any configuration;
/// names, limits and help of every key are in the table of config_keys.cpp, which fills these structs.
namespace patchbay::config {

struct NodeConfig {
  std::string name = "patchbay@127.0.0.1";  ///< in $SYS topics and metrics
  uint32_t shards = 0;                      ///< 0: one for each core
  bool pin_shards = false;                  ///< each stays on a processor of its own
  std::string data_dir = "data";
  uint32_t max_connections = 0;  ///< 0: 90 % of the descriptor limit, less 64
  uint32_t mailbox_high_water = 65536;
};

struct ConnectionConfig {
  uint32_t write_high_water_bytes = 64u << 10;  ///< reading from the client pauses above it
  uint32_t write_hard_limit_bytes = 1u << 20;   ///< and one packet; the connection is closed above it
  uint32_t send_timeout_s = 15;                 ///< no byte taken by the client for so long: closed
  uint32_t linger_ms = 2000;                    ///< for the client to read why, and to end its side
  uint32_t linger_bytes = 16u << 20;            ///< thrown away meanwhile
  uint32_t read_buffer_bytes = 64u << 10;       ///< one for each shard
  uint32_t reads_per_turn = 4;                  ///< reads of one connection before others get their turn
};

struct RetainerConfig {
  bool enable = true;
  uint32_t max_retained_messages = 1'000'000;
  uint64_t max_retained_bytes = 512ull << 20;
  uint32_t max_payload_size_bytes = 1u << 20;
  uint32_t msg_expiry_interval_s = 0;  ///< 0: never
  bool stop_publish_clear_msg = false;
};

struct DelayedConfig {
  bool enable = true;
  uint32_t max_delayed_messages = 100'000;
};

struct SysTopicsConfig {
  bool enable = true;
  uint32_t sys_msg_interval_s = 60;
  uint32_t sys_heartbeat_interval_s = 30;
  bool client_connected = true;
  bool client_disconnected = true;
  bool client_subscribed = false;
  bool client_unsubscribed = false;
};

enum class RewriteAction : uint8_t { all, publish, subscribe };

struct TopicRewriteConfig {
  RewriteAction action = RewriteAction::all;
  std::string source_topic;  ///< topic filter
  std::string re;            ///< regular expression
  std::string dest_topic;    ///< with $1…, ${clientid}, ${username}
};

struct AutoSubscribeConfig {
  std::string topic;  ///< with ${clientid}, ${username}
  uint8_t qos = 0;
  uint8_t rh = 0;    ///< retain handling
  bool rap = false;  ///< retain as published
  bool nl = false;   ///< no local
};

/// auto: only on listeners whose bind is a loopback address.
enum class AllowAnonymous : uint8_t { auto_, true_, false_ };
enum class DenyAction : uint8_t { ignore, disconnect };

struct AccessConfig {
  AllowAnonymous allow_anonymous = AllowAnonymous::auto_;
  uint32_t deadline_ms = 5000;     ///< for an answer of a plugin; denied afterwards
  uint32_t cache_ttl_ms = 60'000;  ///< how long an answer about a topic is remembered for a client; 0: not at all
  uint32_t cache_max = 32;         ///< answers remembered for each client; 0: none
  DenyAction deny_action = DenyAction::ignore;
  uint32_t max_open_deferrals = 16384;  ///< per shard; denied above it
};

/// Clients that come and go too often are banned for a while.
struct FlappingDetectConfig {
  bool enable = false;
  uint32_t max_count = 15;  ///< disconnections within the window
  uint32_t window_time_s = 60;
  uint32_t ban_time_s = 300;
};

/// whole: until the client's acknowledgement, QoS 0 until it was written; internal: until it was written.
enum class SlowStatsType : uint8_t { whole, internal, response };

struct SlowSubsConfig {
  bool enable = false;
  uint32_t threshold_ms = 500;       ///< deliveries that take less are fine
  uint32_t expire_interval_s = 300;  ///< records that are not renewed go
  uint32_t top_k_num = 10;
  SlowStatsType stats_type = SlowStatsType::whole;
};

enum class LogFormat : uint8_t { text, json };
enum class LogTarget : uint8_t { stderr_, file };

struct LogConfig {
  static constexpr size_t kAreas = static_cast<size_t>(base::LogArea::count_);
  /// The value of `levels` that means "as log.level": one above the last level.
  static constexpr uint8_t kInherit = static_cast<uint8_t>(base::LogLevel::off) + 1;

  base::LogLevel level = base::LogLevel::info;
  LogFormat format = LogFormat::text;
  LogTarget to = LogTarget::stderr_;
  std::string file;
  uint32_t queue_lines = 4096;  ///< lines waiting to be written; more are dropped and counted
  std::array<uint8_t, kAreas> levels = filled_with_inherit();

  [[nodiscard]] base::LogLevel level_of(base::LogArea area) const {
    const uint8_t own = levels[static_cast<size_t>(area)];
    return own == kInherit ? level : static_cast<base::LogLevel>(own);
  }

 private:
  static constexpr std::array<uint8_t, kAreas> filled_with_inherit() {
    std::array<uint8_t, kAreas> filled{};
    for (uint8_t& one : filled) one = kInherit;
    return filled;
  }
};

/// The REST API.
struct PrometheusConfig {
  bool enable_basic_auth = true;  ///< /prometheus/stats asks for a log-in or an API key
};

struct ApiConfig {
  std::string bind = "127.0.0.1:18083";  ///< "": off
  std::string certfile;                  ///< given: TLS
  std::string keyfile;
  std::vector<std::string> hosts;  ///< names that requests may name as their host, besides addresses and localhost
  uint32_t threads = 4;
  uint32_t max_connections = 256;
  uint32_t max_body_size_bytes = 10u << 20;
  uint32_t max_user_requests_per_s = 50;    ///< of one user; 0: no limit
  uint32_t max_key_requests_per_s = 2'000;  ///< of one API key; 0: no limit
  uint32_t token_expiry_s = 3'600;          ///< after its last use
  uint32_t login_max_attempts = 5;          ///< wrong ones of a user and address within the window
  uint32_t login_window_s = 300;
  uint32_t login_lock_s = 600;
  std::string bootstrap_file;  ///< of API keys
  std::string admin_password;  ///< secret; "": generated on first start
};

struct Config {
  NodeConfig node;
  ListenersConfig listeners;
  MqttConfig mqtt;
  ConnectionConfig connection;
  RetainerConfig retainer;
  DelayedConfig delayed;
  SysTopicsConfig sys_topics;
  std::vector<TopicRewriteConfig> topic_rewrite;
  std::vector<AutoSubscribeConfig> auto_subscribe;
  AccessConfig access;
  FlappingDetectConfig flapping_detect;
  SlowSubsConfig slow_subs;
  LogConfig log;
  ApiConfig api;
  PrometheusConfig prometheus;
  PluginsConfig plugins;
  PluginMap plugin;  ///< by name of the instance; those that are enabled without a table are not in it
};

}  // namespace patchbay::config
