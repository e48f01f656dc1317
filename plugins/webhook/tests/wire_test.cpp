// The plugin's file in the real broker, with a real HTTP server that misbehaves, and real clients.
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <thread>

#include "fault_server.h"
#include "webhook_broker.h"
#include "wire/support/mqtt_client.h"

using namespace patchbay::wire;  // NOLINT: test
using nlohmann::json;
using patchbay::webhook::FaultServer;
using patchbay::webhook::WebhookBroker;

namespace {

constexpr const char* kPublished = "[{ event = \"message.publish\", topics = [\"a/#\"] }]";
constexpr const char* kBatches = "batch = { max_events = 20, max_wait = \"20ms\" }\n";

/// Publishes numbers in the names of two clients.
class Publishers {
 public:
  explicit Publishers(uint16_t port)
      : clients_{MqttClient::connected(port, {.client_id = "left"}),
                 MqttClient::connected(port, {.client_id = "right"})} {}
  void publish(int count) {
    for (int i = 0; i < count; ++i, ++next_) {
      for (auto& client : clients_) client.publish("a/" + std::to_string(next_ % 3), std::to_string(next_), 1);
    }
  }
  [[nodiscard]] int published() const { return next_; }

 private:
  MqttClient clients_[2];
  int next_ = 0;
};

/// The payloads of each client in the order of their first arrival; duplicates must be of events with the same id.
std::map<std::string, std::vector<int>> first_arrivals(const std::vector<json>& events) {
  std::map<std::string, std::vector<int>> out;
  std::map<std::string, std::string> seen;
  for (const auto& each : events) {
    const std::string payload = each["payload"];
    const auto [known, fresh] = seen.emplace(each["event_id"], payload);
    CHECK(known->second == payload);
    if (fresh) out[each["from_client_id"]].push_back(std::stoi(payload));
  }
  return out;
}

size_t distinct(const std::vector<json>& events) {
  std::set<std::string> ids;
  for (const auto& each : events) ids.insert(each["event_id"]);
  return ids.size();
}

std::vector<int> range(int end) {
  std::vector<int> out;
  for (int i = 0; i < end; ++i) out.push_back(i);
  return out;
}

/// Waits until so many different events are there.
std::vector<json> arrived(const FaultServer& server, size_t count) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  auto out = server.events();
  while (distinct(out) < count && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(50ms);
    out = server.events();
  }
  return out;
}

/// Everything that was published has arrived, of each client in order.
void check_complete(const FaultServer& server, const Publishers& publishers) {
  const auto got = first_arrivals(arrived(server, 2 * static_cast<size_t>(publishers.published())));
  CHECK(got.at("left") == range(publishers.published()));
  CHECK(got.at("right") == range(publishers.published()));
}

}  // namespace

TEST_CASE("webhook: the life of a client, in order") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  server.start();
  std::string events = "[";
  for (const char* each : {"client.connect", "client.connack", "client.connected", "client.subscribe",
                           "session.subscribed", "message.publish", "message.delivered", "message.acked",
                           "client.unsubscribe", "session.unsubscribed", "client.disconnected", "session.terminated"})
    events += std::string(events.size() > 1 ? ", " : "") + "{ event = \"" + each + "\" }";
  WebhookBroker broker(server.url(), events + ", { event = \"message.dropped\" }]");
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c1", .user_name = "ann"});
  std::this_thread::sleep_for(20ms);  // events of one millisecond are sorted by kind, not by what happened first
  client.subscribe({{"a/+", 1}});
  std::this_thread::sleep_for(20ms);
  client.publish("a/b", "hello", 1);
  CHECK(client.receive().payload == "hello");
  std::this_thread::sleep_for(20ms);
  client.unsubscribe({"a/+"});
  std::this_thread::sleep_for(20ms);
  client.publish("a/b", "nobody", 0);
  client.ping();
  std::this_thread::sleep_for(20ms);
  client.disconnect();
  std::vector<std::string> actions;
  for (const auto& each : server.wait_for_events(14)) actions.push_back(each["action"]);
  CHECK(actions == std::vector<std::string>{"client_connect", "client_connack", "client_connected", "client_subscribe",
                                            "session_subscribed", "message_publish", "message_delivered",
                                            "message_acked", "client_unsubscribe", "session_unsubscribed",
                                            "message_publish", "message_dropped", "client_disconnected",
                                            "session_terminated"});
  CHECK(broker.stop() == 0);
}

