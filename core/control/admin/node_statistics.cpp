#include "admin/node_statistics.h"

#include "operations/operations.h"

namespace patchbay::admin {

namespace {

using base::Counter;

struct NamedGauge {
  const char* name;
  Counter counter;
};
/// A session is what EMQX calls a channel; every subscription has its options.
constexpr NamedGauge kNamedGauges[] = {
    {"connections", Counter::connections},   {"live_connections", Counter::live_connections},
    {"channels", Counter::sessions},         {"sessions", Counter::sessions},
    {"cluster_sessions", Counter::sessions}, {"subscriptions", Counter::subscriptions},
    {"suboptions", Counter::subscriptions},  {"subscriptions.shared", Counter::subscriptions_shared},
    {"retained", Counter::retained},         {"delayed", Counter::delayed},
};

/// Counters that EMQX has under another name besides.
constexpr NamedGauge kSameCounters[] = {
    {"client.connect", Counter::packets_connect},
    {"client.connack", Counter::packets_connack_sent},
    {"client.subscribe", Counter::packets_subscribe_received},
    {"client.unsubscribe", Counter::packets_unsubscribe_received},
    {"client.auth.anonymous", Counter::client_auth_anonymous},
    {"messages.publish", Counter::messages_received},
    {"packets.connack.auth_error", Counter::client_auth_failure},
    {"packets.publish.dropped", Counter::publish_quota_exceeded},
    {"messages.dropped.receive_maximum", Counter::publish_quota_exceeded},
    {"delivery.dropped.expired", Counter::messages_dropped_expired},
};

/// Counters of EMQX for what cannot happen here, so that tools that add them up find them: there is one node
/// (forward), sessions are in memory (persisted), UNSUBSCRIBE is never refused, a client above its rate is read later
/// instead (quota_exceeded), and messages are checked and changed by plugins, which are counted one by one.
/// `overload_protection` is EMQX's own scheduler; a shard that is behind reads less (`reads.paused.mailbox`).
constexpr const char* kNeverHere[] = {
    "messages.forward",
    "messages.persisted",
    "messages.dropped.quota_exceeded",
    "messages.validation_failed",
    "messages.validation_succeeded",
    "messages.transformation_failed",
    "messages.transformation_succeeded",
    "packets.unsubscribe.error",
    "overload_protection.delay.ok",
    "overload_protection.delay.timeout",
    "overload_protection.hibernation",
    "overload_protection.gc",
    "overload_protection.new_conn",
};

/// What EMQX sums up as delivery.dropped.
constexpr Counter kDeliveriesDropped[] = {Counter::messages_dropped_no_local,  Counter::messages_dropped_acl,
                                          Counter::messages_dropped_too_large, Counter::messages_dropped_queue_full,
                                          Counter::messages_dropped_qos0,      Counter::messages_dropped_session_gone,
                                          Counter::messages_dropped_expired};

void add_gauge(std::vector<Statistic>& stats, const std::string& name, uint64_t count, uint64_t max) {
  stats.push_back({name + ".count", count});
  stats.push_back({name + ".max", max});
}

}  // namespace

std::vector<Statistic> node_stats(const NodeAccess& node) {
  const metrics::MetricsSnapshot snapshot = node.metrics.snapshot();
  std::vector<Statistic> stats;
  for (const NamedGauge& gauge : kNamedGauges)
    add_gauge(stats, gauge.name, snapshot.get(gauge.counter), snapshot.max(gauge.counter));
  // EMQX counts the subscribers of plain filters.
  const auto plain = [](uint64_t all, uint64_t shared) { return all - std::min(all, shared); };
  add_gauge(stats, "subscribers",
            plain(snapshot.get(Counter::subscriptions), snapshot.get(Counter::subscriptions_shared)),
            plain(snapshot.max(Counter::subscriptions), snapshot.max(Counter::subscriptions_shared)));
  const operations::Monitor& monitor = node.operations.monitor();
  const uint64_t topics = monitor.now().topics;
  for (const char* name : {"topics", "routes"}) add_gauge(stats, name, topics, monitor.topics_max());
  stats.push_back({"durable_subscriptions.count", 0});  // all sessions are in memory
  return stats;
}

std::vector<Statistic> node_counters(const NodeAccess& node) {
  const metrics::MetricsSnapshot snapshot = node.metrics.snapshot();
  std::vector<Statistic> counters;
  for (size_t i = 0; i < base::kCounterCount; ++i) {
    const auto counter = static_cast<Counter>(i);
    if (!metrics::is_gauge(counter)) counters.push_back({base::counter_info(counter).name, snapshot.get(counter)});
  }
  for (const NamedGauge& same : kSameCounters) counters.push_back({same.name, snapshot.get(same.counter)});
  for (const char* name : kNeverHere) counters.push_back({name, 0});
  uint64_t dropped = 0;
  for (const Counter counter : kDeliveriesDropped) dropped += snapshot.get(counter);
  counters.push_back({"delivery.dropped", dropped});
  return counters;
}

metrics::NodeInfo node_info(const NodeAccess& node) {
  metrics::NodeInfo info;
  info.name = node.node_name;
  info.version = node.version;
  info.description = "Patchbay MQTT broker";
  info.unix_ms = node.clock.unix_ms();
  info.uptime_ms = info.unix_ms - std::min(info.unix_ms, node.started_unix_ms);
  info.running_nodes = {node.node_name};
  return info;
}

}  // namespace patchbay::admin
