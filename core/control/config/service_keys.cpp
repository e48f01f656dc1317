#include <limits>

#include "config/key_field.h"

namespace patchbay::config {

namespace {

constexpr uint64_t kMaxU32 = std::numeric_limits<uint32_t>::max();
constexpr uint64_t kKiB = 1024;
constexpr uint64_t kMiB = kKiB * 1024;

constexpr std::string_view kRewriteActions[] = {"all", "publish", "subscribe"};
constexpr std::string_view kAllowAnonymous[] = {"auto", "true", "false"};
constexpr std::string_view kDenyActions[] = {"ignore", "disconnect"};

constexpr KeyRow kRewriteKeys[] = {
    {.name = "action",
     .type = KeyType::enumeration,
     .field = PATCHBAY_FIELD(TopicRewriteConfig, action),
     .allowed = kRewriteActions,
     .help = "What is rewritten: topics of PUBLISH, filters of SUBSCRIBE, or both."},
    {.name = "source_topic",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(TopicRewriteConfig, source_topic),
     .min = 1,
     .help = "Topic filter; the first rule whose filter matches is the one that applies."},
    {.name = "re",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(TopicRewriteConfig, re),
     .min = 1,
     .help = "Regular expression on the topic; its groups are $1, $2, …"},
    {.name = "dest_topic",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(TopicRewriteConfig, dest_topic),
     .min = 1,
     .help = "The new topic, with $1…, ${clientid}, ${username}."},
};

constexpr KeyRow kAutoSubscribeKeys[] = {
    {.name = "topic",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(AutoSubscribeConfig, topic),
     .min = 1,
     .help = "Topic filter, with ${clientid}, ${username}."},
    {.name = "qos",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(AutoSubscribeConfig, qos),
     .min = 0,
     .max = 2,
     .help = "Maximum QoS."},
    {.name = "rh",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(AutoSubscribeConfig, rh),
     .min = 0,
     .max = 2,
     .help = "Retain handling."},
    {.name = "rap",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(AutoSubscribeConfig, rap),
     .help = "Retain as published."},
    {.name = "nl", .type = KeyType::boolean, .field = PATCHBAY_FIELD(AutoSubscribeConfig, nl), .help = "No local."},
};

constexpr std::span<const KeyRow> rewrite_keys() {
  return kRewriteKeys;
}
constexpr std::span<const KeyRow> auto_subscribe_keys() {
  return kAutoSubscribeKeys;
}

constexpr KeyRow kServiceKeys[] = {
    {.name = "retainer.enable",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(Config, retainer.enable),
     .help = "Retained messages are kept."},
    {.name = "retainer.max_retained_messages",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, retainer.max_retained_messages),
     .min = 0,
     .max = 1'000'000'000,
     .unit = "messages",
     .help = "Retained messages on this node. More are not retained."},
    {.name = "retainer.max_retained_bytes",
     .type = KeyType::size,
     .field = PATCHBAY_FIELD(Config, retainer.max_retained_bytes),
     .min = 0,
     .max = 1024 * 1024 * kMiB,
     .unit = "bytes",
     .help = "Bytes of all retained messages."},
    {.name = "retainer.max_payload_size",
     .type = KeyType::size,
     .field = PATCHBAY_FIELD(Config, retainer.max_payload_size_bytes),
     .min = 0,
     .max = 256 * kMiB,
     .unit = "bytes",
     .help = "Larger payloads are routed but not retained."},
    {.name = "retainer.msg_expiry_interval_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, retainer.msg_expiry_interval_s),
     .min = 0,
     .max = kMaxU32,
     .unit = "s",
     .help = "Retained messages without an expiry of their own go after it; 0: never."},
    {.name = "retainer.stop_publish_clear_msg",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(Config, retainer.stop_publish_clear_msg),
     .help = "The empty message that clears a retained one is not routed to subscribers."},

    {.name = "delayed.enable",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(Config, delayed.enable),
     .help = "`$delayed/{seconds}/{topic}` is understood."},
    {.name = "delayed.max_delayed_messages",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, delayed.max_delayed_messages),
     .min = 0,
     .max = 100'000'000,
     .unit = "messages",
     .help = "Messages waiting on this node. More are dropped and counted."},

