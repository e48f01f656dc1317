#include "config/config_loader.h"

#include <catch2/catch.hpp>

#include "unit/config/config_loading.h"

using namespace patchbay::config;           // NOLINT: test
using namespace patchbay::config::testing;  // NOLINT: test

TEST_CASE("without any source the defaults hold") {
  const Loaded result = load({});
  CHECK(result.problems.empty());
  CHECK(result.config().listeners.tcp.at("default").bind == "127.0.0.1:1883");
  CHECK(result.config().listeners.ws.at("default").bind == "127.0.0.1:8083");
  CHECK(result.config().listeners.ssl.at("default").bind.empty());
  CHECK(result.config().listeners.wss.at("default").bind.empty());
  CHECK(result.config().mqtt.max_packet_size_bytes == 1048576);
  CHECK(result.config().mqtt.session_expiry_interval_s == 7200);
  CHECK(result.config().access.allow_anonymous == AllowAnonymous::auto_);
  CHECK(result.loaded.where("mqtt.max_inflight") == "default");
}

TEST_CASE("every type of value is read from a file") {
  const Loaded result = load_text(R"(
topic_rewrite = [ { action = "publish", source_topic = "x/#", re = "^x/(.+)$", dest_topic = "y/$1" } ]

[node]
name = "broker@host"          # string
shards = 4                    # integer
[mqtt]
retain_available = false      # boolean
max_packet_size = "2MiB"      # size with a unit
max_connect_packet_size = 4096 # size in bytes
keepalive_multiplier = 2.25   # number
mqueue_drop_policy = "newest" # enumeration
shared_subscription_strategy = "hash_topic"
[plugins]
enabled = ["auth-jwt", "webhook"]
[[mqtt.mqueue_priorities]]
topic = "alarm"
priority = 9
[[mqtt.mqueue_priorities]]
topic = "status"
[log]
level = "warning"
levels.session = "debug"
)");
  REQUIRE(result.problems.empty());
  const Config& config = result.config();
  CHECK(config.node.name == "broker@host");
  CHECK(config.node.shards == 4);
  CHECK_FALSE(config.mqtt.retain_available);
  CHECK(config.mqtt.max_packet_size_bytes == 2u << 20);
  CHECK(config.mqtt.max_connect_packet_size_bytes == 4096);
  CHECK(config.mqtt.keepalive_multiplier == 2.25);
  CHECK(config.mqtt.mqueue_drop_policy == DropPolicy::newest);
  CHECK(config.mqtt.shared_subscription_strategy == SharedStrategy::hash_topic);
  CHECK(config.plugins.enabled == std::vector<std::string>{"auth-jwt", "webhook"});
  REQUIRE(config.mqtt.mqueue_priorities.size() == 2);
  CHECK(config.mqtt.mqueue_priorities[0].priority == 9);
  CHECK(config.mqtt.mqueue_priorities[1].topic == "status");
  CHECK(config.mqtt.mqueue_priorities[1].priority == 1);
  REQUIRE(config.topic_rewrite.size() == 1);
  CHECK(config.topic_rewrite[0].action == RewriteAction::publish);
  CHECK(config.topic_rewrite[0].dest_topic == "y/$1");
  CHECK(config.log.level_of(patchbay::base::LogArea::session) == patchbay::base::LogLevel::debug);
  CHECK(config.log.level_of(patchbay::base::LogArea::net) == patchbay::base::LogLevel::warning);
  CHECK(result.loaded.where("node.shards") == "patchbay.toml:6");
}

TEST_CASE("access.allow_anonymous takes a boolean or auto") {
  CHECK(load_text("access.allow_anonymous = true").config().access.allow_anonymous == AllowAnonymous::true_);
  CHECK(load_text("access.allow_anonymous = false").config().access.allow_anonymous == AllowAnonymous::false_);
  CHECK(load_text("access.allow_anonymous = 'auto'").config().access.allow_anonymous == AllowAnonymous::auto_);
  CHECK(load_sets({"access.allow_anonymous=true"}).config().access.allow_anonymous == AllowAnonymous::true_);
  CHECK(load_text("access.allow_anonymous = 'yes'").problem_of("access.allow_anonymous").allowed ==
        "one of auto, true, false");
}

