#include "broker/flow_limits.h"

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>

#include "topic/topic_filter.h"
#include "topic/topic_name.h"

namespace patchbay::broker {

namespace {

router::SharedStrategy strategy_of(config::SharedStrategy strategy) {
  switch (strategy) {
    case config::SharedStrategy::random:
      return router::SharedStrategy::random;
    case config::SharedStrategy::round_robin:
      return router::SharedStrategy::round_robin;
    case config::SharedStrategy::round_robin_per_group:
      return router::SharedStrategy::round_robin_per_group;
    case config::SharedStrategy::sticky:
      return router::SharedStrategy::sticky;
    case config::SharedStrategy::local:
      return router::SharedStrategy::local;
    case config::SharedStrategy::hash_clientid:
      return router::SharedStrategy::hash_clientid;
    case config::SharedStrategy::hash_topic:
      return router::SharedStrategy::hash_topic;
  }
  return router::SharedStrategy::round_robin;
}

router::SharedStrategy sticky_pick_of(config::InitialStickyPick pick) {
  switch (pick) {
    case config::InitialStickyPick::random:
      return router::SharedStrategy::random;
    case config::InitialStickyPick::local:
      return router::SharedStrategy::local;
    case config::InitialStickyPick::hash_clientid:
      return router::SharedStrategy::hash_clientid;
    case config::InitialStickyPick::hash_topic:
      return router::SharedStrategy::hash_topic;
  }
  return router::SharedStrategy::random;
}

void fill_queue_limits(session::SessionLimits& limits, const config::MqttConfig& mqtt) {
  limits.maximum_queued_messages = mqtt.max_mqueue_len;
  limits.maximum_queued_bytes = mqtt.max_mqueue_bytes;
  limits.queue_drop_policy = mqtt.mqueue_drop_policy == config::DropPolicy::oldest ? session::QueueDropPolicy::oldest
                                                                                   : session::QueueDropPolicy::newest;
  limits.queue_stores_qos0 = mqtt.mqueue_store_qos0;
  limits.default_priority_highest = mqtt.mqueue_default_priority == config::DefaultPriority::highest;
  for (const config::QueuePriorityConfig& entry : mqtt.mqueue_priorities) {
    limits.topic_priorities.push_back({entry.topic, static_cast<uint8_t>(entry.priority)});
  }
}

void fill_subscriptions(session::SessionLimits& limits, const config::Config& config) {
  limits.maximum_subscriptions = config.mqtt.max_subscriptions;
  limits.wildcard_subscription_available = config.mqtt.wildcard_subscription;
  limits.shared_subscription_available = config.mqtt.shared_subscription;
  limits.ignore_loop_deliver = config.mqtt.ignore_loop_deliver;
  limits.upgrade_qos = config.mqtt.upgrade_qos;
  for (const config::AutoSubscribeConfig& entry : config.auto_subscribe) {
    limits.auto_subscriptions.push_back({entry.topic, entry.qos, entry.nl, entry.rap, entry.rh});
  }
}

session::CertificateField certificate_field_of(config::CertificateIdentity identity) {
  switch (identity) {
    case config::CertificateIdentity::disabled:
      return session::CertificateField::none;
    case config::CertificateIdentity::cn:
      return session::CertificateField::common_name;
    case config::CertificateIdentity::dn:
      return session::CertificateField::subject;
  }
  return session::CertificateField::none;
}

net::ListenerOptions options_of(net::ListenerType type, const std::string& name, const config::ListenerConfig& from,
                                uint32_t maximum_packet_size) {
  net::ListenerOptions to;
  to.type = type;
  to.name = name;
  to.bind = from.bind;
  to.backlog = from.backlog;
  to.max_connections = from.max_connections;
  to.max_connections_per_ip = from.max_connections_per_ip;
  to.nodelay = from.nodelay;
  to.proxy_protocol_timeout_s = from.proxy_protocol_timeout_s;
  to.proxy_protocol = from.proxy_protocol;
  if (from.protocol != "mqtt") to.protocol = from.protocol;
  to.datagram.idle_timeout_s = from.idle_timeout_s;
  to.datagram.max_new_per_s = from.max_new_per_s;
  to.datagram.mtu_bytes = from.mtu_bytes;
  to.peer_cert_as_username = certificate_field_of(from.peer_cert_as_username);
  to.peer_cert_as_clientid = certificate_field_of(from.peer_cert_as_clientid);
  to.tls.certificate_file = from.ssl.certfile;
  to.tls.key_file = from.ssl.keyfile;
  to.tls.key_password = from.ssl.key_password;
  to.tls.handshake_timeout_s = from.ssl.handshake_timeout_s;
  to.tls.ca_file = from.ssl.cacertfile;
  to.tls.verify_peer = from.ssl.verify == config::TlsVerify::peer;
  to.tls.fail_if_no_peer_cert = from.ssl.fail_if_no_peer_cert;
  to.tls.minimum_version = from.ssl.min_version == config::TlsVersion::v1_2 ? "tlsv1.2" : "tlsv1.3";
  to.tls.ciphers = from.ssl.ciphers;
  for (const config::SniConfig& entry : from.ssl.sni)
    to.tls.server_names.push_back({entry.hostname, entry.certfile, entry.keyfile});
  to.websocket.path = from.websocket.path;
  to.websocket.subprotocols = from.websocket.subprotocols;
  to.websocket.max_frame_size =
      from.websocket.max_frame_size_bytes != 0 ? from.websocket.max_frame_size_bytes : maximum_packet_size;
  to.websocket.handshake_timeout_s = from.ssl.handshake_timeout_s;
  to.websocket.check_origin = from.websocket.check_origin;
  to.websocket.origins = from.websocket.origins;
  to.websocket.fail_if_no_subprotocol = from.websocket.fail_if_no_subprotocol;
  return to;
}

}  // namespace

session::SessionLimits session_limits(const config::Config& config) {
  const config::MqttConfig& mqtt = config.mqtt;
  session::SessionLimits limits;
  limits.connect_timeout_ms = mqtt.idle_timeout_s * 1000;
  limits.maximum_packet_size = mqtt.max_packet_size_bytes;
  limits.maximum_connect_size = std::min(mqtt.max_connect_packet_size_bytes, mqtt.max_packet_size_bytes);
  limits.maximum_client_id_size = mqtt.max_clientid_len_bytes;
  limits.maximum_topic_size = mqtt.max_topic_length_bytes;
  limits.maximum_topic_levels = mqtt.max_topic_levels;
  limits.maximum_user_properties = mqtt.max_user_properties;
  limits.topic_alias_maximum = mqtt.max_topic_alias;
  limits.receive_maximum = mqtt.receive_maximum;
  limits.maximum_awaiting_rel = mqtt.max_awaiting_rel;
  limits.await_rel_timeout_ms = mqtt.await_rel_timeout_s * 1000;
  limits.maximum_inflight = mqtt.max_inflight;
  limits.maximum_qos = static_cast<mqtt::Qos>(mqtt.max_qos_allowed);
  limits.retain_available = mqtt.retain_available && config.retainer.enable;
  limits.use_username_as_client_id = mqtt.use_username_as_clientid;
  limits.maximum_keep_alive_s = mqtt.max_keepalive_s;
  limits.server_keep_alive_s = mqtt.server_keepalive_s;
  limits.keep_alive_multiplier_percent = static_cast<uint32_t>(std::lround(mqtt.keepalive_multiplier * 100));
  limits.session_expiry_interval_s = mqtt.session_expiry_interval_s;
  limits.maximum_session_expiry_interval_s = mqtt.max_session_expiry_interval_s;
  limits.message_expiry_interval_s = mqtt.message_expiry_interval_s;
  limits.maximum_will_payload_size = mqtt.max_will_payload_bytes;
  limits.response_information = mqtt.response_information;
  limits.disconnect_on_denied_publish = config.access.deny_action == config::DenyAction::disconnect;
  const size_t shards = shard_count(config);
  limits.maximum_sessions = (mqtt.max_sessions_offline + shards - 1) / shards;
  fill_queue_limits(limits, mqtt);
  fill_subscriptions(limits, config);
  return limits;
}

router::RouterLimits router_limits(const config::Config& config) {
  router::RouterLimits limits;
  limits.topic = {config.mqtt.max_topic_length_bytes, config.mqtt.max_topic_levels};
  limits.shared_strategy = strategy_of(config.mqtt.shared_subscription_strategy);
  for (const config::SharedGroupConfig& group : config.mqtt.shared_subscription_group) {
    limits.shared_group_strategies[group.name] = strategy_of(group.strategy);
  }
  limits.initial_sticky_pick = sticky_pick_of(config.mqtt.shared_subscription_initial_sticky_pick);
  limits.exclusive_subscription_available = config.mqtt.exclusive_subscription;
  limits.retain_available = config.mqtt.retain_available && config.retainer.enable;
  limits.maximum_retained_messages = config.retainer.max_retained_messages;
  limits.maximum_retained_bytes = config.retainer.max_retained_bytes;
  limits.maximum_retained_payload_bytes = config.retainer.max_payload_size_bytes;
  limits.stop_publish_clear = config.retainer.stop_publish_clear_msg;
  limits.retained_expiry_s = config.retainer.msg_expiry_interval_s;
  limits.delayed_available = config.delayed.enable;
  limits.maximum_delayed_messages = config.delayed.max_delayed_messages;
  return limits;
}

connection::ConnectionLimits connection_limits(const config::Config& config) {
  connection::ConnectionLimits limits;
  limits.read_buffer = config.connection.read_buffer_bytes;
  limits.reads_per_turn = config.connection.reads_per_turn;
  limits.write_high_water = config.connection.write_high_water_bytes;
  limits.write_hard_limit = config.connection.write_hard_limit_bytes;
  limits.send_timeout_s = config.connection.send_timeout_s;
  limits.linger_ms = config.connection.linger_ms;
  limits.linger_bytes = config.connection.linger_bytes;
  return limits;
}

net::NetLimits net_limits(const config::Config& config) {
  net::NetLimits limits;
  limits.max_connections = config.node.max_connections;
  return limits;
}

access::AccessSettings access_settings(const config::Config& config) {
  access::AccessSettings settings;
  switch (config.access.allow_anonymous) {
    case config::AllowAnonymous::auto_:
      settings.allow_anonymous = access::AnonymousPolicy::automatic;
      break;
    case config::AllowAnonymous::true_:
      settings.allow_anonymous = access::AnonymousPolicy::always;
      break;
    case config::AllowAnonymous::false_:
      settings.allow_anonymous = access::AnonymousPolicy::never;
      break;
  }
  settings.cache_ttl_ms = config.access.cache_ttl_ms;
  settings.cache_max_entries = config.access.cache_max;
  return settings;
}

std::vector<net::ListenerOptions> listener_options(const config::Config& config) {
  const std::pair<net::ListenerType, const config::ListenerMap*> kinds[] = {
      {net::ListenerType::tcp, &config.listeners.tcp}, {net::ListenerType::ssl, &config.listeners.ssl},
      {net::ListenerType::ws, &config.listeners.ws},   {net::ListenerType::wss, &config.listeners.wss},
      {net::ListenerType::udp, &config.listeners.udp}, {net::ListenerType::dtls, &config.listeners.dtls}};
  std::vector<net::ListenerOptions> all;
  for (const auto& [type, listeners] : kinds) {
    for (const auto& [name, listener] : *listeners) {
      if (listener.enable && !listener.bind.empty())
        all.push_back(options_of(type, name, listener, config.mqtt.max_packet_size_bytes));
    }
  }
  return all;
}

base::Result<std::shared_ptr<const router::TopicRewrite>, std::string> topic_rewrite(const config::Config& config) {
  if (config.topic_rewrite.empty()) return std::shared_ptr<const router::TopicRewrite>();
  std::vector<router::TopicRewrite::Rule> rules;
  for (const config::TopicRewriteConfig& entry : config.topic_rewrite) {
    using Action = router::TopicRewrite::Action;
    const Action action = entry.action == config::RewriteAction::publish     ? Action::publish
                          : entry.action == config::RewriteAction::subscribe ? Action::subscribe
                                                                             : Action::all;
    rules.push_back({action, entry.source_topic, entry.re, entry.dest_topic});
  }
  auto compiled = router::TopicRewrite::compile(rules);
  if (compiled)
    return std::shared_ptr<const router::TopicRewrite>(
        std::make_shared<router::TopicRewrite>(std::move(compiled).value()));
  std::string text;
  for (const auto& problem : compiled.error())
    text += "topic_rewrite[" + std::to_string(problem.rule) + "]: " + problem.what + "\n";
  return base::fail(text);
}

std::vector<std::string> flow_problems(const config::Config& config) {
  std::vector<std::string> problems;
  const topic::TopicLimits limits{config.mqtt.max_topic_length_bytes, config.mqtt.max_topic_levels};
  for (size_t i = 0; i < config.auto_subscribe.size(); ++i) {
    const std::string& topic_filter = config.auto_subscribe[i].topic;
    if (topic::parse_filter(topic_filter, limits)) continue;
    problems.push_back("auto_subscribe[" + std::to_string(i) + "].topic: found \"" + topic_filter +
                       "\"; allowed: a topic filter");
  }
  for (size_t i = 0; i < config.mqtt.mqueue_priorities.size(); ++i) {
    const std::string& name = config.mqtt.mqueue_priorities[i].topic;
    if (topic::is_valid_topic_name(name, limits)) continue;
    problems.push_back("mqtt.mqueue_priorities[" + std::to_string(i) + "].topic: found \"" + name +
                       "\"; allowed: a topic name without wildcards");
  }
  const auto rewrite = topic_rewrite(config);
  if (!rewrite) problems.push_back(rewrite.error());
  return problems;
}

size_t shard_count(const config::Config& config) {
  if (config.node.shards != 0) return config.node.shards;
  return std::max<size_t>(1, std::thread::hardware_concurrency());
}

}  // namespace patchbay::broker
