#include <catch2/catch.hpp>
#include <patchbay/testing/fake_host.hpp>
#include <set>

#include "fault_server.h"

using namespace patchbay::webhook;  // NOLINT: test
using nlohmann::json;
using patchbay::testing::fake_host;
using patchbay::testing::plugin_file;
using patchbay::wire::TemporaryFolder;

namespace {

const plugin_file& file() {
  static const plugin_file out(WEBHOOK_PLUGIN);
  return out;
}

constexpr const char* kAllEvents[] = {
    "client.connect",     "client.connack",     "client.connected",     "client.disconnected", "client.subscribe",
    "client.unsubscribe", "session.subscribed", "session.unsubscribed", "session.terminated",  "message.publish",
    "message.delivered",  "message.acked",      "message.dropped"};

json target_of(const FaultServer& server, const std::vector<std::string>& events) {
  json out = {{"name", "t"}, {"url", server.url()}, {"events", json::array()}};
  for (const auto& each : events) out["events"].push_back({{"event", each}});
  return out;
}

json settings_of(const json& target) {
  return {{"targets", {target}}, {"node", "n1"}, {"order_window", 0}};
}

patchbay_delivery_event delivery_of(fake_host& host, const patchbay_message* message, const char* reason = "") {
  patchbay_delivery_event event{};
  event.qos = 1;
  event.client = host.client("receiver", "bob");
  event.client_id = patchbay::testing::str("receiver");
  event.message = message;
  event.topic = patchbay::testing::str("a/b");
  event.reason = patchbay::testing::str(reason);
  return event;
}

void play_client(fake_host& host) {
  patchbay_connect_rewrite_event connect{};
  connect.client = host.client("c1", "ann", "10.0.0.7");
  connect.client_id = patchbay::testing::str("c1");
  connect.username = patchbay::testing::str("ann");
  connect.keep_alive_s = 60;
  CHECK(host.call(PATCHBAY_HOOK_auth_connect_rewrite, connect).continued());
  patchbay_auth_result_event result{};
  result.client = connect.client;
  result.allowed = 0;
  result.reason = 0x86;
  host.call(PATCHBAY_HOOK_auth_result, result);
  host.connected("c1");
  patchbay_subscribe_rewrite_event subscribe{};
  subscribe.client = connect.client;
  subscribe.qos = 1;
  subscribe.topic_filter = patchbay::testing::str("a/#");
  CHECK(host.call(PATCHBAY_HOOK_subscribe_rewrite, subscribe).continued());
  patchbay_subscription_event done{};
  done.client = connect.client;
  done.granted_qos = 1;
  done.topic_filter = subscribe.topic_filter;
  host.call(PATCHBAY_HOOK_subscribe_done, done);
  done.reason = 0x87;  // refused: no event
  host.call(PATCHBAY_HOOK_subscribe_done, done);
  patchbay_unsubscribe_rewrite_event unsubscribe{};
  unsubscribe.client = connect.client;
  unsubscribe.topic_filter = subscribe.topic_filter;
  CHECK(host.call(PATCHBAY_HOOK_unsubscribe_rewrite, unsubscribe).continued());
  done.reason = 0;
  host.call(PATCHBAY_HOOK_unsubscribe_done, done);
}

void play_messages(fake_host& host) {
  patchbay_client* const publisher = host.client("c1", "ann");
  host.routed(publisher, {"a/b", "hello", 1, true, "c1"});
  host.routed(publisher, {"nobody/there", "x", 0, false, "c1"}, 0);
  patchbay::testing::message_fields system{"$SYS/x", "1", 0, false, ""};
  system.flags = PATCHBAY_MESSAGE_SYSTEM;
  host.routed(nullptr, system);  // no event
  const patchbay_message* const message = host.all_messages.make({"a/b", "hello", 1, true, "c1"});
  host.call(PATCHBAY_HOOK_deliver_sent, delivery_of(host, message));
  host.call(PATCHBAY_HOOK_deliver_acked, delivery_of(host, message));
  host.call(PATCHBAY_HOOK_deliver_dropped, delivery_of(host, message, "queue_full"));
  host.call(PATCHBAY_HOOK_deliver_expired, delivery_of(host, message));
  host.all_messages.forget(message);
}

void play_end(fake_host& host) {
  host.disconnected("c1", "keep_alive_timeout");
  patchbay_session_event ended{};
  ended.client = host.client("c1");
  ended.client_id = patchbay::testing::str("c1");
  ended.reason = patchbay::testing::str("expired");
  host.call(PATCHBAY_HOOK_session_ended, ended);
}

/// The only event with this action (and this reason, where there are several), without its id.
json one(const std::vector<json>& events, const std::string& action, const std::string& reason = "") {
  std::vector<json> found;
  for (json each : events) {
    if (each["action"] != action || (!reason.empty() && each["reason"] != reason)) continue;
    CHECK(each["event_id"].get<std::string>().size() == 33);
    each.erase("event_id");
    found.push_back(each);
  }
  INFO(action << " " << json(events).dump());
  REQUIRE(found.size() == 1);
  return found.front();
}

/// Works until `done` says so; the plugin's thread takes its time.
template <typename Done>
bool wait_until(Done done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!done() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return done();
}

}  // namespace

