// `patchbay ctl` beside a running broker, by the broker's user: every command that operators need every day, as a table
// for people and as JSON for scripts. Plugins are in rest_plugins_test.cpp.
#include <catch2/catch.hpp>

#include "wire/rest_client.h"
#include "wire/support/broker.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

using Words = std::vector<std::string>;

struct OnHost {
  Finished ctl(const Words& words, const std::string& input = {}) const {
    Words command = {Broker::program(), "ctl", "--data", broker.folder().path("data")};
    command.insert(command.end(), words.begin(), words.end());
    return run(std::move(command), 20s, input);
  }
  /// What it prints, which must be no failure.
  std::string text(const Words& words, const std::string& input = {}) const {
    const Finished finished = ctl(words, input);
    INFO(words[0] << ' ' << (words.size() > 1 ? words[1] : "") << '\n' << finished.output << finished.error);
    CHECK(finished.exit_code == 0);
    return finished.output;
  }
  Json json(Words words, const std::string& input = {}) const {
    words.emplace_back("--json");
    const std::string output = text(words, input);
    return output.empty() ? Json() : Json::parse(output);
  }
  /// A table with this heading and, below it, this.
  void shows(const Words& words, const std::string& heading, const std::string& line) const {
    const std::string table = text(words);
    INFO(table);
    CHECK(table.substr(0, table.find('\n')).find(heading) != std::string::npos);
    CHECK(table.find(line, table.find('\n')) != std::string::npos);
  }
  [[nodiscard]] MqttClient client(const std::string& id) {
    return MqttClient::connected(broker.tcp_port(), {.client_id = id});
  }

  Broker broker{Broker::Settings{"api.bind=127.0.0.1:" + std::to_string(free_port())}};
};

}  // namespace

TEST_CASE("ctl: clients, subscriptions, topics and messages") {
  OnHost node;
  MqttClient client = node.client("c1");
  node.shows({"status"}, "VERSION", "running");
  node.shows({"clients", "list"}, "CLIENT ID", "c1");
  CHECK(node.json({"clients", "show", "c1"}).at("connected") == true);
  CHECK(node.json({"clients", "subscribe", "c1", "t/+", "--qos", "1"}).at("topic") == "t/+");
  node.shows({"clients", "subscriptions", "c1"}, "TOPIC FILTER", "t/+");
  node.shows({"subscriptions", "list", "--match", "t/x"}, "CLIENT ID", "c1");
  node.shows({"topics", "list"}, "TOPIC FILTER", "t/+");
  CHECK(node.json({"publish", "t/x", "hello", "--qos", "1", "--retain", "true"}).contains("id"));
  CHECK(client.receive().payload == "hello");
  node.shows({"retained", "list"}, "TOPIC", "t/x");
  CHECK(node.json({"retained", "show", "t/x"}).at("payload") == "aGVsbG8=");
  CHECK(node.text({"retained", "delete", "t/#"}) == "deleted\n");
  CHECK(node.json({"retained", "list"}).at("data").empty());
  CHECK(node.json({"publish", "$delayed/600/d", "later"}).contains("id"));
  node.shows({"delayed", "list"}, "TOPIC", "d");
  CHECK(node.text({"clients", "unsubscribe", "c1", "t/+"}) == "unsubscribed\n");
  CHECK(node.text({"clients", "kick", "c1"}) == "kicked\n");
  CHECK(client.expect_disconnect().reason_code == 0x98);
  const Finished unknown = node.ctl({"clients", "show", "nobody"});
  CHECK(unknown.exit_code == 1);
  CHECK(unknown.error.find("CLIENTID_NOT_FOUND") != std::string::npos);
}

TEST_CASE("ctl: listeners, who is kept out, what is traced, and alarms") {
  OnHost node;
  node.shows({"listeners", "list"}, "LISTENER", "tcp:default");
  CHECK(node.json({"listeners", "show", "tcp:default"}).at("running") == true);
  CHECK(node.text({"listeners", "stop", "ws:default"}) == "stopped\n");
  CHECK(node.json({"listeners", "show", "ws:default"}).at("running") == false);
  CHECK(node.text({"listeners", "start", "ws:default"}) == "started\n");
  CHECK(node.text({"listeners", "restart", "ws:default"}) == "restarted\n");
  CHECK(node.json({"banned", "add", "clientid", "bad", "--reason", "noise"}).at("who") == "bad");
  node.shows({"banned", "list"}, "REASON", "noise");
  MqttClient bad(node.broker.tcp_port(), {.client_id = "bad"});
  CHECK(bad.connect().reason_code == 0x8A);
  CHECK(node.text({"banned", "remove", "clientid", "bad"}) == "removed\n");
  CHECK(node.json({"trace", "client", "watch", "c1"}).at("status") == "running");
  CHECK(node.json({"trace", "topic", "topics", "a/#"}).at("type") == "topic");
  CHECK(node.json({"trace", "address", "hosts", "127.0.0.1"}).at("type") == "ip_address");
  node.client("c1").ping();
  node.shows({"trace", "list"}, "STATUS", "running");
  CHECK(node.json({"trace", "show", "watch"}).contains("items"));
  CHECK(node.json({"trace", "stop", "watch"}).at("enable") == false);
  CHECK(node.text({"trace", "delete", "watch"}) == "deleted\n");
  CHECK(node.text({"alarms", "list"}).find("ALARM") == 0);
}

TEST_CASE("ctl: users and API keys; what is secret is shown once or never") {
  OnHost node;
  CHECK(node.json({"users", "add", "ann", "--role", "viewer"}, "Secret-2026!\n").at("username") == "ann");
  node.shows({"users", "list"}, "ROLE", "viewer");
  CHECK(node.text({"users", "password", "ann"}, "Another-2026!\n") == "changed\n");
  CHECK(node.text({"users", "delete", "ann"}) == "deleted\n");
  const Json key = node.json({"api-keys", "add", "grafana"});
  const auto secret = key.at("api_secret").get<std::string>();
  CHECK(secret.size() > 20);
  node.shows({"api-keys", "list"}, "EXPIRES", "grafana");
  CHECK(node.text({"api-keys", "list", "--json"}).find(secret) == std::string::npos);
  CHECK(node.text({"api-keys", "delete", "grafana"}) == "deleted\n");
  CHECK(node.ctl({"users", "add", "eve"}, "short\n").exit_code == 1);
}

TEST_CASE("ctl: configuration, log, numbers and limits") {
  OnHost node;
  CHECK(node.json({"config", "set", R"({"mqtt": {"max_inflight": 7}})"}).at("applied").size() == 1);
  CHECK(node.json({"config", "get", "--key", "mqtt"}).dump().find("\"max_inflight\":7") != std::string::npos);
  CHECK(node.ctl({"config", "set", R"({"mqtt": {"max_inflight": "many"}})"}).exit_code == 1);
  CHECK(node.text({"log", "level", "debug", "--area", "net"}).find("net: debug\n") != std::string::npos);
  CHECK(node.json({"metrics"}).contains("packets.connect.received"));
  CHECK(node.text({"metrics"}).find("messages.received: 0") != std::string::npos);
  CHECK(node.json({"stats"}).at("connections.count") == 0);
  node.shows({"limits"}, "AT THE LIMIT", "mqtt.max_mqueue_len");
  CHECK(node.json({"limits"}).size() > 50);
  CHECK(node.text({"gateways", "list"}).find("GATEWAY") == 0);
  CHECK(node.ctl({"gateways", "show", "none"}).exit_code == 1);
  CHECK(node.text({"plugins", "list"}).find("PLUGIN") == 0);
}

}  // namespace patchbay::wire
