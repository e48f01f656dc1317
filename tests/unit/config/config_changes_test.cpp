#include "config/config_changes.h"

#include <catch2/catch.hpp>

using namespace patchbay::config;  // NOLINT: test

TEST_CASE("equal configurations have no changes") {
  Config config;
  config.listeners.tcp["extra"].bind = "127.0.0.1:1";
  CHECK(changes_between(config, config).empty());
}

TEST_CASE("changes tell what a reload can apply and what needs a restart") {
  const Config before;
  Config after;
  after.mqtt.max_inflight = 10;
  after.node.shards = 3;
  after.listeners.tcp["default"].max_connections = 5;
  const std::vector<ConfigChange> changes = changes_between(before, after);
  REQUIRE(changes.size() == 3);
  CHECK(changes[0].key == "node.shards");
  CHECK(changes[0].reload == Reload::restart);
  CHECK(changes[1].key == "mqtt.max_inflight");
  CHECK(changes[1].before == "32");
  CHECK(changes[1].after == "10");
  CHECK(changes[1].reload == Reload::sighup);
  CHECK(changes[2].key == "listeners.tcp.default.max_connections");
}

TEST_CASE("listeners that come or go need a restart") {
  Config before;
  before.listeners.ssl["old"] = {};
  Config after;
  after.listeners.ws["new"] = {};
  const std::vector<ConfigChange> changes = changes_between(before, after);
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].key == "listeners.ssl.old");
  CHECK(changes[0].after == "none");
  CHECK(changes[1].key == "listeners.ws.new");
  CHECK(changes[1].reload == Reload::restart);
}

TEST_CASE("a changed secret is a change, without its text") {
  Config before;
  before.listeners.ssl["default"].ssl.key_password = "first";
  Config after = before;
  after.listeners.ssl["default"].ssl.key_password = "second";
  const std::vector<ConfigChange> changes = changes_between(before, after);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].key == "listeners.ssl.default.ssl.key_password");
  CHECK(changes[0].before == "\"(secret)\"");
  CHECK(changes[0].after == "\"(secret)\"");
}

TEST_CASE("changes inside lists of tables are seen") {
  Config before;
  before.topic_rewrite = {{.source_topic = "a", .re = "b", .dest_topic = "c"}};
  Config after = before;
  after.topic_rewrite[0].dest_topic = "d";
  REQUIRE(changes_between(before, after).size() == 1);
  CHECK(changes_between(before, after)[0].key == "topic_rewrite");
}