TEST_CASE("listeners are created by name in each type") {
  const Loaded result = load_text(R"(
[listeners.tcp.internal]
bind = "127.0.0.1:11883"
max_connections = 10
[listeners.tcp.default]
bind = ""
[listeners.ssl.default.ssl]
certfile = "cert.pem"
keyfile = "key.pem"
min_version = 1.3
sni = [ { hostname = "a.example.org", certfile = "a.pem", keyfile = "a.key" } ]
[listeners.wss.browser]
bind = "127.0.0.1:9443"
websocket.path = "/socket"
websocket.origins = ["https://app.example.org"]
)");
  REQUIRE(result.problems.empty());
  const ListenersConfig& listeners = result.config().listeners;
  CHECK(listeners.tcp.size() == 2);
  CHECK(listeners.tcp.at("internal").max_connections == 10);
  CHECK(listeners.tcp.at("default").bind.empty());
  CHECK(listeners.ssl.at("default").ssl.min_version == TlsVersion::v1_3);
  REQUIRE(listeners.ssl.at("default").ssl.sni.size() == 1);
  CHECK(listeners.ssl.at("default").ssl.sni[0].hostname == "a.example.org");
  CHECK(listeners.wss.at("browser").websocket.path == "/socket");
  CHECK(listeners.wss.at("browser").websocket.origins == std::vector<std::string>{"https://app.example.org"});
}

TEST_CASE("the default listeners with TLS open once they have a certificate, unless they are told otherwise") {
  const Loaded with = load_text("listeners.ssl.default.ssl.certfile = 'c'\nlisteners.wss.default.ssl.certfile = 'c'\n");
  CHECK(with.config().listeners.ssl.at("default").bind == "127.0.0.1:8883");
  CHECK(with.config().listeners.wss.at("default").bind == "127.0.0.1:8084");
  const Loaded off = load_text("listeners.ssl.default.bind = ''\nlisteners.ssl.default.ssl.certfile = 'c'\n");
  CHECK(off.config().listeners.ssl.at("default").bind.empty());
}

TEST_CASE("file < environment < --set < --data") {
  ConfigSources sources;
  sources.file_name = "patchbay.toml";
  sources.file_text =
      "mqtt.max_inflight = 1\nmqtt.max_awaiting_rel = 1\nmqtt.receive_maximum = 1\nnode.data_dir = 'a'\n";
  sources.environment = {{"PATCHBAY_MQTT__MAX_AWAITING_REL", "2"}, {"PATCHBAY_MQTT__RECEIVE_MAXIMUM", "2"}};
  sources.overrides = {"mqtt.receive_maximum=3", "node.data_dir=b"};
  sources.data_dir = "c";
  const Loaded result = load(sources);
  REQUIRE(result.problems.empty());
  CHECK(result.config().mqtt.max_inflight == 1);
  CHECK(result.config().mqtt.max_awaiting_rel == 2);
  CHECK(result.config().mqtt.receive_maximum == 3);
  CHECK(result.config().node.data_dir == "c");
  CHECK(result.loaded.where("mqtt.max_inflight") == "patchbay.toml:1");
  CHECK(result.loaded.where("mqtt.max_awaiting_rel") == "environment PATCHBAY_MQTT__MAX_AWAITING_REL");
  CHECK(result.loaded.where("mqtt.receive_maximum") == "--set");
  CHECK(result.loaded.where("node.data_dir") == "--data");
}

TEST_CASE("the last --set of a key wins") {
  CHECK(load_sets({"mqtt.max_inflight=5", "mqtt.max_inflight=6"}).config().mqtt.max_inflight == 6);
}

