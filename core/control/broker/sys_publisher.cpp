#include "broker/sys_publisher.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "distribution/fan_out.h"
#include "router/matches.h"
#include "router/publish_router.h"
#include "router/subscription_index.h"

namespace patchbay::broker {

namespace {

constexpr uint64_t kIdleMs = 60'000;

metrics::ClientIdentity identity_of(const access::ClientInfo& client) {
  return {client.client_id(), client.username(), "mqtt"};
}

metrics::ClientConnection connection_of(const access::ClientInfo& client, const std::string& address) {
  metrics::ClientConnection connection;
  connection.address = address;
  connection.protocol_name = client.protocol_name();
  connection.protocol_version = client.protocol_version();
  connection.connected_at_ms = client.connected_at_unix_ms();
  return connection;
}

/// One observer; null `call`: none wanted.
template <hooks::HookId Id>
void listen_at(plugin_bridge::ChainPublisher& chains, typename base::ChainEntry<plugin_bridge::EventOf<Id>>::Call call,
               void* self) {
  std::vector<base::ChainEntry<plugin_bridge::EventOf<Id>>> entries;
  if (call != nullptr) {
    base::ChainEntry<plugin_bridge::EventOf<Id>> entry;
    entry.call = call;
    entry.self = self;
    entry.order.phase = base::Phase::observe;
    entry.order.name = "core:sys_topics";
    entries.push_back(std::move(entry));
  }
  chains.set_core_entries<Id>("sys_topics", std::move(entries));
}

}  // namespace

SysPublisher::SysPublisher(std::string node_name, std::string version, const base::Clock& clock,
                           EnvironmentOf environment_of)
    : node_name_(std::move(node_name)),
      version_(std::move(version)),
      clock_(clock),
      environment_of_(std::move(environment_of)),
      started_ms_(clock.steady_ms()),
      next_heartbeat_ms_(started_ms_),
      next_report_ms_(started_ms_) {}

void SysPublisher::listen(const config::SysTopicsConfig& config, plugin_bridge::ChainPublisher& chains) {
  using hooks::HookId;
  const bool on = config.enable;
  listen_at<HookId::client_connected>(chains, on && config.client_connected ? &SysPublisher::on_connected : nullptr,
                                      this);
  listen_at<HookId::client_disconnected>(
      chains, on && config.client_disconnected ? &SysPublisher::on_disconnected : nullptr, this);
  listen_at<HookId::subscribe_done>(chains, on && config.client_subscribed ? &SysPublisher::on_subscribed : nullptr,
                                    this);
  listen_at<HookId::unsubscribe_done>(
      chains, on && config.client_unsubscribed ? &SysPublisher::on_unsubscribed : nullptr, this);
}

metrics::NodeInfo SysPublisher::node_info() const {
  metrics::NodeInfo node;
  node.name = node_name_;
  node.version = version_;
  node.description = "Patchbay MQTT broker";
  node.uptime_ms = clock_.steady_ms() - started_ms_;
  node.unix_ms = clock_.unix_ms();
  node.running_nodes = {node_name_};
  return node;
}

std::vector<metrics::SysMessage> SysPublisher::due(metrics::MetricsRegistry& registry) {
  std::vector<metrics::SysMessage> messages;
  if (!config_.enable) return messages;
  const uint64_t now_ms = clock_.steady_ms();
  if (now_ms >= next_heartbeat_ms_) {
    next_heartbeat_ms_ = now_ms + uint64_t{config_.sys_heartbeat_interval_s} * 1000;
    messages = metrics::sys_heartbeat(node_info());
  }
  if (now_ms >= next_report_ms_) {
    next_report_ms_ = now_ms + uint64_t{config_.sys_msg_interval_s} * 1000;
    const auto report = metrics::sys_report(node_info(), registry.snapshot());
    messages.insert(messages.end(), report.begin(), report.end());
  }
  return messages;
}

uint64_t SysPublisher::next_due_in_ms() const {
  if (!config_.enable) return kIdleMs;
  const uint64_t now_ms = clock_.steady_ms();
  const uint64_t next_ms = std::min(next_heartbeat_ms_, next_report_ms_);
  return next_ms > now_ms ? std::min(next_ms - now_ms, kIdleMs) : 0;
}

void SysPublisher::publish(session::SessionEnvironment& environment, const std::vector<metrics::SysMessage>& messages) {
  for (const metrics::SysMessage& message : messages) {
    mqtt::MessageFields fields;
    fields.topic = message.topic;
    fields.payload = {reinterpret_cast<const uint8_t*>(message.payload.data()), message.payload.size()};
    fields.retain = message.retain;
    fields.flags = mqtt::MessageFlags::system;
    fields.received_at_ms = static_cast<int64_t>(environment.shard.now_ms);
    fields.received_at_unix_ms = static_cast<int64_t>(environment.shard.now_unix_ms);
    static_cast<void>(environment.router.route(mqtt::Message::create(fields)));
  }
}

bool SysPublisher::is_wanted(const access::ClientInfo& client, std::string_view event) const {
  static thread_local router::Matches matches;
  environment_of_(base::current_shard())
      .index.find(metrics::client_event_topic(node_name_, client.client_id(), event), matches);
  return matches.has_lists() || !matches.groups().empty();
}

void SysPublisher::publish_later(metrics::SysMessage message) {
  // The event may come from the middle of a session's work: routing waits until the shard is free.
  session::SessionEnvironment& environment = environment_of_(base::current_shard());
  environment.fan_out.post(environment.shard.id,
                           base::make_task([&environment, held = std::vector<metrics::SysMessage>{std::move(message)}] {
                             publish(environment, held);
                           }));
}

base::Verdict SysPublisher::on_connected(void* self, hooks::ClientEvent& event, base::Token) noexcept {
  auto& publisher = *static_cast<SysPublisher*>(self);
  const access::ClientInfo& client = *event.client;
  if (!publisher.is_wanted(client, "connected")) return base::Verdict::proceeds();
  const std::string address = client.peer_address_text();
  metrics::ConnectedDetails details;
  details.keep_alive_s = client.keep_alive_s();
  details.clean_start = client.clean_start();
  publisher.publish_later(metrics::client_connected_message(
      publisher.node_name_, identity_of(client), connection_of(client, address), details, publisher.clock_.unix_ms()));
  return base::Verdict::proceeds();
}

base::Verdict SysPublisher::on_disconnected(void* self, hooks::ClientEvent& event, base::Token) noexcept {
  auto& publisher = *static_cast<SysPublisher*>(self);
  if (!publisher.is_wanted(*event.client, "disconnected")) return base::Verdict::proceeds();
  const std::string address = event.client->peer_address_text();
  publisher.publish_later(metrics::client_disconnected_message(publisher.node_name_, identity_of(*event.client),
                                                               connection_of(*event.client, address), event.reason,
                                                               publisher.clock_.unix_ms()));
  return base::Verdict::proceeds();
}

base::Verdict SysPublisher::on_subscribed(void* self, hooks::SubscriptionEvent& event, base::Token) noexcept {
  auto& publisher = *static_cast<SysPublisher*>(self);
  if (mqtt::is_failure(event.reason) || !publisher.is_wanted(*event.client, "subscribed"))
    return base::Verdict::proceeds();
  metrics::SubscribedDetails details;
  details.topic_filter = event.topic_filter;
  details.qos = static_cast<uint8_t>(event.granted_qos);
  publisher.publish_later(metrics::client_subscribed_message(publisher.node_name_, identity_of(*event.client), details,
                                                             publisher.clock_.unix_ms()));
  return base::Verdict::proceeds();
}

base::Verdict SysPublisher::on_unsubscribed(void* self, hooks::SubscriptionEvent& event, base::Token) noexcept {
  auto& publisher = *static_cast<SysPublisher*>(self);
  if (!publisher.is_wanted(*event.client, "unsubscribed")) return base::Verdict::proceeds();
  publisher.publish_later(metrics::client_unsubscribed_message(publisher.node_name_, identity_of(*event.client),
                                                               event.topic_filter, publisher.clock_.unix_ms()));
  return base::Verdict::proceeds();
}

}  // namespace patchbay::broker
