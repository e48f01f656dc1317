// Some dozens of clients do at random what clients do, and a plain model says what each must have got.
//
// Model: every publisher numbers its messages for each topic and QoS. A subscriber keeps one subscription as long as
// its session lives. So it must see the numbers of each (publisher, topic, QoS) rise: without gaps for QoS 1 and 2 (no
// queue is small enough to overflow), each number once for QoS 2, repeated only with DUP for QoS 1.

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/random.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using base::Counter;
using mqtt::PacketType;
using mqtt::Qos;

namespace {

constexpr int kClients = 24;
constexpr int kTopics = 4;

using Stream = std::tuple<std::string, std::string, Qos>;  // publisher, topic, QoS

/// One client over all its connections.
struct Actor {
  std::string id;
  std::unique_ptr<TestClient> client;
  int topic = -1;                        // subscribed to
  std::map<Stream, int> due;             // number that must come next
  std::set<uint16_t> awaiting_pubcomp;   // QoS 2 that we have answered with PUBREC
  std::vector<ReceivedPublish> unacked;  // seen, not yet acknowledged
};

class Simulation {
 public:
  explicit Simulation(uint64_t seed) : random_(seed), harness_(options(seed)) {
    for (int i = 0; i < kClients; ++i) {
      actors_.push_back(std::make_unique<Actor>());
      actors_.back()->id = "actor-" + std::to_string(i);
    }
  }

  void run(int steps) {
    for (int step = 0; step < steps; ++step) {
      Actor& actor = *actors_[random_.below(actors_.size())];
      if (actor.client == nullptr) {
        connect(actor);
      } else {
        act(actor);
      }
    }
    finish();
  }

 private:
  static FlowOptions options(uint64_t seed) {
    FlowOptions options;
    options.shards = 3;
    options.seed = seed;
    options.session.maximum_queued_messages = 1'000'000;
    options.session.maximum_queued_bytes = size_t{1} << 30;
    options.session.receive_maximum = 60'000;
    return options;
  }

  void connect(Actor& actor) {
    actor.client = std::make_unique<TestClient>(harness_, static_cast<base::ShardId>(random_.below(3)));
    ConnectOptions connect;
    connect.client_id = actor.id;
    connect.clean_start = false;
    connect.session_expiry_interval_s = 100'000;
    connect.receive_maximum = static_cast<uint32_t>(1 + random_.below(10));
    connect.keep_alive_s = 1000;
    if (random_.below(4) == 0) connect.topic_alias_maximum = 2;
    REQUIRE(actor.client->connect(connect).reason == mqtt::ReasonCode::success);
    aliases_[actor.id].clear();
  }

  void act(Actor& actor) {
    const uint64_t dice = random_.below(100);
    if (dice < 6) {
      actor.client->drop();
      actor.client.reset();
      actor.unacked.clear();
    } else if (dice < 9) {
      connect_again(actor);
    } else if (dice < 16 && actor.topic < 0) {
      subscribe(actor);
    } else if (dice < 60) {
      publish(actor);
    } else if (dice < 70) {
      harness_.advance_ms(random_.below(50));
    } else {
      receive(actor, random_.below(3) != 0);
    }
  }

  /// Take-over by a second connection of the same client.
  void connect_again(Actor& actor) {
    const std::unique_ptr<TestClient> old = std::move(actor.client);
    actor.unacked.clear();
    connect(actor);
    REQUIRE(old->closed());
  }

  void subscribe(Actor& actor) {
    actor.topic = static_cast<int>(random_.below(kTopics));
    actor.client->send_subscribe(topic_name(actor.topic));
    // What is published from now on must come; what came before must not.
    actor.due.clear();
    for (const auto& [stream, next] : next_) {
      if (std::get<1>(stream) == topic_name(actor.topic)) actor.due[stream] = next;
    }
  }

  void publish(Actor& actor) {
    const auto qos = static_cast<Qos>(random_.below(3));
    const std::string topic = topic_name(static_cast<int>(random_.below(kTopics)));
    const int number = next_[{actor.id, topic, qos}]++;
    actor.client->publish(topic, actor.id + " " + std::to_string(number), qos);
    // This side ends its QoS 2 flows at once, so that identifiers never collide.
    while (actor.client->has_packets()) {
      const ReceivedPacket packet = actor.client->next_packet();
      if (packet.type == PacketType::pubrec) actor.client->acknowledge(PacketType::pubrel, packet.packet_id);
      if (packet.type == PacketType::pubrel) release(actor, packet.packet_id);
    }
  }

