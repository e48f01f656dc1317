#include "ctl/ctl_command.h"

namespace patchbay::ctl {

namespace {

constexpr CtlArgument kPage[] = {
    {.name = "page", .help = "Which page"},
    {.name = "limit", .help = "How many on a page", .otherwise = "100"},
};
constexpr CtlArgument kTraceShow[] = {
    {.name = "name", .place = Place::path, .required = true, .help = "Its name"},
    {.name = "position", .help = "Where in its file to begin, in bytes"},
    {.name = "bytes", .help = "How much of it at most", .otherwise = "1000000"},
};
constexpr CtlArgument kName[] = {{.name = "name", .place = Place::path, .required = true, .help = "Its name"}};
constexpr CtlArgument kClient[] = {{.name = "clientid", .place = Place::path, .required = true, .help = "Client id"}};

// clients, subscriptions, topics
constexpr CtlArgument kClientsList[] = {
    {.name = "like_clientid", .help = "Part of the client id", .option = "like"},
    {.name = "username", .help = "User name"},
    {.name = "ip_address", .help = "Address of the client", .option = "address"},
    {.name = "conn_state", .help = "connected or disconnected", .option = "state"},
    {.name = "page", .help = "Which page"},
    {.name = "limit", .help = "How many on a page", .otherwise = "100"},
};
constexpr CtlColumn kClientColumns[] = {{"clientid", "CLIENT ID"},   {"username", "USER"},
                                        {"ip_address", "ADDRESS"},   {"port", "PORT"},
                                        {"proto_ver", "MQTT"},       {"connected", "CONNECTED"},
                                        {"keepalive", "KEEP ALIVE"}, {"subscriptions_cnt", "SUBSCRIPTIONS"},
                                        {"mqueue_len", "QUEUED"},    {"inflight_cnt", "INFLIGHT"}};
constexpr CtlArgument kClientSubscribe[] = {
    {.name = "clientid", .place = Place::path, .required = true, .help = "Client id"},
    {.name = "topic", .place = Place::body, .required = true, .help = "Topic filter"},
    {.name = "qos", .place = Place::body_number, .help = "Maximum QoS", .otherwise = "0"},
};
constexpr CtlArgument kClientUnsubscribe[] = {
    {.name = "clientid", .place = Place::path, .required = true, .help = "Client id"},
    {.name = "topic", .place = Place::body, .required = true, .help = "Topic filter"},
};
constexpr CtlColumn kSubscriptionColumns[] = {{"clientid", "CLIENT ID"},
                                              {"topic", "TOPIC FILTER"},
                                              {"qos", "QOS"},
                                              {"nl", "NO LOCAL"},
                                              {"rap", "RAP"},
                                              {"rh", "RH"}};
constexpr CtlArgument kSubscriptionsList[] = {
    {.name = "clientid", .help = "Of this client"},
    {.name = "topic", .help = "This filter"},
    {.name = "match_topic", .help = "Filters that match this topic", .option = "match"},
    {.name = "page", .help = "Which page"},
    {.name = "limit", .help = "How many on a page", .otherwise = "100"},
};
constexpr CtlColumn kTopicColumns[] = {{"topic", "TOPIC FILTER"}, {"node", "NODE"}};

// messages
constexpr CtlArgument kPublish[] = {
    {.name = "topic", .place = Place::body, .required = true, .help = "Topic name"},
    {.name = "payload", .place = Place::body, .required = true, .help = "Payload"},
    {.name = "qos", .place = Place::body_number, .help = "QoS", .otherwise = "0"},
    {.name = "retain",
     .place = Place::body_json,
     .help = "true: keep it as the topic's retained message",
     .otherwise = "false"},
    {.name = "payload_encoding",
     .place = Place::body,
     .help = "plain or base64",
     .otherwise = "plain",
     .option = "encoding"},
};
constexpr CtlColumn kRetainedColumns[] = {
    {"topic", "TOPIC"}, {"qos", "QOS"}, {"publish_at", "PUBLISHED"}, {"from_clientid", "FROM"}};
constexpr CtlArgument kTopicOfPath[] = {
    {.name = "topic", .place = Place::path, .required = true, .help = "Topic name"}};
constexpr CtlColumn kDelayedColumns[] = {
    {"msgid", "ID"}, {"topic", "TOPIC"}, {"expected_at", "EXPECTED"}, {"delayed_remaining", "SECONDS LEFT"}};

// listeners
constexpr CtlArgument kListener[] = {{.name = "id", .place = Place::path, .required = true, .help = "\"tcp:default\""}};
constexpr CtlColumn kListenerColumns[] = {{"id", "LISTENER"},
                                          {"bind", "BIND"},
                                          {"enable", "ENABLED"},
                                          {"status.running", "RUNNING"},
                                          {"status.current_connections", "CONNECTIONS"},
                                          {"status.max_connections", "MAXIMUM"}};

// gateways
constexpr CtlArgument kGateway[] = {{.name = "name", .place = Place::path, .required = true, .help = "\"stomp\""}};
constexpr CtlArgument kGatewayClients[] = {
    {.name = "name", .place = Place::path, .required = true, .help = "\"stomp\""},
    {.name = "page", .help = "Which page"},
    {.name = "limit", .help = "How many on a page", .otherwise = "100"},
};
constexpr CtlColumn kGatewayColumns[] = {{"name", "GATEWAY"},
                                         {"status", "STATUS"},
                                         {"plugin", "PLUGIN"},
                                         {"current_connections", "CONNECTIONS"},
                                         {"max_connections", "MAXIMUM"},
                                         {"started_at", "STARTED"}};

// plugins
constexpr CtlColumn kPluginColumns[] = {{"name", "PLUGIN"},          {"rel_vsn", "VERSION"}, {"state", "STATE"},
                                        {"health.status", "HEALTH"}, {"reason", "REASON"},   {"description", "TITLE"}};
constexpr CtlArgument kPluginAllow[] = {
    {.name = "name", .place = Place::body, .required = true, .help = "Name of the plugin that may be uploaded"},
    {.name = "sha256",
     .place = Place::file_sha256,
     .required = true,
     .help = "SHA-256 of its file in hex, or the file itself"},
};
constexpr CtlArgument kPluginInstall[] = {
    {.name = "file", .place = Place::upload, .required = true, .help = "The plugin file (.so)"}};
constexpr CtlArgument kPluginMove[] = {
    {.name = "name", .place = Place::path, .required = true, .help = "Its name"},
    {.name = "position", .place = Place::body, .required = true, .help = "front, rear, before:NAME or after:NAME"}};
constexpr CtlArgument kPluginSettings[] = {
    {.name = "name", .place = Place::path, .required = true, .help = "Its name"},
    {.name = "settings", .place = Place::whole_body, .required = true, .help = "JSON, @FILE, or - for standard input"},
    {.name = "dry_run", .help = "true: only say what would happen"}};
constexpr CtlArgument kPluginUpgrade[] = {
    {.name = "name", .place = Place::path, .required = true, .help = "Its name"},
    {.name = "file", .place = Place::upload, .required = true, .help = "The new version's file (.so)"}};
constexpr CtlArgument kPluginCall[] = {
    {.name = "name", .place = Place::path, .required = true, .help = "Its name"},
    {.name = "method", .place = Place::method, .required = true, .help = "GET, POST, PUT or DELETE"},
    {.name = "path", .place = Place::raw_path, .required = true, .help = "What the plugin serves: /users?limit=10"},
    {.name = "body", .place = Place::whole_body, .help = "JSON, @FILE, or - for standard input"}};
constexpr CtlColumn kOrderColumns[] = {
    {"hook", "HOOK"}, {"phase", "PHASE"}, {"instance", "PLUGIN"}, {"reason", "REASON"}};
constexpr CtlColumn kDependencyColumns[] = {
    {"user", "PLUGIN"}, {"service", "SERVICE"}, {"provider", "PROVIDED BY"}, {"needed", "NEEDED"}};

// users and keys
constexpr CtlColumn kUserColumns[] = {{"username", "USER"}, {"role", "ROLE"}, {"description", "DESCRIPTION"}};
constexpr CtlArgument kUser[] = {{.name = "username", .place = Place::path, .required = true, .help = "User name"}};
constexpr CtlArgument kUserAdd[] = {
    {.name = "username", .place = Place::body, .required = true, .help = "User name"},
    {.name = "role", .place = Place::body, .help = "administrator or viewer", .otherwise = "viewer"},
    {.name = "description", .place = Place::body, .help = "For people", .otherwise = " "},
    {.name = "password", .place = Place::secret, .required = true},
};
constexpr CtlArgument kUserPassword[] = {
    {.name = "username", .place = Place::path, .required = true, .help = "User name"},
    {.name = "new_pwd", .place = Place::secret, .required = true},
};
constexpr CtlColumn kKeyColumns[] = {{"name", "NAME"},          {"api_key", "KEY"}, {"enable", "ENABLED"},
                                     {"expired_at", "EXPIRES"}, {"role", "ROLE"},   {"desc", "DESCRIPTION"}};
constexpr CtlArgument kKeyAdd[] = {
    {.name = "name", .place = Place::body, .required = true, .help = "Name of the key"},
    {.name = "role", .place = Place::body, .help = "administrator, viewer or publisher", .otherwise = "viewer"},
    {.name = "expired_at",
     .place = Place::body,
     .help = "RFC 3339 time, or infinity",
     .otherwise = "infinity",
     .option = "expires"},
    {.name = "desc", .place = Place::body, .help = "For people", .otherwise = " ", .option = "description"},
    {.name = "enable", .place = Place::body_json, .help = "false: not usable yet", .otherwise = "true"},
};

// banned, alarms, traces
constexpr CtlColumn kBannedColumns[] = {
    {"as", "AS"}, {"who", "WHO"}, {"by", "BY"}, {"reason", "REASON"}, {"until", "UNTIL"}};
constexpr CtlArgument kBannedAdd[] = {
    {.name = "as", .place = Place::body, .required = true, .help = "clientid, username, peerhost, ..."},
    {.name = "who", .place = Place::body, .required = true, .help = "Whom"},
    {.name = "reason", .place = Place::body, .help = "For people"},
    {.name = "until", .place = Place::body, .help = "RFC 3339 time; default: for ever"},
};
constexpr CtlArgument kBannedRemove[] = {
    {.name = "as", .place = Place::path, .required = true, .help = "clientid, username, peerhost, ..."},
    {.name = "who", .place = Place::path, .required = true, .help = "Whom"},
};
constexpr CtlColumn kAlarmColumns[] = {
    {"name", "ALARM"}, {"message", "MESSAGE"}, {"activate_at", "SINCE"}, {"duration", "MILLISECONDS"}};
constexpr CtlArgument kAlarms[] = {{.name = "activated", .help = "false: those that are over", .otherwise = "true"}};
constexpr CtlColumn kTraceColumns[] = {
    {"name", "TRACE"}, {"type", "TYPE"}, {"status", "STATUS"}, {"start_at", "FROM"}, {"end_at", "UNTIL"}};
constexpr CtlArgument kTraceClient[] = {
    {.name = "name", .place = Place::body, .required = true, .help = "Name of the trace"},
    {.name = "clientid", .place = Place::body, .required = true, .help = "Client id"},
    {.name = "type", .place = Place::body, .otherwise = "clientid"},
    {.name = "end_at", .place = Place::body, .help = "RFC 3339 time", .option = "until"},
};
constexpr CtlArgument kTraceTopic[] = {
    {.name = "name", .place = Place::body, .required = true, .help = "Name of the trace"},
    {.name = "topic", .place = Place::body, .required = true, .help = "Topic filter"},
    {.name = "type", .place = Place::body, .otherwise = "topic"},
    {.name = "end_at", .place = Place::body, .help = "RFC 3339 time", .option = "until"},
};
constexpr CtlArgument kTraceAddress[] = {
    {.name = "name", .place = Place::body, .required = true, .help = "Name of the trace"},
    {.name = "ip_address",
     .place = Place::body,
     .required = true,
     .help = "Address of the client",
     .option = "address"},
    {.name = "type", .place = Place::body, .otherwise = "ip_address"},
    {.name = "end_at", .place = Place::body, .help = "RFC 3339 time", .option = "until"},
};

// configuration and log
constexpr CtlArgument kConfigGet[] = {
    {.name = "key", .help = "A key, or a table: mqtt, mqtt.max_inflight; default: all"}};
constexpr CtlArgument kConfigSet[] = {{.name = "changes",
                                       .place = Place::whole_body,
                                       .required = true,
                                       .help = "JSON: {\"mqtt\": {\"max_inflight\": 64}}, @FILE, or -"}};
constexpr CtlArgument kLogLevel[] = {
    {.name = "level", .place = Place::body, .required = true, .help = "debug, info, warning, error or off"},
    {.name = "area", .place = Place::body, .help = "One area; default: all"},
};
constexpr CtlColumn kNodeColumns[] = {
    {"node", "NODE"},          {"node_status", "STATUS"},           {"version", "VERSION"},
    {"uptime", "UPTIME (MS)"}, {"live_connections", "CONNECTIONS"}, {"memory_used", "MEMORY"},
    {"load1", "LOAD"}};
constexpr CtlColumn kLimitColumns[] = {{"name", "LIMIT"},         {"value", "VALUE"},     {"unit", "UNIT"},
                                       {"current", "IN USE"},     {"reached", "REACHED"}, {"counter", "COUNTER"},
                                       {"action", "AT THE LIMIT"}};
constexpr CtlArgument kAggregate[] = {{.name = "aggregate", .otherwise = "true"}};

constexpr CtlCommand kCommands[] = {
    {"status", "", "The node, in a line", "GET", "/nodes", {}, kNodeColumns},
    {"clients", "list", "Clients, a page of them", "GET", "/clients", kClientsList, kClientColumns},
    {"clients", "show", "Everything about one client", "GET", "/clients/{clientid}", kClient},
    {"clients",
     "kick",
     "Close a client's connection and end its session",
     "DELETE",
     "/clients/{clientid}",
     kClient,
     {},
     "kicked"},
    {"clients", "subscriptions", "What a client is subscribed to", "GET", "/clients/{clientid}/subscriptions", kClient,
     kSubscriptionColumns},
    {"clients", "subscribe", "Subscribe in a client's name", "POST", "/clients/{clientid}/subscribe", kClientSubscribe},
    {"clients",
     "unsubscribe",
     "Take a subscription back",
     "POST",
     "/clients/{clientid}/unsubscribe",
     kClientUnsubscribe,
     {},
     "unsubscribed"},
    {"subscriptions", "list", "Subscriptions, a page of them", "GET", "/subscriptions", kSubscriptionsList,
     kSubscriptionColumns},
    {"topics", "list", "Topic filters that somebody has", "GET", "/topics", kPage, kTopicColumns},
    {"publish", "", "Publish a message", "POST", "/publish", kPublish},
    {"retained", "list", "Topics with a retained message", "GET", "/mqtt/retainer/messages", kPage, kRetainedColumns},
    {"retained", "show", "One retained message", "GET", "/mqtt/retainer/message/{topic}", kTopicOfPath},
    {"retained",
     "delete",
     "Forget retained messages; wildcards are allowed",
     "DELETE",
     "/mqtt/retainer/message/{topic}",
     kTopicOfPath,
     {},
     "deleted"},
    {"delayed", "list", "Messages that wait for their time", "GET", "/mqtt/delayed/messages", kPage, kDelayedColumns},
    {"listeners", "list", "Listeners", "GET", "/listeners", {}, kListenerColumns},
    {"listeners", "show", "One listener's configuration", "GET", "/listeners/{id}", kListener},
    {"listeners", "start", "Start one", "POST", "/listeners/{id}/start", kListener, {}, "started"},
    {"listeners",
     "stop",
     "Stop one; its clients are sent away",
     "POST",
     "/listeners/{id}/stop",
     kListener,
     {},
     "stopped"},
    {"listeners", "restart", "Stop and start one", "POST", "/listeners/{id}/restart", kListener, {}, "restarted"},
    {"gateways", "list", "Protocols of plugins", "GET", "/gateways", {}, kGatewayColumns},
    {"gateways", "show", "One of them, with its listeners", "GET", "/gateways/{name}", kGateway},
    {"gateways", "clients", "Its clients, a page of them", "GET", "/gateways/{name}/clients", kGatewayClients,
     kClientColumns},
    {"plugins", "list", "Plugins and their states", "GET", "/plugins", {}, kPluginColumns},
    {"plugins", "show", "Everything about one plugin", "GET", "/plugins/{name}", kName},
    {"plugins",
     "allow",
     "Let one file be uploaded once, within five minutes",
     "POST",
     "/plugins/allow",
     kPluginAllow,
     {},
     "allowed for five minutes, once"},
    {"plugins",
     "install",
     "Upload a file that has been allowed",
     "POST",
     "/plugins/install",
     kPluginInstall,
     {},
     "installed"},
    {"plugins", "start", "Start one, now and at boot", "PUT", "/plugins/{name}/start", kName, {}, "started"},
    {"plugins", "stop", "Stop one, now and at boot", "PUT", "/plugins/{name}/stop", kName, {}, "stopped"},
    {"plugins", "restart", "Stop and start one", "PUT", "/plugins/{name}/restart", kName, {}, "restarted"},
    {"plugins",
     "move",
     "Change its place in the order of all its hooks",
     "POST",
     "/plugins/{name}/move",
     kPluginMove,
     {},
     "moved"},
    {"plugins", "config", "Its settings", "GET", "/plugins/{name}/config", kName},
    {"plugins", "configure", "Change its settings", "PUT", "/plugins/{name}/config", kPluginSettings, {}, "configured"},
    {"plugins",
     "upgrade",
     "Replace it by a new version that has been allowed, while it serves",
     "POST",
     "/plugins/{name}/upgrade",
     kPluginUpgrade,
     {},
     "upgraded"},
    {"plugins", "call", "Ask a plugin's own API", "POST", "/plugins/{name}/api/{path}", kPluginCall, {}, "done"},
    {"plugins", "order", "Who is asked when, and why", "GET", "/plugins/order", {}, kOrderColumns},
    {"plugins", "dependencies", "Who uses whom", "GET", "/plugins/dependencies", {}, kDependencyColumns},
    {"plugins", "remove", "Stop one and remove its file", "DELETE", "/plugins/{name}", kName, {}, "removed"},
    {"users", "list", "Users of this API", "GET", "/users", {}, kUserColumns},
    {"users", "add", "Add one; the password is asked for", "POST", "/users", kUserAdd},
    {"users",
     "password",
     "Set a user's password, from the broker's own machine; it is asked for",
     "POST",
     "/users/{username}/change_pwd",
     kUserPassword,
     {},
     "changed"},
    {"users", "delete", "Delete one", "DELETE", "/users/{username}", kUser, {}, "deleted"},
    {"api-keys", "list", "API keys", "GET", "/api_key", {}, kKeyColumns},
    {"api-keys", "add", "Make one; its secret is shown this once", "POST", "/api_key", kKeyAdd},
    {"api-keys", "delete", "Delete one", "DELETE", "/api_key/{name}", kName, {}, "deleted"},
    {"banned", "list", "Who is kept out", "GET", "/banned", kPage, kBannedColumns},
    {"banned", "add", "Keep somebody out", "POST", "/banned", kBannedAdd},
    {"banned", "remove", "Let somebody in again", "DELETE", "/banned/{as}/{who}", kBannedRemove, {}, "removed"},
    {"alarms", "list", "What wants looking at", "GET", "/alarms", kAlarms, kAlarmColumns},
    {"config", "get", "The configuration in force", "GET", "/configs", kConfigGet},
    {"config", "set", "Change it; says what needs a restart", "PUT", "/configs", kConfigSet},
    {"log", "level", "Set what is logged", "PUT", "/log/level", kLogLevel, {}, "set"},
    {"trace", "list", "Traces", "GET", "/trace", {}, kTraceColumns},
    {"trace", "client", "Follow one client", "POST", "/trace", kTraceClient},
    {"trace", "topic", "Follow topics", "POST", "/trace", kTraceTopic},
    {"trace", "address", "Follow one address", "POST", "/trace", kTraceAddress},
    {"trace", "show", "What a trace has written", "GET", "/trace/{name}/log", kTraceShow, {}, {}, "items"},
    {"trace", "stop", "Stop one", "PUT", "/trace/{name}/stop", kName, {}, "stopped"},
    {"trace", "delete", "Delete one and its file", "DELETE", "/trace/{name}", kName, {}, "deleted"},
    {"metrics", "", "All counters", "GET", "/metrics", kAggregate},
    {"limits", "", "All limits, what happens at them, and how often that was", "GET", "/limits", {}, kLimitColumns},
    {"stats", "", "How many of everything there are", "GET", "/stats", kAggregate},
};

}  // namespace

std::span<const CtlCommand> ctl_commands() {
  return kCommands;
}

}  // namespace patchbay::ctl
