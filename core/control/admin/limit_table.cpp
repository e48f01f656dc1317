#include "admin/limit_table.h"

#include <algorithm>

namespace patchbay::admin {

namespace {

using base::Counter;

constexpr LimitFacts kLimitFacts[] = {
    {"node.max_connections", "a further connection is closed at once", Counter::connections_refused_limit,
     Counter::connections},
    {"node.mailbox_high_water", "shards that feed the full one stop reading from their clients",
     Counter::reads_paused_mailbox},
    {"connection.write_high_water", "messages wait in the session's queue instead of the write buffer",
     Counter::queued_messages},
    {"connection.write_hard_limit", "the connection is closed", Counter::connections_closed_slow_consumer},
    {"connection.send_timeout_s", "the connection is closed", Counter::connections_closed_slow_consumer},
    {"connection.linger_ms", "the connection is cut", Counter::connections_linger_cut},
    {"connection.linger_bytes", "the connection is cut", Counter::connections_linger_cut},
    {"mqtt.max_sessions_offline", "the session that has been away longest ends", Counter::session_terminated},
    {"mqtt.receive_maximum", "DISCONNECT 0x93", Counter::publish_quota_exceeded},
    {"mqtt.max_awaiting_rel", "DISCONNECT 0x93", Counter::publish_quota_exceeded},
    {"mqtt.await_rel_timeout_s", "the packet identifier is free again", Counter::messages_dropped_await_rel},
    {"mqtt.max_inflight", "messages wait in the session's queue", Counter::queued_messages},
    {"mqtt.max_mqueue_len", "a message is dropped by mqtt.mqueue_drop_policy", Counter::messages_dropped_queue_full,
     Counter::queued_messages},
    {"mqtt.max_mqueue_bytes", "a message is dropped by mqtt.mqueue_drop_policy", Counter::messages_dropped_queue_full,
     Counter::queued_bytes},
    {"mqtt.idle_timeout_s", "a connection without CONNECT is closed", Counter::connections_closed_connect_timeout},
    {"mqtt.max_packet_size", "DISCONNECT 0x95", Counter::packets_malformed},
    {"mqtt.max_connect_packet_size", "CONNACK 0x95", Counter::packets_malformed},
    {"mqtt.max_subscriptions", "SUBACK 0x97", {}, Counter::subscriptions},
    {"retainer.max_retained_messages", "a further message is not retained", Counter::messages_dropped_retain_limit,
     Counter::retained},
    {"retainer.max_retained_bytes", "a further message is not retained", Counter::messages_dropped_retain_limit,
     Counter::retained_bytes},
    {"retainer.max_payload_size", "the message is not retained", Counter::messages_dropped_retain_limit},
    {"delayed.max_delayed_messages", "a further message is refused", Counter::messages_dropped_delayed_limit,
     Counter::delayed},
    {"access.deadline_ms", "the fallback applies, which denies", Counter::deferral_timeout},
    {"access.max_open_deferrals", "the fallback applies, which denies", Counter::deferral_refused},
    {"plugins.max_pending_publishes", "the plugin's publish is refused", Counter::messages_dropped_plugin_queue},
    {"plugins.max_publish_depth", "the plugin's message is dropped", Counter::messages_dropped_plugin_depth},
    {"api.max_body_size", "413"},
    {"api.max_connections", "the connection that has been idle longest is closed, or the new one"},
    {"api.max_user_requests_per_s", "429"},
    {"api.max_key_requests_per_s", "429"},
    {"api.login_max_attempts", "429 for api.login_lock_s"},
    {"plugins.max_file_size", "413"},
    {"log.queue_lines", "the line is lost, and counted in the next that is not"},
};

constexpr std::string_view kWordsOfLimits[] = {"max",         "high_water", "hard_limit", "timeout",  "deadline",
                                               "queue_lines", "linger",     "top_k",      "threads",  "workers",
                                               "keepalive",   "expiry",     "reads_per",  "attempts", "maximum"};

}  // namespace

std::span<const LimitFacts> limit_facts() {
  return kLimitFacts;
}

const LimitFacts* find_limit_facts(std::string_view key) {
  const auto found = std::find_if(std::begin(kLimitFacts), std::end(kLimitFacts),
                                  [key](const LimitFacts& facts) { return facts.key == key; });
  return found == std::end(kLimitFacts) ? nullptr : found;
}

bool is_limit_key(const config::KeyRow& row) {
  using config::KeyType;
  if (row.type != KeyType::integer && row.type != KeyType::size && row.type != KeyType::number) return false;
  if (find_limit_facts(row.name) != nullptr) return true;
  return std::any_of(std::begin(kWordsOfLimits), std::end(kWordsOfLimits),
                     [&row](std::string_view word) { return row.name.find(word) != std::string_view::npos; });
}

}  // namespace patchbay::admin
