// The plugin's file with a real HTTP server that is in trouble, on a host whose clock the test moves: how long it may
// last, and what metrics tell of it.
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

const plugin_file& webhook_file() {
  static const plugin_file out(WEBHOOK_PLUGIN);
  return out;
}

/// One lane, so that requests come one after the other.
json one_lane_to(const FaultServer& server) {
  return {{"name", "t"},        {"url", server.url()},           {"events", {{{"event", "message.publish"}}}},
          {"max_in_flight", 1}, {"batch", {{"max_events", 50}}}, {"breaker", {{"failures", 2}}}};
}

template <typename Done>
bool comes_true(Done done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!done() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return done();
}

/// Publishes numbers.
struct NumberPublisher {
  fake_host& host;
  int next = 0;
  void publish() { host.routed(host.client("c"), {"a", std::to_string(next++), 0, false, "c"}); }
};

/// The payloads in the order of their first arrival.
std::vector<int> arrived_numbers(const FaultServer& server) {
  std::vector<int> out;
  std::set<std::string> ids;
  for (const json& each : server.events()) {
    if (ids.insert(each["event_id"]).second) out.push_back(std::stoi(each["payload"].get<std::string>()));
  }
  return out;
}

bool count_from_0(const std::vector<int>& numbers) {
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] != static_cast<int>(i)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE(
    "plugin: a server that comes back after ten minutes gets everything, in order; metrics and an alarm tell it") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  json settings = {{"targets", {one_lane_to(server)}}, {"spool_directory", folder.path("spool")}};
  fake_host host;
  host.settings(settings.dump());
  REQUIRE(host.start(webhook_file().entry()) == PATCHBAY_OK);
  NumberPublisher client{host};
  const auto metric = [&](const std::string& name) { return host.store.metric(name + "{target=\"t\"}"); };
  const auto live_a_second = [&] {
    host.advance(std::chrono::seconds(1));
    client.publish();
  };
  CHECK(comes_true([&] { return live_a_second(), host.store.alarms.contains("target_down.t"); }));
  for (int second = 0; second < 600; ++second) live_a_second();
  CHECK(comes_true([&] { return live_a_second(), metric("lag_seconds") >= 600; }));
  CHECK(metric("up") == 0);
  CHECK(metric("failed") >= 2);
  CHECK(metric("retried") >= 1);
  CHECK(metric("sent") == 0);
  CHECK(metric("spool_bytes") > 0);
  server.start();
  CHECK(comes_true([&] { return live_a_second(), host.store.alarms.empty(); }));
  CHECK(comes_true([&] { return host.advance(std::chrono::seconds(1)), metric("sent") == client.next; }));
  const auto got = arrived_numbers(server);
  CHECK(got.size() == static_cast<size_t>(client.next));
  CHECK(count_from_0(got));
  CHECK(comes_true([&] { return metric("spool_bytes") == 0 && metric("lag_seconds") == 0; }));
  CHECK(metric("up") == 1);
  CHECK(metric("buffered_events") == 0);
  host.stop();
  CHECK(host.leaks().none());
}

TEST_CASE("plugin: what is given up is counted by its reason") {
  const TemporaryFolder folder;
  FaultServer server(folder);
  server.start();
  json target = one_lane_to(server);
  target["retry"] = {{"max_age", 60'000}};
  fake_host host;
  host.settings(json{{"targets", {target}}}.dump());
  REQUIRE(host.start(webhook_file().entry()) == PATCHBAY_OK);
  NumberPublisher client{host};
  const auto dropped = [&](const std::string& reason) {
    host.advance(std::chrono::seconds(1));
    return host.store.metric("dropped{target=\"t\",reason=\"" + reason + "\"}");
  };
  server.mode("400");
  client.publish();
  CHECK(comes_true([&] { return dropped("rejected") == 1; }));
  server.mode("500");
  client.publish();
  CHECK(comes_true([&] {
    host.advance(std::chrono::milliseconds(100));  // the batch is due
    return host.store.metric("failed{target=\"t\"}") >= 2;
  }));
  host.advance(std::chrono::minutes(2));
  CHECK(comes_true([&] { return dropped("expired") == 1; }));
  CHECK(host.store.metric("sent{target=\"t\"}") == 0);
  host.stop();
  CHECK(host.leaks().none());
}
