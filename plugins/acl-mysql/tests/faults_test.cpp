#include "running_plugin.h"
#include "settings.h"

using namespace patchbay::acl_mysql;  // NOLINT: test
using namespace std::chrono_literals;

namespace {

const Value kNull;

Rows allow_all() {
  return acl_rows({{"allow", "all", "#", kNull, kNull, kNull}});
}

/// Denied by us, not as a fault of the plugin, for which the broker would take it out of the path.
bool refused(const patchbay::testing::answer& answer) {
  return answer.denied() && !answer.failed() && !answer.fell_back();
}

constexpr const char* kOne = R"({"pool_size": 1, "reconnect": {"min": "1ms", "max": "2ms"}})";

}  // namespace

TEST_CASE("acl-mysql faults: a database that is down denies at once, says so, and is found again") {
  RunningPlugin plugin;
  plugin.database.refuse("Can't connect to server on '127.0.0.1' (111)");
  plugin.start(kOne);
  plugin.until([&] { return plugin.host.health().first == PATCHBAY_FAILED; });
  CHECK_THAT(plugin.host.health().second, Catch::Contains("Can't connect"));
  const auto answer = plugin.publish("a");
  CHECK(refused(answer));
  CHECK(plugin.metric("refused{why=\"down\"}") == 1);
  plugin.until([&] { return plugin.database.attempts() > 3; });
  plugin.database.answer_rows(allow_all());
  plugin.database.refuse("");
  plugin.until([&] { return plugin.host.health().first == PATCHBAY_OK; });
  CHECK(plugin.publish("a").allowed());
  plugin.stop();
  CHECK(plugin.host.logged("can't connect to the database: Can't connect to server"));
  CHECK(plugin.host.logged("connected to the database"));
  CHECK(plugin.host.store.alarms.empty());
}

TEST_CASE("acl-mysql faults: the alarm is raised while the database is down") {
  RunningPlugin plugin;
  plugin.database.refuse("no");
  plugin.start(kOne);
  plugin.until([&] { return plugin.host.shared.calls("alarm.raise") != 0; });
  plugin.stop();
  CHECK(plugin.host.store.alarms.count("database_down") == 1);
}

TEST_CASE("acl-mysql faults: a connection that is lost with a question is made anew, and asked again") {
  RunningPlugin plugin;
  plugin.database.answer_rows(allow_all());
  plugin.start(kOne);
  plugin.database.lose(1);
  CHECK(plugin.publish("a").allowed());
  CHECK(plugin.database.asked().size() == 2);
  CHECK(plugin.database.opened() == 2);
  plugin.stop();
}

TEST_CASE("acl-mysql faults: a question with which connections are lost twice is denied") {
  RunningPlugin plugin;
  plugin.database.answer_rows(allow_all());
  plugin.start(kOne);
  plugin.database.lose(2);
  CHECK(refused(plugin.publish("a")));
  CHECK(plugin.database.asked().size() == 2);
  CHECK(plugin.publish("a").allowed());
  plugin.stop();
}

TEST_CASE("acl-mysql faults: a query that the server refuses denies, is not kept, and shows in health") {
  RunningPlugin plugin;
  plugin.database.answer_with([](const Query&, const std::vector<Value>&) {
    return Outcome{Fault::refused, "Table 'mqtt.mqtt_acl' doesn't exist", {}};
  });
  plugin.start(kOne);
  CHECK(refused(plugin.publish("a")));
  CHECK(refused(plugin.publish("a")));
  CHECK(plugin.host.health().first == PATCHBAY_BUSY);
  CHECK_THAT(plugin.host.health().second, Catch::Contains("doesn't exist"));
  plugin.database.answer_rows(allow_all());
  CHECK(plugin.publish("a").allowed());
  CHECK(plugin.host.health().first == PATCHBAY_OK);
  CHECK(plugin.metric("query_failures") == 2);
  plugin.stop();
  size_t lines = 0;
  for (const auto& line : plugin.host.log()) lines += line.text.find("doesn't exist") != std::string::npos ? 1 : 0;
  CHECK(lines == 1);  // the same again within ten seconds is no news
}

TEST_CASE("acl-mysql faults: rows that can't be understood deny, although others allow") {
  RunningPlugin plugin;
  plugin.database.answer_rows(
      acl_rows({{"allow", "all", "#", kNull, kNull, kNull}, {"forbid", "all", "a", kNull, kNull, kNull}}));
  plugin.start(kOne);
  CHECK(refused(plugin.publish("b")));
  CHECK_THAT(plugin.host.health().second, Catch::Contains("row 2 of the rules"));
  plugin.stop();
}

TEST_CASE("acl-mysql faults: more rules than are allowed deny") {
  RunningPlugin plugin;
  Rows many = allow_all();
  many.rows.resize(5, many.rows.front());
  plugin.database.answer_rows(many);
  plugin.start(R"({"pool_size": 1, "authorization": {"max_rules": 4}})");
  CHECK(refused(plugin.publish("a")));
  plugin.stop();
}