TEST_CASE("--set takes TOML values and bare strings") {
  const Loaded result =
      load_sets({"listeners.tcp.default.bind=127.0.0.1:2883", "listeners.ws.default.bind=", "node.name=\"quoted\"",
                 "mqtt.max_packet_size=64KiB", "mqtt.max_mqueue_bytes=2048", "mqtt.upgrade_qos=true",
                 "mqtt.keepalive_multiplier=2", "plugins.enabled=auth-jwt,webhook", "log.levels.net=off",
                 "plugins.dir = 1.2 ", "auto_subscribe=[{topic=\"c/${clientid}\", qos=1}]"});
  REQUIRE(result.problems.empty());
  const Config& config = result.config();
  CHECK(config.listeners.tcp.at("default").bind == "127.0.0.1:2883");
  CHECK(config.listeners.ws.at("default").bind.empty());
  CHECK(config.node.name == "quoted");
  CHECK(config.mqtt.max_packet_size_bytes == 65536);
  CHECK(config.mqtt.max_mqueue_bytes == 2048);
  CHECK(config.mqtt.upgrade_qos);
  CHECK(config.mqtt.keepalive_multiplier == 2.0);
  CHECK(config.plugins.enabled == std::vector<std::string>{"auth-jwt", "webhook"});
  CHECK(config.plugins.dir == "1.2");
  CHECK(config.log.level_of(patchbay::base::LogArea::net) == patchbay::base::LogLevel::off);
  REQUIRE(config.auto_subscribe.size() == 1);
  CHECK(config.auto_subscribe[0].topic == "c/${clientid}");
  CHECK(config.auto_subscribe[0].qos == 1);
  CHECK(load_sets({"plugins.enabled=[\"a\"]"}).config().plugins.enabled == std::vector<std::string>{"a"});
  CHECK(load_sets({"plugins.enabled="}).config().plugins.enabled.empty());
}

TEST_CASE("environment variables name keys; those of others are left alone") {
  const Loaded result = load_environment({{"PATCHBAY_LISTENERS__TCP__DEFAULT__BIND", "127.0.0.1:2883"},
                                          {"PATCHBAY_LISTENERS__TCP__MY_LISTENER__MAX_CONNECTIONS", "7"},
                                          {"PATCHBAY_HOME", "/opt/patchbay"},
                                          {"PATH", "/bin"},
                                          {"MQTT__MAX_INFLIGHT", "1"}});
  REQUIRE(result.problems.empty());
  CHECK(result.config().listeners.tcp.at("default").bind == "127.0.0.1:2883");
  CHECK(result.config().listeners.tcp.at("my_listener").max_connections == 7);
  CHECK(result.config().mqtt.max_inflight == 32);
  const Loaded mistyped = load_environment({{"PATCHBAY_MQTT__MAX_INFLIHGT", "1"}});
  CHECK(mistyped.problem_of("mqtt.max_inflihgt").where == "environment PATCHBAY_MQTT__MAX_INFLIHGT");
  CHECK(mistyped.problem_of("mqtt.max_inflihgt").found == "unknown key; did you mean mqtt.max_inflight?");
}

