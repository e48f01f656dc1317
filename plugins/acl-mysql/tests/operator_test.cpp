// What an operator sees of the database's troubles and does about rules that have changed: by REST, `patchbay ctl` and
// the log. And what no rule may be gone around by: wills, retained messages, shared subscriptions.
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "acl_broker.h"
#include "wire/plugin_operator.h"

using namespace patchbay::acl_mysql;  // NOLINT: test

namespace {

const char* const kApi = "127.0.0.1:0";

std::string kept_rules() {
  return "enabled = [\"acl\"]\n" + instance("acl",
                                            "pool_size = 2\n[plugin.acl.settings.authorization]\nno_match = \"deny\"\n"
                                            "cache_ttl = \"1h\"\n");
}

/// What the plugin says of itself, by its own route; what it says in the end goes into the failure.
void check_status(const PluginOperator& operated, bool healthy, const std::string& text) {
  Json status;
  const bool said = soon([&] {
    status = operated.rest().get("/plugins/acl/api/status");
    return status.at("healthy") == healthy && status.at("text").get<std::string>().find(text) != std::string::npos;
  });
  INFO(status.dump());
  CHECK(said);
}

/// Takes all connections that the server gives to ordinary users, as a leaking application does.
class Crowd {
 public:
  Crowd() {
    database().sql("SET GLOBAL max_connections = 10; SET GLOBAL connect_timeout = 60");
    for (int count = 0; count < 10; ++count) sockets_.push_back(std::make_unique<TcpSocket>(database().port()));
  }
  void leave() { sockets_.clear(); }
  ~Crowd() {
    leave();
    soon([] {
      try {
        database().sql("SET GLOBAL max_connections = 151; SET GLOBAL connect_timeout = 10");
        return true;
      } catch (const std::exception&) {
        return false;  // the server has not seen yet that they have left
      }
    });
  }

 private:
  std::vector<std::unique_ptr<TcpSocket>> sockets_;
};

}  // namespace

TEST_CASE("acl-mysql wire: kept rules count until they are cleaned, from the terminal or by curl") {
  rules("('ann', '', 'all', 'allow', 'a', NULL, NULL), ('bob', '', 'all', 'allow', 'a', NULL, NULL)");
  AclBroker broker(kept_rules(), true, kApi);
  const PluginOperator operated(broker);
  MqttClient ann = broker.client("c1", "ann");
  MqttClient bob = broker.client("c2", "bob");
  CHECK(ann.publish("a", "x", 1) != kNotAuthorized);
  CHECK(bob.publish("a", "x", 1) != kNotAuthorized);
  database().sql("USE mqtt; UPDATE mqtt_acl SET topic = 'b'");
  CHECK(ann.publish("a", "x", 1) != kNotAuthorized);
  CHECK(ann.publish("b", "x", 1) == kNotAuthorized);
  CHECK(operated.call("acl", "POST", "/cache/clean", R"({"username": "ann"})").at("broker_cache_cleaned") == true);
  CHECK(ann.publish("a", "x", 1) == kNotAuthorized);
  CHECK(ann.publish("b", "x", 1) != kNotAuthorized);
  CHECK(bob.publish("a", "x", 1) != kNotAuthorized);  // nobody has cleaned what is kept of him
  const auto cleaned =
      operated.curl({"-X", "POST", "-H", "Content-Type: application/json", "-d", "{}"}, "/plugins/acl/api/cache/clean");
  CHECK(cleaned.first == 200);
  CHECK(bob.publish("a", "x", 1) == kNotAuthorized);
  CHECK(operated.curl({"-X", "POST", "-d", R"({"user": "ann"})"}, "/plugins/acl/api/cache/clean").first == 400);
  CHECK(operated.call("acl", "GET", "/status").at("healthy") == true);
  CHECK(broker.process().wait_for("kept rules cleaned by"));
  CHECK(broker.stop() == 0);
}

TEST_CASE("acl-mysql wire: a server that is out of connections denies, is told of, and recovers alone") {
  rules("('ann', '', 'all', 'allow', '#', NULL, NULL)");
  {
    Crowd crowd;
    AclBroker broker(acl_only("pool_size = 2\n"), false, kApi);
    const PluginOperator operated(broker);
    REQUIRE(broker.process().wait_for("can't connect to the database"));
    CHECK(broker.process().wait_for("oo many connections"));
    MqttClient ann = broker.client("c1", "ann");
    CHECK(ann.publish("a", "x", 1) == kNotAuthorized);
    CHECK(subscribed(ann, "a") == kNotAuthorized);
    check_status(operated, false, "oo many connections");
    crowd.leave();
    CHECK(soon([&] { return ann.publish("a", "x", 1) != kNotAuthorized; }));
    check_status(operated, true, "2 of 2 connections");
    CHECK_FALSE(broker.says("database-secret"));
    CHECK(broker.stop() == 0);
  }
  // An account that may have one connection: the pool works with that one and says so.
  database().sql(
      "ALTER USER patchbay@localhost WITH MAX_USER_CONNECTIONS 1; ALTER USER patchbay@'%' WITH "
      "MAX_USER_CONNECTIONS 1");
  AclBroker broker(acl_only("pool_size = 2\n"), true, kApi);
  const PluginOperator operated(broker);
  MqttClient ann = broker.client("c1", "ann");
  CHECK(ann.publish("a", "x", 1) != kNotAuthorized);
  check_status(operated, false, "1 of 2 connections; others fail");
  CHECK(ann.publish("b", "x", 1) != kNotAuthorized);
  database().sql(
      "ALTER USER patchbay@localhost WITH MAX_USER_CONNECTIONS 0; ALTER USER patchbay@'%' WITH "
      "MAX_USER_CONNECTIONS 0");
  check_status(operated, true, "2 of 2 connections");
  CHECK_FALSE(broker.says("database-secret"));
  CHECK(broker.stop() == 0);
}