TEST_CASE("acl-mysql faults: a query that takes its time holds up who asked, and nobody else") {
  RunningPlugin plugin;
  plugin.database.answer_rows(allow_all());
  plugin.start(R"({"pool_size": 2})");
  plugin.until([&] { return plugin.database.opened() == 2; });
  CHECK(plugin.publish("a", "known").allowed());
  plugin.database.hold();
  const auto slow = plugin.host.acl_publish({.topic = "a", .client_id = "slow"});
  plugin.database.wait_for_queries(2);
  // Who is known is answered by the shard itself, whatever the database does.
  CHECK(plugin.host.acl_publish({.topic = "b", .client_id = "known", .username = "ann"}).allowed());
  CHECK_FALSE(slow.done());
  // The deadline passes; the late answer is of no use to anybody, and does no harm.
  plugin.host.advance(8s);
  CHECK(slow.denied());
  CHECK(slow.fell_back());
  plugin.database.release();
  CHECK(plugin.publish("a", "slow").allowed());
  plugin.stop();
}

TEST_CASE("acl-mysql faults: the queue for connections is bounded, and what waited too long isn't asked") {
  RunningPlugin plugin;
  plugin.database.answer_rows(allow_all());
  plugin.start(R"({"pool_size": 1, "queue_max": 2})");
  plugin.until([&] { return plugin.database.opened() == 1; });
  plugin.database.hold();
  const auto first = plugin.host.acl_publish({.topic = "a", .client_id = "c1"});
  plugin.database.wait_for_queries(1);
  const auto second = plugin.host.acl_publish({.topic = "a", .client_id = "c2"});
  const auto third = plugin.host.acl_publish({.topic = "a", .client_id = "c3"});
  CHECK(plugin.metric("queue_length") == 2);
  CHECK(plugin.metric("connections_busy") == 1);
  CHECK(refused(plugin.settled(plugin.host.acl_publish({.topic = "a", .client_id = "c4"}))));
  CHECK(plugin.metric("refused{why=\"queue_full\"}") == 1);
  plugin.host.advance(5'201ms);  // the only connection is busy still
  CHECK(refused(second));
  CHECK(refused(third));
  CHECK(plugin.metric("refused{why=\"expired\"}") == 2);
  CHECK_FALSE(first.done());
  plugin.host.advance(3s);
  CHECK(first.fell_back());
  plugin.database.release();
  CHECK(plugin.database.asked().size() == 1);
  CHECK(plugin.publish("a", "c5").allowed());
  plugin.stop();
}

TEST_CASE("acl-mysql faults: the broker is told not to remember a denial for want of an answer") {
  RunningPlugin plugin;
  plugin.start(kOne);
  plugin.database.lose(2);
  CHECK(refused(plugin.publish("a", "c7")));
  const std::vector<std::pair<std::string, std::string>> expected = {{"c7", ""}};
  CHECK(plugin.host.all_clients.invalidated() == expected);
  plugin.stop();
}

TEST_CASE("acl-mysql faults: an operator may have the hook's fallback for what gets no answer") {
  RunningPlugin plugin;
  plugin.start(R"({"pool_size": 1, "no_answer": "fallback", "authentication": {"enabled": true}})");
  plugin.database.lose(4);
  CHECK(plugin.publish("a").failed());
  CHECK(plugin.login("ann", "secret").failed());
  CHECK(plugin.host.all_clients.invalidated().empty());
  plugin.stop();
}

TEST_CASE("acl-mysql faults: an instance stops while a query runs and others wait") {
  RunningPlugin plugin;
  plugin.start(R"({"pool_size": 1})");
  plugin.database.hold();
  const auto running = plugin.host.acl_publish({.topic = "a", .client_id = "c1"});
  plugin.database.wait_for_queries(1);
  const auto waiting = plugin.host.acl_publish({.topic = "a", .client_id = "c2"});
  plugin.stop();
  CHECK(refused(running));
  CHECK(refused(waiting));
}

TEST_CASE("acl-mysql faults: a host that gives no thread makes the start fail with a sentence") {
  RunningPlugin plugin;
  plugin.host.settings(R"({"pool_size": 3})");
  REQUIRE(plugin.host.create(patchbay_plugin_entry) == PATCHBAY_OK);
  REQUIRE(plugin.host.configure(R"({"pool_size": 3})") == PATCHBAY_OK);
  // Metrics, hooks and routes come first.
  plugin.host.fail_after(plugin.host.shared.calls("metrics.declare") + 28 + 3 + 2, PATCHBAY_BUSY);
  CHECK(plugin.host.start_created() == PATCHBAY_BUSY);
  CHECK_THAT(plugin.host.errors(), Catch::Contains("thread"));
  plugin.host.stop();
  CHECK(plugin.host.leaks().none());
}

TEST_CASE("acl-mysql faults: REST says how it is") {
  RunningPlugin plugin;
  plugin.start(R"({"pool_size": 2})");
  plugin.until([&] { return plugin.host.health().first == PATCHBAY_OK && plugin.database.opened() == 2; });
  const auto response = plugin.host.rest.request({.path = "/status"});
  CHECK(response->http_status == 200);
  CHECK_THAT(response->body, Catch::Contains("\"pool_size\": 2") && Catch::Contains("\"queued\": 0"));
  plugin.stop();
}