TEST_CASE("plugin: every event of EMQX's web_hook, with its fields") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  server.start();
  fake_host host;
  json target = target_of(server, {std::begin(kAllEvents), std::end(kAllEvents)});
  target["order"] = "none";
  host.settings(settings_of(target).dump());
  REQUIRE(host.start(file().entry()) == PATCHBAY_OK);
  play_client(host);
  play_messages(host);
  play_end(host);
  const auto events = server.wait_for_events(16);
  CHECK(events.size() == 16);
  const json ann = {{"node", "n1"}, {"clientid", "c1"}, {"username", "ann"}};
  const auto with = [](json base, const json& more) {
    base.update(more);
    return base;
  };
  CHECK(one(events, "client_connect") ==
        with(ann, {{"action", "client_connect"}, {"ipaddress", "10.0.0.7"}, {"keepalive", 60}, {"proto_ver", 5}}));
  CHECK(one(events, "client_connack")["conn_ack"] == "bad_username_or_password");
  CHECK(one(events, "client_connected").contains("connected_at"));
  CHECK(one(events, "client_subscribe") == with(ann, {{"action", "client_subscribe"},
                                                      {"topic", "a/#"},
                                                      {"opts", {{"qos", 1}, {"nl", 0}, {"rap", 0}, {"rh", 0}}}}));
  CHECK(one(events, "session_subscribed")["opts"]["qos"] == 1);
  CHECK(one(events, "client_unsubscribe")["topic"] == "a/#");
  CHECK(one(events, "session_unsubscribed") == with(ann, {{"action", "session_unsubscribed"}, {"topic", "a/#"}}));
  CHECK(one(events, "client_disconnected")["reason"] == "keep_alive_timeout");
  CHECK(one(events, "session_terminated") == with(ann, {{"action", "session_terminated"}, {"reason", "expired"}}));
  const json delivered = one(events, "message_delivered");
  CHECK(delivered["clientid"] == "receiver");
  CHECK(delivered["username"] == "bob");
  CHECK(delivered["from_client_id"] == "c1");
  CHECK(delivered["payload"] == "hello");
  CHECK(delivered["retain"] == true);
  CHECK(one(events, "message_acked")["topic"] == "a/b");
  CHECK(one(events, "message_dropped", "no_subscribers")["topic"] == "nobody/there");
  CHECK(one(events, "message_dropped", "queue_full")["clientid"] == "receiver");
  CHECK(one(events, "message_dropped", "expired")["clientid"] == "receiver");
  std::set<std::string> published;
  for (const auto& each : events) {
    if (each["action"] == "message_publish") published.insert(each["topic"]);
  }
  CHECK(published == std::set<std::string>{"a/b", "nobody/there"});
  host.stop();
  CHECK(host.leaks().none());
  CHECK(host.violations().empty());
}

