// What an operator sees of a target, and asks of it, over the REST API of the real broker; and what a request is like
// for a real server: signed, encoded, to a place of its own, over HTTP/2.
#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "fault_server.h"
#include "signature.h"
#include "webhook_broker.h"
#include "wire/support/mqtt_client.h"

using namespace patchbay::wire;  // NOLINT: test
using nlohmann::json;
using patchbay::webhook::FaultServer;
using patchbay::webhook::WebhookBroker;

namespace {

constexpr const char* kPublished = "[{ event = \"message.publish\", topics = [\"a/#\"] }]";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

template <typename Done>
bool wait_until(Done done) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!done() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(50ms);
  return done();
}

void publish(const WebhookBroker& broker, const std::string& topic, const std::string& payload) {
  MqttClient::connected(broker.port(), {.client_id = "c"}).publish(topic, payload, 1);
}

}  // namespace

TEST_CASE(
    "webhook: over REST, a target that is down is told by health and an alarm, until it is up again; and tested") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  WebhookBroker broker(server.url(), kPublished);
  CHECK(broker.status_of("/plugins/webhook/api/health") == "200");
  CHECK_FALSE(contains(broker.ctl({"alarms", "list"}).output, "target_down.t"));
  publish(broker, "a/1", "1");
  CHECK(wait_until([&] { return broker.status_of("/plugins/webhook/api/health") == "503"; }));
  CHECK(contains(broker.ctl({"alarms", "list"}).output, "target_down.t"));
  const Finished listed = broker.ctl({"plugins", "call", "webhook", "GET", "/targets"});
  INFO(listed.output << listed.error);
  CHECK(contains(listed.output, "status: down"));
  CHECK(broker.ctl({"plugins", "call", "webhook", "POST", "/targets/t/test"}).exit_code != 0);
  server.start();
  CHECK(wait_until([&] { return broker.status_of("/plugins/webhook/api/health") == "200"; }));
  CHECK_FALSE(contains(broker.ctl({"alarms", "list"}).output, "target_down.t"));
  const Finished tested = broker.ctl({"plugins", "call", "webhook", "POST", "/targets/t/test"});
  INFO(tested.output << tested.error);
  CHECK(tested.exit_code == 0);
  CHECK(contains(tested.output, "arrived"));
  std::set<std::string> actions;
  for (const json& each : server.wait_for_events(2)) actions.insert(each["action"]);
  CHECK(actions == std::set<std::string>{"message_publish", "webhook_test"});
  CHECK(broker.ctl({"plugins", "call", "webhook", "POST", "/targets/other/test"}).exit_code != 0);
  CHECK(broker.stop() == 0);
}

TEST_CASE("webhook: a signed CloudEvent with a base62 payload, to the event's own path") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  server.start();
  WebhookBroker broker(
      server.url(), "[{ event = \"message.publish\", url = \"/messages?v=1\", headers = { X-Kind = \"message\" } }]",
      "format = \"cloudevents\"\npayload_encoding = \"base62\"\nsigning_secret = \"whsec_c2VjcmV0\"\n");
  publish(broker, "a/1", "hello");
  REQUIRE(server.wait_for_events(1).size() == 1);
  const json request = server.requests().front();
  const json headers = request["headers"];
  CHECK(request["path"] == "/messages?v=1");
  CHECK(headers["x-kind"] == "message");
  CHECK(headers["content-type"] == "application/cloudevents+json; charset=utf-8");
  const uint64_t unix_s = std::stoull(headers["webhook-timestamp"].get<std::string>());
  CHECK(headers["webhook-signature"] == patchbay::webhook::signature_of("secret",
                                                                        headers["webhook-id"].get<std::string>(),
                                                                        unix_s, request["body"].get<std::string>()));
  const json event = json::parse(request["body"].get<std::string>());
  CHECK(event["specversion"] == "1.0");
  CHECK(event["type"] == "patchbay.message.publish");
  CHECK(event["subject"] == "a/1");
  CHECK(event["id"] == headers["webhook-id"]);
  CHECK(event["data"]["payload"] == "aGVsbGP");
  CHECK(broker.stop() == 0);
}