TEST_CASE("webhook: whatever a server does, everything arrives once it behaves, and in order") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  server.start();
  WebhookBroker broker(server.url(), kPublished, kBatches);
  Publishers publishers(broker.port());
  publishers.publish(20);
  for (const std::string mode : {"500", "hang", "close", "drip", "429&seconds=1", "redirect"}) {
    server.mode(mode);
    publishers.publish(20);
    std::this_thread::sleep_for(1'200ms);
  }
  CHECK(broker.process().wait_for_error("target t is down", 0));
  server.mode("ok");
  publishers.publish(20);
  check_complete(server, publishers);
  CHECK(broker.process().wait_for_error("target t is up again", 0));
  CHECK(broker.stop() == 0);
}

TEST_CASE("webhook: a server that isn't there, and comes back after the broker was killed") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  WebhookBroker broker(server.url(), kPublished, kBatches);
  int before = 0;
  {
    Publishers publishers(broker.port());
    publishers.publish(100);
    REQUIRE(broker.process().wait_for_error("target t is down", 0));
    publishers.publish(100);
    before = publishers.published();
  }
  std::this_thread::sleep_for(500ms);  // what a hook has told is written within the window that sorts events
  broker.process().signal(SIGKILL);
  CHECK(broker.process().wait_exit(20s));
  broker.start();
  server.start();
  const auto got = first_arrivals(arrived(server, 2 * static_cast<size_t>(before)));
  CHECK(got.at("left") == range(before));
  CHECK(got.at("right") == range(before));
  CHECK(broker.stop() == 0);
}

TEST_CASE("webhook: what waits at the end is there at the next start") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  WebhookBroker broker(server.url(), kPublished);
  {
    Publishers publishers(broker.port());
    publishers.publish(10);
  }
  CHECK(broker.stop() == 0);
  server.start();
  broker.start();
  CHECK(distinct(arrived(server, 20)) == 20);
  CHECK(broker.stop() == 0);
}

TEST_CASE("webhook: the wrong name in a certificate is a failure; with the right authority and name it arrives") {
  const TemporaryFolder folder;
  const CertificateAuthority authority(folder);
  FaultServer server(folder, authority.issue("hooks.example"));
  server.start();
  const std::string trust = "tls = { ca_file = \"" + authority.certificate_file() + "\" }\n";
  WebhookBroker wrong("https://localhost:" + std::to_string(server.port()) + "/", kPublished, trust);
  MqttClient::connected(wrong.port(), {.client_id = "c"}).publish("a/b", "1", 1);
  CHECK(wrong.process().wait_for_error("target t is down: tls", 0));
  CHECK(server.events().empty());
  CHECK(wrong.stop() == 0);
  WebhookBroker right(server.url(), kPublished, trust);
  MqttClient::connected(right.port(), {.client_id = "c"}).publish("a/b", "2", 1);
  CHECK(server.wait_for_events(1).at(0)["payload"] == "2");
  CHECK(right.stop() == 0);
}

TEST_CASE("webhook: a server that answers after a long time slows nobody but itself") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  server.start();
  server.mode("slow&seconds=10");
  WebhookBroker broker(server.url(), kPublished);
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c"});
  client.subscribe({{"a/#", 1}});
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 200; ++i) {
    client.publish("a/b", std::to_string(i), 1);
    REQUIRE(client.receive().payload == std::to_string(i));
  }
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  CHECK(broker.stop() == 0);
}

TEST_CASE("webhook: the plugin leaves and comes back while clients stay") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  server.start();
  WebhookBroker broker(server.url(), kPublished);
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c"});
  client.publish("a/b", "1", 1);
  CHECK(server.wait_for_events(1).size() == 1);
  broker.configure("");
  broker.reload_until("after=unloaded");
  client.publish("a/b", "2", 1);
  client.ping();
  CHECK(server.events().size() == 1);
  CHECK(broker.stop() == 0);
}
