#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "config/config.h"
#include "hooks/events.h"
#include "metrics/client_event_messages.h"
#include "metrics/metrics_registry.h"
#include "metrics/node_info.h"
#include "metrics/sys_topics.h"
#include "plugin_bridge/chain_publisher.h"
#include "session/session_environment.h"

namespace patchbay::broker {

/// Publishes what is below `$SYS/brokers`: a heartbeat and a report now and then, and what clients do, as EMQX does.
/// The flow plane knows nothing of it: client events come from hook points like any observer's.
class SysPublisher {
 public:
  /// The environment of a shard, valid as long as the publisher is used.
  using EnvironmentOf = std::function<session::SessionEnvironment&(base::ShardId)>;

  SysPublisher(std::string node_name, std::string version, const base::Clock& clock, EnvironmentOf environment_of);

  /// What is due from now on, and how often. [control]
  void configure(const config::SysTopicsConfig& config) { config_ = config; }
  /// Listens to the client events that `config` asks for, and to no others, from the next publication of the chains on.
  /// On the thread that changes chains.
  void listen(const config::SysTopicsConfig& config, plugin_bridge::ChainPublisher& chains);
  /// What is due now; the caller publishes it on some shard with publish(). [control]
  [[nodiscard]] std::vector<metrics::SysMessage> due(metrics::MetricsRegistry& registry);
  /// Milliseconds until due() has something to say. [control]
  [[nodiscard]] uint64_t next_due_in_ms() const;
  /// Routes as the broker itself. [shard]
  static void publish(session::SessionEnvironment& environment, const std::vector<metrics::SysMessage>& messages);

 private:
  static base::Verdict on_connected(void* self, hooks::ClientEvent& event, base::Token token) noexcept;
  static base::Verdict on_disconnected(void* self, hooks::ClientEvent& event, base::Token token) noexcept;
  static base::Verdict on_subscribed(void* self, hooks::SubscriptionEvent& event, base::Token token) noexcept;
  static base::Verdict on_unsubscribed(void* self, hooks::SubscriptionEvent& event, base::Token token) noexcept;
  /// Whether anybody subscribes to this event of the client. Mostly nobody does, and then its message, which costs as
  /// much as the rest of a CONNECT, is not made.
  [[nodiscard]] bool is_wanted(const access::ClientInfo& client, std::string_view event) const;
  void publish_later(metrics::SysMessage message);
  [[nodiscard]] metrics::NodeInfo node_info() const;

  std::string node_name_;
  std::string version_;
  const base::Clock& clock_;
  EnvironmentOf environment_of_;
  config::SysTopicsConfig config_;
  uint64_t started_ms_;
  uint64_t next_heartbeat_ms_;
  uint64_t next_report_ms_;
};

}  // namespace patchbay::broker