TEST_CASE("acl-mysql wire: each fault of the server is in the health, and no secret in what is told") {
  rules("('ann', '', 'all', 'allow', '#', NULL, NULL)");
  AclBroker broker(acl_only("pool_size = 1\nquery_timeout = \"1s\"\n"), true, kApi);
  const PluginOperator operated(broker);
  MqttClient ann = broker.client("c1", "ann");
  CHECK(ann.publish("a", "x", 1) != kNotAuthorized);
  check_status(operated, true, "1 of 1 connections");
  SECTION("killed, and started again") {
    database().kill();
    CHECK(ann.publish("b", "x", 1) == kNotAuthorized);
    check_status(operated, false, "no connection to the database");
    // The broker asks a plugin for its health every few seconds, and tells whoever looks at all plugins.
    CHECK(operated.health_tells("acl", "no connection to the database"));
    CHECK(operated.health("acl").first == "down");
    database().start();
  }
  SECTION("a schema that is another") {
    database().sql("USE mqtt; ALTER TABLE mqtt_acl CHANGE permission allowed VARCHAR(8)");
    CHECK(ann.publish("b", "x", 1) == kNotAuthorized);
    check_status(operated, false, "the last query was not answered");
    database().sql("USE mqtt; ALTER TABLE mqtt_acl CHANGE allowed permission VARCHAR(8)");
  }
  SECTION("slow") {
    int tries = 0;
    database().freeze();
    CHECK(soon([&] { return ann.publish("b" + std::to_string(++tries), "x", 1) == kNotAuthorized; }));
    CHECK(soon([&] { return operated.rest().get("/plugins/acl/api/status").at("healthy") == false; }));
    database().thaw();
  }
  CHECK(soon([&] { return ann.publish("c", "x", 1) != kNotAuthorized; }));
  check_status(operated, true, "1 of 1 connections");
  const std::string told = operated.rest().call("GET", "/plugins/acl").body + operated.ctl({"plugins", "list"}).output +
                           operated.rest().call("GET", "/plugins/acl/config").body;
  CHECK(told.find("database-secret") == std::string::npos);
  CHECK_FALSE(broker.says("database-secret"));
  CHECK(broker.stop() == 0);
}

TEST_CASE("acl-mysql wire: wills, retained messages and shared subscriptions don't go around the rules") {
  rules(
      "('ann', '', 'publish', 'deny', 'ok/kept', NULL, 1), ('ann', '', 'publish', 'allow', 'ok/#', NULL, NULL),"
      "('eve', '', 'publish', 'allow', '#', NULL, NULL), ('bob', '', 'subscribe', 'deny', 'secret/#', NULL, NULL),"
      "('bob', '', 'subscribe', 'allow', '#', NULL, NULL)");
  AclBroker broker(acl_only());
  MqttClient eve = broker.client("c3", "eve");
  CHECK(eve.publish("secret/x", "hidden", 1, true) != kNotAuthorized);
  CHECK(eve.publish("ok/x", "shown", 1, true) != kNotAuthorized);
  MqttClient bob = broker.client("c2", "bob");
  for (const char* filter : {"#", "+/x", "secret/x", "$share/g/secret/#", "$share/g/#", "$share/g/+/x"}) {
    INFO(filter);
    CHECK(subscribed(bob, filter) == kNotAuthorized);
  }
  CHECK(bob.quiet());  // nothing that is retained came by a subscription that was refused
  CHECK(subscribed(bob, "ok/#") == 1);
  CHECK(bob.receive().payload == "shown");
  MqttClient ann = broker.client("c1", "ann");
  CHECK(ann.publish("ok/kept", "x", 1, true) == kNotAuthorized);
  CHECK(ann.publish("ok/kept", "now", 1) != kNotAuthorized);
  CHECK(bob.receive().payload == "now");
  for (const char* topic : {"secret/will", "ok/will"}) {
    ConnectOptions options{.client_id = "dying", .user_name = "ann", .password = "secret"};
    options.will = Will{.topic = topic, .payload = topic, .qos = 1};
    MqttClient dying(broker.port(), options);
    if (dying.connect().reason_code == kGranted) dying.drop();
  }
  CHECK(bob.receive().payload == "ok/will");
  CHECK(bob.quiet());
  CHECK(broker.stop() == 0);
}
