// Clients, subscriptions and messages over REST on the running broker, with clients that stay connected, and with
// Mosquitto's.
#include <catch2/catch.hpp>

#include <set>
#include <string>

#include "wire/rest_client.h"
#include "wire/support/broker.h"
#include "wire/support/mqtt_client.h"
#include "wire/support/process.h"

namespace patchbay::wire {
namespace {

constexpr const char* kPassword = "Operator-2026!";

struct ManagedBroker {
  explicit ManagedBroker(const Broker::Settings& more = {}) : broker(settings(api_port, more)), api(api_port) {
    api.log_in("admin", kPassword);
  }
  static Broker::Settings settings(uint16_t port, const Broker::Settings& more) {
    Broker::Settings all = {"api.bind=127.0.0.1:" + std::to_string(port),
                            "api.admin_password=" + std::string(kPassword)};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  [[nodiscard]] MqttClient client(const std::string& id, uint32_t session_expiry_s = 0) {
    ConnectOptions options{.client_id = id};
    if (session_expiry_s != 0) options.properties.add(property::kSessionExpiryInterval, session_expiry_s);
    return MqttClient::connected(broker.tcp_port(), options);
  }
  [[nodiscard]] RestAnswer post(const std::string& path, const Json& body) { return api.call("POST", path, body); }

  uint16_t api_port = free_port();
  Broker broker;
  RestClient api;
};

std::set<std::string> ids_of(const Json& answer) {
  std::set<std::string> ids;
  for (const Json& client : answer.at("data")) ids.insert(client.at("clientid").get<std::string>());
  return ids;
}

std::string code_of(const RestAnswer& answer) {
  return answer.json().value("code", std::string());
}

}  // namespace

TEST_CASE("rest clients: lists, filters, pages and cursors over connected clients and stored sessions") {
  ManagedBroker node;
  MqttClient one = node.client("one", 600);
  MqttClient two = node.client("two");
  node.client("left", 600).disconnect();
  const Json all = node.api.get("/clients");
  CHECK(ids_of(all) == std::set<std::string>{"one", "two", "left"});
  CHECK(all.at("meta").at("count") == 3);
  CHECK(all.at("meta").at("hasnext") == false);
  CHECK(ids_of(node.api.get("/clients?conn_state=connected")) == std::set<std::string>{"one", "two"});
  CHECK(ids_of(node.api.get("/clients?clientid=one&clientid=left")) == std::set<std::string>{"one", "left"});
  CHECK(ids_of(node.api.get("/clients?like_clientid=tw")) == std::set<std::string>{"two"});
  CHECK(ids_of(node.api.get("/clients?ip_address=127.0.0.1")).size() == 3);
  const Json first = node.api.get("/clients?limit=2");
  CHECK(first.at("data").size() == 2);
  CHECK(first.at("meta").at("hasnext") == true);
  CHECK(node.api.get("/clients?limit=2&page=2").at("data").size() == 1);
  const Json by_cursor = node.api.get("/clients_v2?limit=2");
  const std::string cursor = by_cursor.at("meta").at("cursor").get<std::string>();
  const Json rest = node.api.get("/clients_v2?limit=2&cursor=" + cursor);
  CHECK(rest.at("data").size() == 1);
  CHECK(rest.at("meta").at("hasnext") == false);
  CHECK(node.api.get("/clients?fields=clientid").at("data").front().size() == 1);
  CHECK(code_of(node.api.call("GET", "/clients?limit=0")) == "INVALID_PARAMETER");
  CHECK(code_of(node.api.call("GET", "/clients?fields=nonsense")) == "INVALID_PARAMETER");
  CHECK(code_of(node.api.call("GET", "/clients?gte_created_at=soon")) == "INVALID_PARAMETER");
  CHECK(node.api.call("GET", "/clients_v2?cursor=x").status == 400);
  CHECK(node.api.get("/sessions_count") == 3);
}

TEST_CASE("rest clients: a client is looked at, subscribed, published to, unsubscribed and kicked") {
  ManagedBroker node;
  MqttClient client = node.client("c/1");  // its id stands in paths, encoded
  const std::string path = "/clients/c%2F1";
  const Json shown = node.api.get(path);
  CHECK(shown.at("connected") == true);
  CHECK(shown.at("listener") == "tcp:default");
  CHECK(shown.at("proto_name") == "MQTT");
  const RestAnswer subscribed = node.post(path + "/subscribe", {{"topic", "t/+"}, {"qos", 1}});
  REQUIRE(subscribed.status == 200);
  CHECK(subscribed.json().at("clientid") == "c/1");
  CHECK(node.post(path + "/subscribe/bulk", Json::array({{{"topic", "u"}}, {{"topic", "v"}}})).status == 200);
  CHECK(node.api.get(path + "/subscriptions").size() == 3);
  CHECK(node.api.get("/subscriptions?match_topic=t/x").at("data").size() == 1);
  CHECK(node.api.get("/subscriptions?clientid=c%2F1").at("meta").at("count") == 3);
  CHECK(node.api.get("/topics/t%2F%2B").front().at("topic") == "t/+");
  CHECK(code_of(node.api.call("GET", "/topics/none")) == "TOPIC_NOT_FOUND");
  const RestAnswer published = node.post("/publish", {{"topic", "t/x"}, {"payload", "hello"}, {"qos", 1}});
  CHECK(published.status == 200);
  CHECK(published.json().at("id").get<std::string>().size() == 32);
  CHECK(client.receive().payload == "hello");
  CHECK(node.post(path + "/unsubscribe", {{"topic", "t/+"}}).status == 204);
  CHECK(node.post(path + "/unsubscribe/bulk", Json::array({{{"topic", "u"}}, {{"topic", "v"}}})).status == 204);
  CHECK(node.post("/publish", {{"topic", "t/x"}, {"payload", "nobody"}}).status == 202);
  CHECK(code_of(node.post(path + "/subscribe", {{"topic", "a/#/b"}})) == "INVALID_PARAMETER");
  CHECK(node.post(path + "/subscribe", {{"topic", "a"}, {"qos", 3}}).status == 400);
  CHECK(code_of(node.post("/clients/nobody/subscribe", {{"topic", "a"}})) == "CLIENTID_NOT_FOUND");
  CHECK(node.api.call("PUT", path + "/keepalive", {{"interval", 30}}).json().at("keepalive") == 30);
  CHECK(node.api.call("PUT", path + "/keepalive", {{"interval", 70'000}}).status == 400);
  CHECK(node.api.get(path + "/authorization/cache").is_array());
  CHECK(node.api.call("DELETE", path + "/authorization/cache").status == 204);
  CHECK(node.api.call("DELETE", path).status == 204);
  CHECK(client.expect_disconnect().reason_code == 0x98);
  CHECK(code_of(node.api.call("GET", path)) == "CLIENTID_NOT_FOUND");
  CHECK(code_of(node.api.call("DELETE", path)) == "CLIENTID_NOT_FOUND");
}

TEST_CASE("rest clients: many are kicked at once, and it is shown what waits for one who is away") {
  ManagedBroker node;
  MqttClient away = node.client("away", 600);
  away.subscribe({{"q/#", 1}});
  away.disconnect();
  for (int i = 0; i < 3; ++i)  // to one topic, for only these are in order
    CHECK(node.post("/publish", {{"topic", "q/0"}, {"payload", std::to_string(i)}, {"qos", 1}}).status == 200);
  const Json first = node.api.get("/clients/away/mqueue_messages?limit=2&payload=plain");
  REQUIRE(first.at("data").size() == 2);
  CHECK(first.at("data")[0].at("topic") == "q/0");
  CHECK(first.at("data")[0].at("payload") == "0");
  CHECK(first.at("data")[1].at("payload") == "1");
  const std::string position = first.at("meta").at("position").get<std::string>();
  const Json second = node.api.get("/clients/away/mqueue_messages?limit=2&payload=none&position=" + position);
  CHECK(second.at("data").size() == 1);
  CHECK(second.at("meta").at("position") == "end_of_data");
  CHECK(node.api.get("/clients/away/inflight_messages").at("data").empty());
  MqttClient slow = node.client("slow");
  slow.acknowledge_by_hand();
  slow.subscribe({{"s", 1}});
  CHECK(node.post("/publish", {{"topic", "s"}, {"payload", "unacknowledged"}, {"qos", 1}}).status == 200);
  CHECK(slow.receive().payload == "unacknowledged");
  CHECK(node.api.get("/clients/slow/inflight_messages").at("data").size() == 1);
  CHECK(node.post("/clients/kickout/bulk", {"away", "slow", "nobody"}).status == 204);
  CHECK(node.api.get("/clients").at("data").empty());
}

TEST_CASE("rest clients: what may not be published is refused, and nothing of a list is then published") {
  ManagedBroker node({"mqtt.max_packet_size=4096", "mqtt.max_connect_packet_size=2048"});
  MqttClient client = node.client("c1");
  client.subscribe({{"#", 0}});
  const auto reason = [](const RestAnswer& answer) { return answer.json().value("reason_code", 0); };
  const RestAnswer wildcard = node.post("/publish", {{"topic", "a/#"}, {"payload", ""}});
  CHECK(wildcard.status == 400);
  CHECK(reason(wildcard) == 0x90);
  const RestAnswer large = node.post("/publish", {{"topic", "a"}, {"payload", std::string(5'000, 'x')}});
  CHECK(large.status == 400);
  CHECK(reason(large) == 0x95);
  const RestAnswer encoding =
      node.post("/publish", {{"topic", "a"}, {"payload", "%%"}, {"payload_encoding", "base64"}});
  CHECK(encoding.status == 400);
  CHECK(reason(encoding) == 0x99);
  CHECK(node.post("/publish", {{"payload", "no topic"}}).status == 400);
  CHECK(node.post("/publish", {{"topic", "a"}, {"payload", ""}, {"retain", "yes"}}).status == 400);
  const Json good = {{"topic", "a"}, {"payload", "aGk="}, {"payload_encoding", "base64"}};
  CHECK(node.post("/publish/bulk", Json::array({good, {{"topic", "+"}, {"payload", ""}}})).status == 400);
  CHECK(client.quiet());
  const RestAnswer bulk = node.post("/publish/bulk", Json::array({good, {{"topic", "$x"}, {"payload", "hidden"}}}));
  CHECK(bulk.status == 202);
  REQUIRE(bulk.json().size() == 2);
  CHECK(bulk.json()[0].contains("id"));
  CHECK(bulk.json()[1].at("reason_code") == 0x10);
  CHECK(client.receive().payload == "hi");
}

TEST_CASE("rest clients: properties reach subscribers of MQTT 5") {
  ManagedBroker node;
  MqttClient client = node.client("c1");
  client.subscribe({{"a", 0}});
  CHECK(node.post("/publish", {{"topic", "a"},
                               {"payload", "{}"},
                               {"properties",
                                {{"content_type", "application/json"},
                                 {"response_topic", "answers"},
                                 {"payload_format_indicator", 1},
                                 {"user_properties", {{"from", "operator"}}}}}})
            .status == 200);
  const Publish received = client.receive();
  CHECK(received.properties.text(property::kContentType) == "application/json");
  CHECK(received.properties.text(property::kResponseTopic) == "answers");
  CHECK(node.post("/publish", {{"topic", "a"}, {"payload", ""}, {"properties", {{"response_topic", "a/#"}}}}).status ==
        400);
}

TEST_CASE("rest clients: retained and delayed messages are listed, shown and removed") {
  ManagedBroker node;
  for (const char* topic : {"r/1", "r/2", "other"})
    CHECK(node.post("/publish", {{"topic", topic}, {"payload", "kept"}, {"retain", true}}).status == 202);
  CHECK(node.api.get("/mqtt/retainer/messages").at("meta").at("count") == 3);
  CHECK(node.api.get("/mqtt/retainer/messages?topic=r/%2B").at("data").size() == 2);
  CHECK(node.api.get("/mqtt/retainer/message/r%2F1").at("payload") == "a2VwdA==");
  CHECK(node.api.call("DELETE", "/mqtt/retainer/message/r%2F%23").status == 204);
  CHECK(code_of(node.api.call("GET", "/mqtt/retainer/message/r%2F1")) == "NOT_FOUND");
  CHECK(node.api.call("DELETE", "/mqtt/retainer/message/r%2F1").status == 404);
  CHECK(node.api.get("/mqtt/retainer/messages").at("data").size() == 1);
  CHECK(node.api.get("/mqtt/retainer").at("backend").at("type") == "built_in_database");
  const RestAnswer changed = node.api.call("PUT", "/mqtt/retainer", {{"max_payload_size", "2MB"}});
  CHECK(changed.json().at("applied") == Json::array({"retainer.max_payload_size"}));
  CHECK(node.api.call("PUT", "/mqtt/retainer", {{"max_payload_size", "2 parsecs"}}).status == 400);
  for (const char* topic : {"d/1", "d/2"})
    CHECK(node.post("/publish", {{"topic", "$delayed/600/" + std::string(topic)}, {"payload", "later"}}).status == 200);
  const Json waiting = node.api.get("/mqtt/delayed/messages");
  REQUIRE(waiting.at("data").size() == 2);
  const Json& message = waiting.at("data")[0];
  CHECK(message.at("delayed_interval") == 600);
  const std::string path =
      "/mqtt/delayed/messages/" + message.at("node").get<std::string>() + '/' + message.at("msgid").get<std::string>();
  CHECK(node.api.get(path).at("payload") == "bGF0ZXI=");
  CHECK(node.api.call("DELETE", path).status == 204);
  CHECK(code_of(node.api.call("GET", path)) == "MESSAGE_ID_NOT_FOUND");
  CHECK(node.api.get("/mqtt/delayed/messages").at("data").size() == 1);
  CHECK(node.api.call("PUT", "/mqtt/delayed", {{"max_delayed_messages", 5}}).json().at("max_delayed_messages") == 5);
  CHECK(node.post("/publish", {{"topic", "$delayed/soon/x"}, {"payload", ""}}).status == 400);
}

TEST_CASE("rest clients: Mosquitto's clients meet the API") {
  ManagedBroker node;
  const std::string port = std::to_string(node.broker.tcp_port());
  Process subscriber({"mosquitto_sub", "-p", port, "-i", "mosquitto", "-t", "news/#", "-F", "%t:%p", "-C", "1"});
  const Deadline deadline(kPatience);
  while (node.api.get("/subscriptions?clientid=mosquitto").at("data").empty()) REQUIRE_FALSE(deadline.passed());
  CHECK(node.api.get("/clients/mosquitto").at("subscriptions_cnt") == 1);
  CHECK(node.post("/publish", {{"topic", "news/today"}, {"payload", "rain"}}).status == 200);
  CHECK(subscriber.wait_for("news/today:rain"));
  CHECK(subscriber.wait_exit() == 0);
}

TEST_CASE("rest clients: what is retained and delayed is bounded anew without a restart") {
  ManagedBroker node({"sys_topics.enable=false"});  // whose messages are retained, too
  MqttClient resident = node.client("resident");
  const auto put = [&](const std::string& path, const Json& body) {
    const RestAnswer answer = node.api.call("PUT", path, body);
    INFO(answer.body);
    CHECK(answer.status == 200);
    CHECK(answer.json().at("needs_restart").empty());
  };
  const auto retained = [&] { return node.api.get("/mqtt/retainer/messages").at("meta").at("count"); };
  const auto retain = [&](const std::string& topic, size_t size) {
    CHECK(node.post("/publish", {{"topic", topic}, {"payload", std::string(size, 'x')}, {"retain", true}}).status ==
          202);
  };
  put("/mqtt/retainer", {{"max_payload_size", "10B"}});
  retain("small", 10);
  retain("large", 11);
  CHECK(retained() == 1);
  put("/mqtt/retainer", {{"max_payload_size", "1MB"}});
  put("/configs/retainer", {{"max_retained_messages", 2}});
  retain("large", 11);
  retain("too-many", 1);
  CHECK(retained() == 2);
  put("/mqtt/retainer", {{"enable", false}});
  MqttClient newcomer = node.client("newcomer");  // is told so in CONNACK
  const RestAnswer refused = node.post("/publish", {{"topic", "small"}, {"payload", "new"}, {"retain", true}});
  CHECK(refused.status >= 200);
  CHECK(node.api.get("/mqtt/retainer/message/small").at("payload") == "eHh4eHh4eHh4eA==");
  put("/mqtt/delayed", {{"max_delayed_messages", 1}});
  for (const char* topic : {"$delayed/600/a", "$delayed/600/b"})
    CHECK(node.post("/publish", {{"topic", topic}, {"payload", "later"}}).status >= 200);
  CHECK(node.api.get("/mqtt/delayed/messages").at("data").size() == 1);
  put("/mqtt/delayed", {{"enable", false}});
  CHECK(node.post("/publish", {{"topic", "$delayed/600/c"}, {"payload", "later"}}).status >= 400);
  resident.ping();
}

TEST_CASE("rest clients: bytes, packets and messages of each client, and of who has left") {
  ManagedBroker node;
  MqttClient busy = node.client("busy", 600);
  busy.subscribe({{"t", 1}});
  const Json before = node.api.get("/clients/busy");
  CHECK(before.at("recv_pkt") == 2);  // CONNECT, SUBSCRIBE
  CHECK(before.at("send_pkt") == 2);
  CHECK(before.at("recv_msg") == 0);
  CHECK(before.at("recv_oct").get<int>() > 20);
  CHECK(before.at("recv_cnt") == 2);
  CHECK(before.at("send_cnt") == 2);
  for (int i = 0; i < 3; ++i) {
    busy.publish("t", "twelve bytes", 1);
    CHECK(busy.receive().payload == "twelve bytes");
  }
  busy.publish("nobody", "x", 0);
  busy.ping();
  const Json after = node.api.get("/clients/busy");
  CHECK(after.at("recv_msg") == 4);
  CHECK(after.at("recv_msg.qos0") == 1);
  CHECK(after.at("recv_msg.qos1") == 3);
  CHECK(after.at("send_msg") == 3);
  CHECK(after.at("send_msg.qos1") == 3);
  CHECK(after.at("send_msg.dropped") == 0);
  CHECK(after.at("recv_pkt") == 2 + 3 + 3 + 1 + 1);  // PUBLISH, PUBACK, PUBLISH, PINGREQ
  CHECK(after.at("send_pkt") == 2 + 3 + 3 + 1);
  // TCP joins and parts as it likes, but nothing comes without a read, and no read comes empty.
  CHECK(after.at("recv_cnt").get<int>() >= 2 + 3 + 1);
  CHECK(after.at("recv_cnt") <= after.at("recv_pkt"));
  CHECK(after.at("send_cnt").get<int>() >= 2 + 3 + 1);
  CHECK(after.at("send_cnt") <= after.at("send_pkt"));
  CHECK(after.at("recv_oct").get<int>() > before.at("recv_oct").get<int>() + 3 * 12);
  busy.disconnect();
  const Json left = node.api.get("/clients/busy");
  CHECK(left.at("connected") == false);
  CHECK(left.at("recv_pkt") == 11);
  CHECK(left.at("recv_cnt").get<int>() > after.at("recv_cnt").get<int>());
  CHECK(left.at("send_msg") == 3);
  MqttClient again = node.client("busy", 600);
  CHECK(node.api.get("/clients/busy").at("recv_msg") == 0);
  CHECK(node.api.get("/clients/busy").at("recv_pkt") == 1);
}

TEST_CASE("rest clients: the limits by name, and the metrics for whoever asks where that is wanted") {
  ManagedBroker node({"mqtt.max_subscriptions=4"});
  MqttClient client = node.client("c1");
  bool seen = false;
  for (const Json& limit : node.api.get("/limits")) {
    if (limit.at("name") == "mqtt.max_subscriptions") seen = limit.at("value") == 4;
  }
  CHECK(seen);
  const RestClient stranger(node.api_port);
  CHECK(stranger.call("GET", "/prometheus/stats").status == 401);
  CHECK(node.api.call("PUT", "/prometheus", {{"enable_basic_auth", false}}).status == 200);
  const RestAnswer page = stranger.call("GET", "/prometheus/stats");
  CHECK(page.status == 200);
  CHECK(page.body.find("emqx_live_connections_count") != std::string::npos);
  CHECK(stranger.call("GET", "/metrics").status == 401);
  CHECK(node.api.call("PUT", "/prometheus", {{"enable_basic_auth", true}}).status == 200);
  CHECK(stranger.call("GET", "/prometheus/stats").status == 401);
}

}  // namespace patchbay::wire
