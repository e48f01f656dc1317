#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "admin/limit_table.h"
#include "unit/admin/quiet_node.h"

using namespace patchbay;         // NOLINT: test
using namespace patchbay::admin;  // NOLINT: test
using patchbay::test::QuietNode;

namespace {

Json limit_named(const Json& list, const std::string& name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const Json& one) { return one["name"] == name; });
  return found == list.end() ? Json() : *found;
}

}  // namespace

TEST_CASE("All limits are listed by the names of their keys, with value, action and counter", "[admin]") {
  QuietNode node(&add_limit_routes);
  node.commands.config.mqtt.max_mqueue_len = 77;
  node.counters.add(base::Counter::messages_dropped_queue_full, 5);
  node.counters.add(base::Counter::queued_messages, 3);
  const Json list = node.json("GET", "/limits");
  const Json queue = limit_named(list, "mqtt.max_mqueue_len");
  CHECK(queue["value"] == 77);
  CHECK(queue["counter"] == "delivery.dropped.queue_full");
  CHECK(queue["reached"] == 5);
  CHECK(queue["current"] == 3);
  CHECK(queue["needs_restart"] == false);
  CHECK_FALSE(queue["action"].get<std::string>().empty());
  const Json packet = limit_named(list, "mqtt.max_packet_size");
  CHECK(packet["value"] == node.commands.config.mqtt.max_packet_size_bytes);
  CHECK(packet["unit"] == "bytes");
  CHECK(limit_named(list, "node.max_connections")["value"].get<uint64_t>() > 0);  // what 0 comes to
  CHECK(limit_named(list, "api.max_body_size")["action"] == "413");
  CHECK(limit_named(list, "log.level").is_null());
  CHECK(limit_named(list, "sys_topics.sys_msg_interval_s").is_null());
}

TEST_CASE("The limits of listeners are listed by listener", "[admin]") {
  QuietNode node(&add_limit_routes);
  ListenerView listener;
  listener.id = "tcp:extra";
  listener.name = "extra";
  listener.current_connections = 4;
  listener.config.max_connections = 9;
  node.commands.running = {listener};
  const Json limit = limit_named(node.json("GET", "/limits"), "listeners.tcp.extra.max_connections");
  CHECK(limit["value"] == 9);
  CHECK(limit["current"] == 4);
}

TEST_CASE("What is said of a limit is said of a key that there is, once", "[admin]") {
  std::set<std::string_view> keys;
  for (const config::KeyRow* row : config::root_keys()) keys.insert(row->name);
  std::set<std::string_view> seen;
  for (const LimitFacts& facts : limit_facts()) {
    INFO(facts.key);
    CHECK(keys.contains(facts.key));
    CHECK(seen.insert(facts.key).second);
    CHECK_FALSE(facts.action.empty());
  }
}

TEST_CASE("Every limit has a unit or counts what its name says, and a description", "[admin]") {
  QuietNode node(&add_limit_routes);
  const Json list = node.json("GET", "/limits");
  CHECK(list.size() > 50);
  for (const Json& limit : list) {
    INFO(limit.dump());
    CHECK_FALSE(limit["description"].get<std::string>().empty());
    CHECK(limit["value"].is_number());
  }
}