TEST_CASE("all problems are reported at once, each with key, place, finding and what is allowed") {
  ConfigSources sources;
  sources.file_name = "patchbay.toml";
  sources.file_text = R"([mqtt]
max_inflight = 0
retain_available = "yes"
max_packet_size = "1MB"
mqueue_drop_policy = "random"
keepalive_multiplier = 0.5
receive_maximum = "many"
max_qos = 1
[plugins]
enabled = "auth"
)";
  sources.environment = {{"PATCHBAY_NODE__SHARDS", "-1"}};
  sources.overrides = {"mqtt.max_topic_levels=100000"};
  const Loaded result = load(sources);
  CHECK(result.problems.size() == 10);
  CHECK(result.problem_of("mqtt.max_inflight") ==
        ConfigProblem{"mqtt.max_inflight", "patchbay.toml:2", "found 0", "integer, 1 to 65535"});
  CHECK(result.problem_of("mqtt.retain_available") ==
        ConfigProblem{"mqtt.retain_available", "patchbay.toml:3", "found \"yes\"", "true or false"});
  CHECK(result.problem_of("mqtt.max_packet_size").allowed == "size, 1KiB to 256MiB (bytes, or with B, KiB, MiB, GiB)");
  CHECK(result.problem_of("mqtt.mqueue_drop_policy").allowed == "one of oldest, newest");
  CHECK(result.problem_of("mqtt.keepalive_multiplier").found == "found 0.5");
  CHECK(result.problem_of("mqtt.receive_maximum").found == "found \"many\"");
  CHECK(result.problem_of("mqtt.max_qos").where == "patchbay.toml:8");
  CHECK(result.problem_of("plugins.enabled").allowed == "list of strings");
  CHECK(result.problem_of("node.shards").where == "environment PATCHBAY_NODE__SHARDS");
  CHECK(result.problem_of("mqtt.max_topic_levels").where == "--set");
  // What is right is loaded all the same, and what is wrong keeps its default.
  CHECK(result.config().mqtt.max_inflight == 32);
}

TEST_CASE("unknown keys refuse the start and get a suggestion") {
  CHECK(load_text("mqtt.max_inflght = 1").problem_of("mqtt.max_inflght").found ==
        "unknown key; did you mean mqtt.max_inflight?");
  CHECK(load_text("mqtt.session_expiry_interval = 1").problem_of("mqtt.session_expiry_interval").found ==
        "unknown key; did you mean mqtt.session_expiry_interval_s?");
  CHECK(load_text("max_inflight = 1").problem_of("max_inflight").found ==
        "unknown key; did you mean mqtt.max_inflight?");
  CHECK(load_text("[mqqt]\nmax_inflight = 1").problem_of("mqqt").found == "unknown key; did you mean mqtt?");
  CHECK(load_text("[webhook]\nurl = 'x'").problem_of("webhook").found == "unknown key");
  CHECK(load_text("listeners.tpc.default.bind = ''").problem_of("listeners.tpc").found ==
        "unknown type of listener; did you mean tcp?");
  CHECK(load_text("listeners.tcp.default.bnd = ''").problem_of("listeners.tcp.default.bnd").found ==
        "unknown key; did you mean listeners.tcp.default.bind?");
}

TEST_CASE("keys of other types of listener are refused with the types that have them") {
  const Loaded result = load_text("[listeners.tcp.default]\nssl.certfile = 'c'\nwebsocket.path = '/'\n");
  CHECK(result.problems.size() == 2);
  CHECK(result.problem_of("listeners.tcp.default.ssl").allowed == "only in listeners of type ssl, wss, dtls");
  CHECK(result.problem_of("listeners.tcp.default.websocket").allowed == "only in listeners of type ws, wss");
  CHECK(load_sets({"listeners.tcp.default.ssl.verify=peer"}).problem_of("listeners.tcp.default.ssl.verify").found ==
        "not a key of a listener of type tcp");
}

TEST_CASE("names of listeners are checked") {
  CHECK(load_text("listeners.tcp.'a b'.bind = ''").problem_of("listeners.tcp.a b").found ==
        "found \"a b\" as the name of a listener");
  CHECK(load_sets({"listeners.tcp..bind="}).problems.size() == 1);
}

TEST_CASE("sections and values in each other's place are refused") {
  CHECK(load_text("mqtt = 1").problem_of("mqtt").found == "found a value in place of a section");
  CHECK(load_text("listeners.tcp.default = 1").problem_of("listeners.tcp.default").allowed ==
        "[listeners.tcp.default]");
  CHECK(load_text("mqtt.max_inflight.x = 1").problem_of("mqtt.max_inflight").found == "found a table");
  CHECK(load_sets({"mqtt=1"}).problem_of("mqtt").found == "found a section in place of a key");
}