TEST_CASE("plugin: only the hooks that are needed, with the topics that are wanted") {
  const TemporaryFolder folder;
  const FaultServer server(folder);
  fake_host host;
  json target = target_of(server, {});
  target["events"] = {{{"event", "message.publish"}, {"topics", {"a/#", "b"}}},
                      {{"event", "message.publish"}, {"topics", {"c"}}}};
  host.settings(settings_of(target).dump());
  REQUIRE(host.start(file().entry()) == PATCHBAY_OK);
  REQUIRE(host.points.all().size() == 1);
  CHECK(host.points.all()[0].raw.hook == PATCHBAY_HOOK_publish_routed);
  CHECK(host.points.all()[0].topic_filters == std::vector<std::string>{"a/#", "b", "c"});
  host.stop();
}

TEST_CASE("plugin: several targets, each with its topics, format and body") {
  const TemporaryFolder folder, other_folder;
  FaultServer first(folder), second(other_folder);
  first.start();
  second.start();
  json plain = target_of(first, {});
  plain["events"] = {
      {{"event", "message.publish"}, {"topics", {"a/#"}}, {"body", R"({"t":"${topic}","p":"${payload}"})"}}};
  json cloud = target_of(second, {"message.publish"});
  cloud.update({{"name", "u"},
                {"format", "cloudevents"},
                {"payload_encoding", "base64"},
                {"method", "PUT"},
                {"batch", {{"max_events", 10}, {"max_wait", 20}}},
                {"headers", {{"X-Own", "1"}}},
                {"authorization", "Bearer t"},
                {"signing_secret", "s"}});
  fake_host host;
  host.settings(json{{"targets", {plain, cloud}}}.dump());
  REQUIRE(host.start(file().entry()) == PATCHBAY_OK);
  host.routed(host.client("c"), {"a/1", "\"x\"", 0, false, "c"});
  host.routed(host.client("c"), {"b/1", "y", 0, false, "c"});
  // The fake host's clock stands still; the batch waits until the test moves it.
  CHECK(wait_until([&] {
    host.advance(std::chrono::milliseconds(100));
    host.routed(host.client("c"), {"b/2", "z", 0, false, "c"});
    return second.events().size() >= 3 && first.events().size() == 1;
  }));
  CHECK(first.events()[0] == json{{"t", "a/1"}, {"p", "\"x\""}});
  const auto seen = second.events();
  CHECK(seen[0]["type"] == "patchbay.message.publish");
  CHECK(seen[0]["data"]["payload"] == "Ingi");
  CHECK(seen[1]["subject"] == "b/1");
  const json headers = second.requests()[0]["headers"];
  CHECK(headers["content-type"] == "application/cloudevents-batch+json; charset=utf-8");
  CHECK(headers["x-own"] == "1");
  CHECK(headers["authorization"] == "Bearer t");
  CHECK(headers["webhook-signature"].get<std::string>().starts_with("v1,"));
  host.stop();
  CHECK(host.violations().empty());
}

TEST_CASE("plugin: events of one target with URLs, header fields and bodies of their own") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  server.start();
  json target = target_of(server, {"message.publish"});
  target.update({{"headers", {{"X-All", "1"}, {"x-kind", "any"}}}, {"authorization", "Bearer all"}, {"order", "none"}});
  target["events"] = {{{"event", "client.connected"},
                       {"url", "/connected?v=2"},
                       {"headers", {{"X-Kind", "client"}, {"authorization", "Bearer own"}}},
                       {"body", R"({"who":"${clientid}"})"}},
                      {{"event", "message.publish"}, {"topics", {"a/#"}}, {"url", server.url("/messages")}},
                      {{"event", "message.publish"}}};
  fake_host host;
  host.settings(settings_of(target).dump());
  REQUIRE(host.start(file().entry()) == PATCHBAY_OK);
  host.connected("c1");
  host.routed(host.client("c1"), {"a/1", "x", 0, false, "c1"});
  host.routed(host.client("c1"), {"b/1", "y", 0, false, "c1"});
  CHECK(wait_until([&] {
    host.advance(std::chrono::milliseconds(100));
    return server.requests().size() >= 3;
  }));
  std::map<std::string, json> by_path;
  for (const json& each : server.requests()) by_path[each["path"]] = each;
  const json& connected = by_path.at("/connected?v=2");
  CHECK(json::parse(connected["body"].get<std::string>()) == json{{"who", "c1"}});
  CHECK(connected["headers"]["x-kind"] == "client");
  CHECK(connected["headers"]["x-all"] == "1");
  CHECK(connected["headers"]["authorization"] == "Bearer own");
  CHECK(json::parse(by_path.at("/messages")["body"].get<std::string>())["topic"] == "a/1");
  CHECK(by_path.at("/messages")["headers"]["x-kind"] == "any");
  CHECK(by_path.at("/messages")["headers"]["authorization"] == "Bearer all");
  CHECK(json::parse(by_path.at("/hook")["body"].get<std::string>())["topic"] == "b/1");
  host.stop();
  CHECK(host.leaks().none());
}