    {.name = "sys_topics.enable",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(Config, sys_topics.enable),
     .reload = Reload::sighup,
     .help = "`$SYS/brokers/…` is published."},
    {.name = "sys_topics.sys_msg_interval_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, sys_topics.sys_msg_interval_s),
     .min = 1,
     .max = 86'400,
     .unit = "s",
     .reload = Reload::sighup,
     .help = "Interval of version, description, statistics and metrics."},
    {.name = "sys_topics.sys_heartbeat_interval_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, sys_topics.sys_heartbeat_interval_s),
     .min = 1,
     .max = 86'400,
     .unit = "s",
     .reload = Reload::sighup,
     .help = "Interval of uptime and date."},
    {.name = "sys_topics.sys_event_messages.client_connected",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(Config, sys_topics.client_connected),
     .reload = Reload::sighup,
     .help = "`clients/<clientid>/connected` is published."},
    {.name = "sys_topics.sys_event_messages.client_disconnected",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(Config, sys_topics.client_disconnected),
     .reload = Reload::sighup,
     .help = "`clients/<clientid>/disconnected` is published."},
    {.name = "sys_topics.sys_event_messages.client_subscribed",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(Config, sys_topics.client_subscribed),
     .reload = Reload::sighup,
     .help = "`clients/<clientid>/subscribed` is published."},
    {.name = "sys_topics.sys_event_messages.client_unsubscribed",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(Config, sys_topics.client_unsubscribed),
     .reload = Reload::sighup,
     .help = "`clients/<clientid>/unsubscribed` is published."},

    {.name = "topic_rewrite",
     .type = KeyType::table_list,
     .field = PATCHBAY_FIELD(Config, topic_rewrite),
     .reload = Reload::sighup,
     .element = rewrite_keys,
     .help = "Rules that change topics before access control sees them, in order."},
    {.name = "auto_subscribe",
     .type = KeyType::table_list,
     .field = PATCHBAY_FIELD(Config, auto_subscribe),
     .reload = Reload::sighup,
     .element = auto_subscribe_keys,
     .help = "Subscriptions that every client gets after connecting."},

    {.name = "access.allow_anonymous",
     .type = KeyType::enumeration,
     .field = PATCHBAY_FIELD(Config, access.allow_anonymous),
     .allowed = kAllowAnonymous,
     .reload = Reload::sighup,
     .help = "Clients that no authenticator knows are let in. auto: only on listeners bound to loopback addresses."},
    {.name = "access.cache_max",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, access.cache_max),
     .min = 0,
     .max = 10'000,
     .reload = Reload::sighup,
     .help = "Answers of authorizers that are remembered for each client; the oldest gives way. 0: none."},
    {.name = "access.cache_ttl_ms",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, access.cache_ttl_ms),
     .min = 0,
     .max = 86'400'000,
     .unit = "ms",
     .reload = Reload::sighup,
     .help = "How long such an answer holds. What a plugin takes back is forgotten at once. 0: nothing is remembered."},
    {.name = "access.deadline_ms",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, access.deadline_ms),
     .min = 1,
     .max = 300'000,
     .unit = "ms",
     .help =
         "An access question to a plugin that is not answered by then is denied. Used by the plugin host of a coming "
         "release."},
    {.name = "access.deny_action",
     .type = KeyType::enumeration,
     .field = PATCHBAY_FIELD(Config, access.deny_action),
     .allowed = kDenyActions,
     .reload = Reload::sighup,
     .help = "What a denied PUBLISH or SUBSCRIBE leads to besides the reason code."},
    {.name = "access.max_open_deferrals",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, access.max_open_deferrals),
     .min = 1,
     .max = 10'000'000,
     .help = "Access questions per shard that wait for an answer. More are denied."},
};

}  // namespace

std::span<const KeyRow> service_keys() {
  return kServiceKeys;
}

}  // namespace patchbay::config