TEST_CASE("--set without an equals sign or a key is refused") {
  const Loaded result = load_sets({"mqtt.max_inflight", "=1"});
  REQUIRE(result.problems.size() == 2);
  CHECK(result.problems[0] == ConfigProblem{"", "--set", "found \"mqtt.max_inflight\"", "KEY=VALUE"});
}

TEST_CASE("errors of TOML syntax carry the line") {
  const Loaded result = load_text("[mqtt]\nmax_inflight = \n");
  REQUIRE(result.problems.size() == 1);
  CHECK(result.problems[0].where == "patchbay.toml:2");
  const Loaded twice = load_text("[mqtt]\nmax_inflight = 1\nmax_inflight = 2\n");
  REQUIRE(twice.problems.size() == 1);
  CHECK(twice.problems[0].where == "patchbay.toml:3");
}

TEST_CASE("lists of tables check each member") {
  const Loaded result = load_text(R"(
[[auto_subscribe]]
topic = "a"
qos = 3
[[auto_subscribe]]
qoss = 1
)");
  CHECK(result.problems.size() == 3);
  CHECK(result.problem_of("auto_subscribe[0].qos").allowed == "integer, 0 to 2");
  CHECK(result.problem_of("auto_subscribe[1].qoss").found == "unknown key; did you mean qos?");
  CHECK(result.problem_of("auto_subscribe[1].topic").found == "missing");
  CHECK(load_text("auto_subscribe = 'a'").problem_of("auto_subscribe").allowed ==
        "list of tables with topic, qos, rh, rap, nl");
  CHECK(load_text("auto_subscribe = ['a']").problems.size() == 1);
}

TEST_CASE("a later list replaces an earlier one") {
  ConfigSources sources;
  sources.file_text = "auto_subscribe = [ { topic = 'a' }, { topic = 'b' } ]";
  sources.overrides = {"auto_subscribe=[{topic='c'}]"};
  const Loaded result = load(sources);
  REQUIRE(result.config().auto_subscribe.size() == 1);
  CHECK(result.config().auto_subscribe[0].topic == "c");
}

TEST_CASE("secrets never appear in a problem") {
  const Loaded typed = load_text("api.admin_password = 12345678\n");
  CHECK(typed.problem_of("api.admin_password").found == "found (secret)");
  const Loaded unknown = load_text("api.admin_pasword = 'hunter2'\n");
  REQUIRE(unknown.problems.size() == 1);
  CHECK(to_text(unknown.problems).find("hunter2") == std::string::npos);
  CHECK(load_sets({"api.admin_password=[1]"}).problems.empty());
}

TEST_CASE("control characters of a wrong value cannot forge lines of the report") {
  const Loaded result = load_text("log.format = \"json\\nFATAL: forged\\u001B[31m\"\n");
  REQUIRE(result.problems.size() == 1);
  CHECK(result.problems[0].found == "found \"json\\u000AFATAL: forged\\u001B[31m\"");
}

TEST_CASE("long values are cut in problems") {
  const Loaded result = load_text("log.format = \"" + std::string(1000, 'x') + "\"\n");
  REQUIRE(result.problems.size() == 1);
  CHECK(result.problems[0].found.size() < 120);
}

TEST_CASE("the report has one line for each problem and a count") {
  const std::vector<ConfigProblem> problems = {{"mqtt.max_inflight", "f:1", "found 0", "integer, 1 to 65535"},
                                               {"", "f", "cannot be read", ""}};
  CHECK(to_text(problems) ==
        "f:1: mqtt.max_inflight: found 0; allowed: integer, 1 to 65535\nf: cannot be read\n2 problems in the "
        "configuration\n");
}