TEST_CASE("webhook: Retry-After is waited for, although retries would come sooner") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  server.start();
  server.mode("429&seconds=2");
  WebhookBroker broker(server.url(), kPublished);
  const auto begin = std::chrono::system_clock::now();
  publish(broker, "a/1", "1");
  std::this_thread::sleep_for(500ms);  // it has been refused by now
  server.mode("ok");
  REQUIRE(server.wait_for_events(1).size() == 1);
  const double at_s = server.requests().front()["at"];
  CHECK(at_s - std::chrono::duration<double>(begin.time_since_epoch()).count() > 1.9);
  CHECK(broker.stop() == 0);
}

TEST_CASE("webhook: no request leaves the allowed networks, and none follows a redirect") {
  const TemporaryFolder folder, other_folder;
  FaultServer server(folder), elsewhere(other_folder);
  server.start();
  elsewhere.start();
  WebhookBroker fenced(server.url(), kPublished, {}, "allowed_networks = [\"10.0.0.0/8\"]\n");
  publish(fenced, "a/1", "1");
  CHECK(fenced.process().wait_for_error("target t is down", 0));
  CHECK(server.requests().empty());
  CHECK(fenced.stop() == 0);
  server.mode("redirect&to=" + elsewhere.url("/stolen"));
  WebhookBroker redirected(server.url(), kPublished);
  publish(redirected, "a/1", "2");
  CHECK(redirected.process().wait_for_error("target t is down: status 307", 0));
  CHECK(elsewhere.requests().empty());
  CHECK(redirected.stop() == 0);
}

TEST_CASE("webhook: an event whose request was under way when the broker was killed comes again, with its id") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  server.start();
  server.mode("slow&seconds=60");
  WebhookBroker broker(server.url(), kPublished, "spool = \"always\"\nmax_in_flight = 1\n");
  for (int i = 0; i < 5; ++i) publish(broker, "a/1", std::to_string(i));
  CHECK(server.wait_for_events(1).front()["payload"] == "0");
  std::this_thread::sleep_for(300ms);  // the others have left the window that sorts events
  broker.process().signal(SIGKILL);
  CHECK(broker.process().wait_exit(20s));
  server.mode("ok");
  broker.start();
  CHECK(wait_until([&] { return server.events().back()["payload"] == "4"; }));
  const auto events = server.events();
  std::vector<std::string> order;
  std::set<std::string> ids;
  for (const json& each : events) {
    if (ids.insert(each["event_id"]).second) order.push_back(each["payload"]);
  }
  CHECK(order == std::vector<std::string>{"0", "1", "2", "3", "4"});
  CHECK(events.size() > order.size());  // the first one came twice at least
  CHECK(broker.stop() == 0);
}

TEST_CASE("webhook: a server that speaks HTTP/2 is spoken to in it") {
  const TemporaryFolder folder;
  const CertificateAuthority authority(folder);
  const Certificate certificate = authority.issue("localhost");
  const uint16_t port = free_port();
  folder.write("hook", "{}");
  Process server({"stdbuf", "-oL", "nghttpd", "-v", "-a", "127.0.0.1", "-d", folder.path(""), std::to_string(port),
                  certificate.key_file, certificate.certificate_file});
  REQUIRE(server.wait_for("listen 127.0.0.1"));
  WebhookBroker broker("https://localhost:" + std::to_string(port) + "/hook", kPublished,
                       "tls = { ca_file = \"" + authority.certificate_file() + "\" }\nmax_in_flight = 1\n");
  publish(broker, "a/1", "over-h2");
  CHECK(server.wait_for("The negotiated protocol: h2"));
  CHECK(server.wait_for(":path: /hook"));
  CHECK(server.wait_for("send HEADERS frame"));
  CHECK(contains(server.output(), ":method: POST"));
  CHECK(server.wait_for(":status: 200"));
  CHECK(wait_until([&] {
    return contains(broker.ctl({"plugins", "call", "webhook", "GET", "/targets"}).output, "200");
  }));
  CHECK(broker.stop() == 0);
}
