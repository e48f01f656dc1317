#include <limits>

#include "config/key_field.h"

namespace patchbay::config {

namespace {

constexpr uint64_t kMaxU16 = std::numeric_limits<uint16_t>::max();
constexpr uint64_t kMaxU32 = std::numeric_limits<uint32_t>::max();
constexpr uint64_t kKiB = 1024;
constexpr uint64_t kMiB = kKiB * 1024;

constexpr std::string_view kDropPolicies[] = {"oldest", "newest"};
constexpr std::string_view kDefaultPriorities[] = {"lowest", "highest"};

constexpr KeyRow kQueuePriorityKeys[] = {
    {.name = "topic",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(QueuePriorityConfig, topic),
     .min = 1,
     .help = "The exact topic name."},
    {.name = "priority",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(QueuePriorityConfig, priority),
     .min = 1,
     .max = 255,
     .help = "Higher leaves the queue first."},
};

constexpr std::span<const KeyRow> queue_priority_keys() {
  return kQueuePriorityKeys;
}

constexpr KeyRow kSessionKeys[] = {
    {.name = "mqtt.max_qos_allowed",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, mqtt.max_qos_allowed),
     .min = 0,
     .max = 2,
     .reload = Reload::sighup,
     .help = "Highest QoS; announced to v5 clients. A PUBLISH above it: DISCONNECT 0x9B."},
    {.name = "mqtt.retain_available",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(Config, mqtt.retain_available),
     .reload = Reload::sighup,
     .help = "Retained messages are allowed; if not, a PUBLISH with retain: DISCONNECT 0x9A."},
    {.name = "mqtt.max_will_payload",
     .type = KeyType::size,
     .field = PATCHBAY_FIELD(Config, mqtt.max_will_payload_bytes),
     .min = 0,
     .max = 256 * kMiB,
     .unit = "bytes",
     .reload = Reload::sighup,
     .help = "Largest will payload: it is held as long as the session."},
    {.name = "mqtt.message_expiry_interval_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, mqtt.message_expiry_interval_s),
     .min = 0,
     .max = kMaxU32,
     .unit = "s",
     .reload = Reload::sighup,
     .help = "Expiry of messages that bring none of their own; 0: never."},

    {.name = "mqtt.session_expiry_interval_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, mqtt.session_expiry_interval_s),
     .min = 0,
     .max = kMaxU32,
     .unit = "s",
     .reload = Reload::sighup,
     .help = "How long a session of a v3 client with clean_session = 0 outlives its connection."},
    {.name = "mqtt.max_session_expiry_interval_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, mqtt.max_session_expiry_interval_s),
     .min = 0,
     .max = kMaxU32,
     .unit = "s",
     .reload = Reload::sighup,
     .help = "Longest session expiry; v5 clients that ask for more are told this one."},
    {.name = "mqtt.max_sessions_offline",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, mqtt.max_sessions_offline),
     .min = 0,
     .max = 100'000'000,
     .reload = Reload::sighup,
     .help = "Most sessions without a connection on this node. A session above it ends with its connection."},

    {.name = "mqtt.receive_maximum",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, mqtt.receive_maximum),
     .min = 1,
     .max = kMaxU16,
     .reload = Reload::sighup,
     .help = "QoS 1 and 2 messages that a client may have open towards the broker; announced to v5 clients."},
    {.name = "mqtt.max_inflight",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, mqtt.max_inflight),
     .min = 1,
     .max = kMaxU16,
     .reload = Reload::sighup,
     .help = "QoS 1 and 2 messages open towards a client; a v5 client's receive maximum may lower it."},
    {.name = "mqtt.max_awaiting_rel",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, mqtt.max_awaiting_rel),
     .min = 1,
     .max = kMaxU16,
     .reload = Reload::sighup,
     .help = "QoS 2 messages of one client that wait for their PUBREL."},
    {.name = "mqtt.await_rel_timeout_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, mqtt.await_rel_timeout_s),
     .min = 1,
     .max = 86'400,
     .unit = "s",
     .reload = Reload::sighup,
     .help = "A QoS 2 packet id that is not released for so long is forgotten."},

    {.name = "mqtt.max_mqueue_len",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, mqtt.max_mqueue_len),
     .min = 1,
     .max = 10'000'000,
     .unit = "messages",
     .reload = Reload::sighup,
     .help = "Messages that wait in one session's queue; more are dropped by mqtt.mqueue_drop_policy and counted."},
    {.name = "mqtt.max_mqueue_bytes",
     .type = KeyType::size,
     .field = PATCHBAY_FIELD(Config, mqtt.max_mqueue_bytes),
     .min = kKiB,
     .max = 64 * 1024 * kMiB,
     .unit = "bytes",
     .reload = Reload::sighup,
     .help = "Bytes that wait in one session's queue."},
    {.name = "mqtt.mqueue_drop_policy",
     .type = KeyType::enumeration,
     .field = PATCHBAY_FIELD(Config, mqtt.mqueue_drop_policy),
     .allowed = kDropPolicies,
     .reload = Reload::sighup,
     .help = "Which message goes when a queue is full."},
    {.name = "mqtt.mqueue_store_qos0",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(Config, mqtt.mqueue_store_qos0),
     .reload = Reload::sighup,
     .help = "QoS 0 messages are kept for sessions that are offline or congested."},
    {.name = "mqtt.mqueue_priorities",
     .type = KeyType::table_list,
     .field = PATCHBAY_FIELD(Config, mqtt.mqueue_priorities),
     .reload = Reload::sighup,
     .element = queue_priority_keys,
     .help = "Topics whose messages leave the queue before others."},
    {.name = "mqtt.mqueue_default_priority",
     .type = KeyType::enumeration,
     .field = PATCHBAY_FIELD(Config, mqtt.mqueue_default_priority),
     .allowed = kDefaultPriorities,
     .reload = Reload::sighup,
     .help = "Where topics stand that mqtt.mqueue_priorities does not name."},
};

}  // namespace

std::span<const KeyRow> session_keys() {
  return kSessionKeys;
}

}  // namespace patchbay::config