TEST_CASE("plugin: a target that is down: alarm, health and metrics; and up again") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  json target = target_of(server, {"message.publish"});
  target.update({{"order", "none"}, {"max_in_flight", 1}, {"breaker", {{"failures", 1}, {"open", 10}}}});
  json settings = settings_of(target);
  settings["spool_directory"] = folder.path("spool");
  fake_host host;
  host.settings(settings.dump());
  REQUIRE(host.start(file().entry()) == PATCHBAY_OK);
  CHECK(host.request({.path = "/health"})->http_status == 200);
  host.routed(host.client("c"), {"a", "1", 0, false, "c"});
  CHECK(wait_until([&] { return host.store.alarms.contains("target_down.t"); }));
  CHECK(wait_until([&] { return host.health().first == PATCHBAY_FAILED; }));
  CHECK(host.health().second.find("t (connect") != std::string::npos);
  const auto down = host.request({.path = "/health"});
  CHECK(down->http_status == 503);
  CHECK(json::parse(down->body)["targets"][0]["status"] == "down");
  CHECK(host.store.metric("failed{target=\"t\"}") == 1);
  CHECK(wait_until([&] { return host.store.metric("spool_bytes{target=\"t\"}") > 0; }));
  CHECK(host.store.metric("up{target=\"t\"}") == 0);
  server.start();
  CHECK(wait_until([&] {
    host.advance(std::chrono::milliseconds(20));
    host.routed(host.client("c"), {"a", "2", 0, false, "c"});
    return host.store.alarms.empty() && server.events().size() > 1;
  }));
  CHECK(server.events()[0]["payload"] == "1");
  CHECK(host.store.metric("sent{target=\"t\"}") >= 1);
  CHECK(host.request({.path = "/health"})->http_status == 200);
  host.stop();
  CHECK(host.leaks().none());
}

TEST_CASE("plugin: a test event, sent when an operator asks") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  server.start();
  fake_host host;
  host.settings(settings_of(target_of(server, {"message.publish"})).dump());
  REQUIRE(host.start(file().entry()) == PATCHBAY_OK);
  const patchbay::testing::request_fields good{
      .method = "POST", .path = "/targets/t/test", .parameters = {{"name", "t"}}};
  const auto arrived = host.request(good);
  REQUIRE(wait_until([&] { return arrived->http_status != 0; }));
  CHECK(arrived->http_status == 200);
  CHECK(json::parse(arrived->body)["result"] == "arrived");
  CHECK(server.events()[0]["action"] == "webhook_test");
  server.mode("400");
  const auto refused = host.request(good);
  REQUIRE(wait_until([&] { return refused->http_status != 0; }));
  CHECK(refused->http_status == 502);
  CHECK(json::parse(refused->body)["status"] == 400);
  CHECK(host.request({.method = "POST", .path = "/targets/x/test", .parameters = {{"name", "x"}}})->http_status == 404);
  host.stop();
}

TEST_CASE("plugin: settings that are wrong are refused, a change needs a new start") {
  const TemporaryFolder folder;
  const FaultServer server(folder);
  fake_host host;
  host.settings(R"({"targets":[{"name":"t","url":"nonsense","events":[{"event":"message.publish"}]}]})");
  CHECK(host.start(file().entry()) == PATCHBAY_INVALID);
  CHECK(host.errors().find("/targets/0/url") != std::string::npos);
  fake_host again;
  const std::string good = settings_of(target_of(server, {"message.publish"})).dump();
  again.settings(good);
  REQUIRE(again.start(file().entry()) == PATCHBAY_OK);
  CHECK(again.configure(good) == PATCHBAY_NEEDS_RESTART);
  again.stop();
  CHECK(again.leaks().none());
}
