// What plugins do wrong at run time, and what it costs those who have nothing to do with it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>
#include <vector>

#include "wire/plugin_broker.h"
#include "wire/support/mqtt_client.h"

using namespace patchbay::wire;  // NOLINT: test

namespace {

using Clock = std::chrono::steady_clock;

double since_ms(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// Clients that send themselves one message after the other and measure how long each takes.
class RoundTrips {
 public:
  RoundTrips(uint16_t port, size_t clients) {
    for (size_t i = 0; i < clients; ++i) {
      const std::string name = "quick-" + std::to_string(i);
      clients_.push_back(MqttClient::connected(port, {.client_id = name}));
      clients_.back().subscribe({{name, 1}});
    }
  }
  /// The 99th percentile over all clients, in milliseconds.
  double p99_ms(size_t rounds) {
    std::vector<double> times_ms;
    for (size_t round = 0; round < rounds; ++round) {
      for (size_t i = 0; i < clients_.size(); ++i) {
        const Clock::time_point begin = Clock::now();
        clients_[i].publish("quick-" + std::to_string(i), "x", 1);
        CHECK(clients_[i].receive().payload == "x");
        times_ms.push_back(since_ms(begin));
      }
    }
    const auto place = times_ms.begin() + static_cast<std::ptrdiff_t>(times_ms.size() * 99 / 100);
    std::nth_element(times_ms.begin(), place, times_ms.end());
    return *place;
  }

 private:
  std::vector<MqttClient> clients_;
};

}  // namespace

TEST_CASE("faults: while a plugin's answers do not come, other clients wait no longer than before") {
  PluginBroker broker("enabled = [\"sluggish\"]\n");
  broker.put("sluggish", "sluggish.so");
  broker.start();
  std::vector<MqttClient> waiting;
  for (int i = 0; i < 40; ++i)
    waiting.push_back(MqttClient::connected(broker.port(), {.client_id = "waiting-" + std::to_string(i)}));
  RoundTrips quick(broker.port(), 8);  // on both shards
  static_cast<void>(quick.p99_ms(10));
  const double before_ms = quick.p99_ms(50);

  const Clock::time_point begin = Clock::now();
  for (MqttClient& client : waiting)
    client.send(publish_packet(5, {.topic = "slow/a", .payload = "x", .qos = 1, .packet_id = client.next_packet_id()}));
  std::vector<double> meanwhile_ms;
  while (since_ms(begin) < 700) meanwhile_ms.push_back(quick.p99_ms(10));
  CHECK(waiting.front().quiet(milliseconds(1)));
  std::sort(meanwhile_ms.begin(), meanwhile_ms.end());
  const double while_ms = meanwhile_ms[meanwhile_ms.size() / 2];
  std::cout << "p99 of a round trip: " << before_ms << " ms before, " << while_ms << " ms while 40 questions hang\n";
  CHECK(while_ms <= std::max(3 * before_ms, 20.0));

  // Each of them ends by the fallback, at its deadline of a second.
  for (MqttClient& client : waiting) {
    const Packet answer = client.expect(4);
    REQUIRE(answer.body.size() >= 3);
    CHECK(static_cast<uint8_t>(answer.body[2]) == 0x83);  // Implementation specific error: the fallback denies
  }
  CHECK(since_ms(begin) > 900);
  CHECK(since_ms(begin) < 5'000);
  CHECK(broker.stop() == 0);
}

TEST_CASE("faults: a hook that throws is named, its fallback counts, and it is taken out of the path") {
  PluginBroker broker("enabled = [\"thrower\"]\n");
  broker.put("hook_thrower", "thrower.so");
  broker.start();
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c"});
  client.subscribe({{"a", 1}});
  for (int i = 0; i < 40; ++i) {
    CHECK(client.publish("a", "x", 1) < 0x80);
    CHECK(client.receive().payload == "x");
  }
  CHECK(broker.process().wait_for("on_publish threw: no bread left"));
  CHECK(broker.process().wait_for("on_routed threw: no butter either"));
  CHECK(broker.process().wait_for("breaker/publish.accept"));
  CHECK(client.publish("a", "x", 1) < 0x80);
  CHECK(client.receive().payload == "x");
  CHECK(broker.stop() == 0);
}

TEST_CASE("faults: a back end that is down is no fault of the plugin: its breaker stays closed") {
  PluginBroker broker("enabled = [\"down\"]\n");
  broker.put("fault_back_end", "down.so");
  broker.start();
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c"});
  client.subscribe({{"a", 1}});
  const Clock::time_point begin = Clock::now();
  while (since_ms(begin) < 1'000) {
    CHECK(client.publish("a", "x", 1) < 0x80);
    CHECK(client.receive().payload == "x");
  }
  CHECK_FALSE(broker.says("breaker"));
  CHECK(broker.stop() == 0);
}

TEST_CASE("faults: an answer that comes too late changes nothing, and its client has had the fallback's") {
  PluginBroker broker("enabled = [\"late\"]\n");
  broker.put("fault_late", "late.so");
  broker.start();
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c"});
  client.subscribe({{"#", 1}});
  for (const char* topic : {"a", "b", "c"}) {  // each question but the last is answered when the next one comes
    CHECK(client.publish(topic, topic, 1) < 0x80);
    CHECK(client.receive().payload == topic);
  }
  CHECK(client.quiet());
  broker.configure("");
  broker.reload_until("after=unloaded");
  client.ping();
  CHECK(broker.stop() == 0);
}

TEST_CASE("faults: a hook that hangs for ten seconds is named while it does, taken out of the path, and all goes on") {
  PluginBroker broker("enabled = [\"hang\"]\n");
  broker.put("fault_hang_hook", "hang.so");
  broker.start();
  MqttClient stuck = MqttClient::connected(broker.port(), {.client_id = "stuck"});
  MqttClient other = MqttClient::connected(broker.port(), {.client_id = "other"});
  const Clock::time_point begin = Clock::now();
  stuck.send(publish_packet(5, {.topic = "a", .payload = "x", .qos = 1, .packet_id = 7}));
  CHECK(broker.process().wait_for("plugin 'hang' (org.example.fault 2.0.0) in publish.accept has not returned"));
  CHECK(since_ms(begin) < 5'000);
  CHECK(stuck.expect(4, milliseconds(20'000)).body.size() >= 2);
  CHECK(since_ms(begin) > 9'000);
  // The breaker has opened, and lets probes through by now.
  const Clock::time_point again = Clock::now();
  CHECK(stuck.publish("a", "x", 1) < 0x80);
  CHECK(other.publish("a", "x", 1) < 0x80);
  CHECK(since_ms(again) < 5'000);
  CHECK(broker.process().wait_for("breaker/publish.accept"));
  CHECK(broker.stop() == 0);
}