  void release(Actor& actor, uint16_t packet_id) {
    actor.awaiting_pubcomp.erase(packet_id);
    actor.client->acknowledge(PacketType::pubcomp, packet_id);
  }

  void receive(Actor& actor, bool acknowledge) {
    for (ReceivedPublish& publish : actor.client->publishes()) {
      resolve_alias(actor, publish);
      check(actor, publish);
      if (publish.qos != Qos::at_most_once) actor.unacked.push_back(publish);
    }
    if (acknowledge) {
      const std::vector<ReceivedPublish> unacked = std::move(actor.unacked);
      actor.unacked.clear();
      for (const ReceivedPublish& publish : unacked) {
        const bool once = publish.qos == Qos::at_least_once;
        if (!once) actor.awaiting_pubcomp.insert(publish.packet_id);
        actor.client->acknowledge(once ? PacketType::puback : PacketType::pubrec, publish.packet_id);
      }
    }
    while (actor.client->has_packets()) {
      const ReceivedPacket packet = actor.client->next_packet();
      if (packet.type == PacketType::pubrel) release(actor, packet.packet_id);
    }
  }

  void resolve_alias(const Actor& actor, ReceivedPublish& publish) {
    if (publish.topic_alias == 0) return;
    std::string& known = aliases_[actor.id][publish.topic_alias];
    if (!publish.topic.empty()) known = publish.topic;
    REQUIRE_FALSE(known.empty());
    publish.topic = known;
  }

  void check(Actor& actor, const ReceivedPublish& publish) {
    REQUIRE(publish.topic == topic_name(actor.topic));
    const size_t space = publish.payload.find(' ');
    const int number = std::stoi(publish.payload.substr(space + 1));
    int& due = actor.due[{publish.payload.substr(0, space), publish.topic, publish.qos}];
    ++seen_;
    INFO(actor.id << " got " << publish.payload << " QoS " << static_cast<int>(publish.qos) << ", due " << due);
    if (publish.dup) {
      REQUIRE(number <= due);  // again, or for the first time where the connection went with what was in it
    } else if (publish.qos == Qos::at_most_once) {
      REQUIRE(number >= due);  // may be lost with a connection, never comes twice
    } else {
      REQUIRE(number == due);
    }
    if (publish.qos == Qos::exactly_once && number < due) {
      REQUIRE_FALSE(actor.awaiting_pubcomp.contains(publish.packet_id));  // never again once PUBREC was sent
    }
    due = std::max(due, number + 1);
  }

  /// Everybody comes back and takes all; then everybody goes for good.
  void finish() {
    for (const auto& actor : actors_) {
      if (actor->client == nullptr) connect(*actor);
    }
    for (int round = 0, idle = 0; idle < 3; ++round) {
      REQUIRE(round < 10'000);
      const uint64_t before = seen_;
      for (const auto& actor : actors_) receive(*actor, true);
      idle = seen_ == before ? idle + 1 : 0;
    }
    for (const auto& actor : actors_) {
      for (const auto& [stream, next] : next_) {
        if (actor->topic < 0 || std::get<1>(stream) != topic_name(actor->topic)) continue;
        if (std::get<2>(stream) == Qos::at_most_once) continue;
        INFO(actor->id << " from " << std::get<0>(stream) << " QoS " << static_cast<int>(std::get<2>(stream)));
        REQUIRE(actor->due[stream] == next);
      }
      CHECK(harness_.find_session(actor->id)->inflight_messages() == 0);
      actor->client->disconnect(mqtt::ReasonCode::success, 0);
    }
    CHECK(seen_ > 1000);
    for (const Counter gauge :
         {Counter::sessions, Counter::subscriptions, Counter::live_connections, Counter::queued_messages,
          Counter::queued_bytes, Counter::messages_dropped_queue_full, Counter::messages_dropped_session_gone}) {
      INFO(base::counter_info(gauge).name);
      CHECK(harness_.counted(gauge) == 0);
    }
  }

  static std::string topic_name(int topic) { return "topic/" + std::to_string(topic); }

  base::SeededRandom random_;
  FlowHarness harness_;
  std::vector<std::unique_ptr<Actor>> actors_;
  std::map<Stream, int> next_;
  std::map<std::string, std::map<uint16_t, std::string>> aliases_;
  uint64_t seen_ = 0;
};

}  // namespace

TEST_CASE("simulation: QoS 1 is never lost, QoS 2 comes exactly once, order holds, and nothing is left over") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    Simulation(seed).run(3000);
  }
}
