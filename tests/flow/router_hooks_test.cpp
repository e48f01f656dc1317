// publish.routed, publish.unrouted and share.pick.

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "support/chain_listener.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using base::Counter;
using base::Verdict;
using hooks::PublishUnroutedEvent;
using hooks::SharePickEvent;
using mqtt::PacketType;
using mqtt::Qos;
using mqtt::ReasonCode;

namespace {

using Unrouted = ChainListener<PublishUnroutedEvent>;
using Pick = ChainListener<SharePickEvent>;
using Authorize = ChainListener<access::AuthorizeEvent>;

Verdict to(std::string topic) {
  return Verdict::replaces_with(std::make_unique<hooks::ReplacementText>(std::move(topic)));
}

ConnectOptions named(std::string client_id) {
  ConnectOptions options;
  options.client_id = std::move(client_id);
  return options;
}

struct Stage {
  Stage() : publisher(harness), subscriber(harness) {
    publisher.connect(named("publisher"));
    subscriber.connect(named("subscriber"));
  }
  FlowHarness harness;
  TestClient publisher;
  TestClient subscriber;
};

}  // namespace

TEST_CASE("publish.routed is told of PUBLISH, wills and delayed messages, with their publisher and receivers") {
  Stage stage;
  stage.subscriber.subscribe("#");
  std::vector<std::string> heard;
  const auto routed =
      observe(stage.harness, stage.harness.hook_points.publish_routed, [&heard](hooks::PublishRoutedEvent& event) {
        heard.push_back(std::string(event.message->topic()) + " " +
                        (event.client == nullptr ? "nobody" : std::string(event.client->client_id())) + " " +
                        std::to_string(event.receivers));
      });
  stage.publisher.publish("t", "x");
  TestClient mortal(stage.harness);
  ConnectOptions options = named("mortal");
  options.has_will = true;
  mortal.connect(options);
  mortal.drop();
  stage.publisher.publish("$delayed/1/late", "x");
  stage.harness.advance_ms(1'200);
  CHECK(heard == std::vector<std::string>{"t publisher 1", "will mortal 1", "late nobody 1"});
}

TEST_CASE("publish.unrouted: a message that nobody gets is tried once more under another topic") {
  Stage stage;
  stage.subscriber.subscribe("dead/#");
  size_t asked = 0;
  const Unrouted unrouted(stage.harness, stage.harness.hook_points.publish_unrouted, base::Phase::transform,
                          [&asked](PublishUnroutedEvent& event, base::Token) {
                            ++asked;
                            CHECK(event.client->client_id() == "publisher");
                            if (event.message->topic() == "leave") return Verdict::proceeds();
                            if (event.message->topic() == "nowhere") return to("nobody/either");
                            return to("dead/" + std::string(event.message->topic()));
                          });
  stage.publisher.publish("t", "lost", Qos::at_least_once, true);
  const ReceivedPublish got = stage.subscriber.one_publish();
  CHECK((got.topic == "dead/t" && got.payload == "lost" && got.qos == Qos::at_least_once));
  CHECK(stage.publisher.next_packet().reason == ReasonCode::success);  // somebody got it after all
  stage.publisher.publish("nowhere", "x", Qos::at_least_once);
  CHECK(stage.publisher.next_packet().reason == ReasonCode::no_matching_subscribers);
  stage.publisher.publish("leave", "x", Qos::at_least_once);
  CHECK(stage.publisher.next_packet().reason == ReasonCode::no_matching_subscribers);
  CHECK(asked == 3);  // once for each, not for the second try
  TestClient reader(stage.harness);
  reader.connect(named("reader"));
  reader.subscribe("#");
  CHECK(reader.one_publish().topic == "t");  // kept under its own topic only
  stage.publisher.publish("t", "heard");
  CHECK(reader.one_publish().topic == "t");
  CHECK(asked == 3);
}

TEST_CASE("publish.unrouted is no way around access control or validation, and observers see what is tried") {
  Stage stage;
  stage.subscriber.subscribe("secret");
  stage.subscriber.subscribe("slow");
  stage.subscriber.subscribe("$SYS/#");
  std::vector<base::Token> slow;
  const Authorize authorizer(stage.harness, stage.harness.access_points.authorize_publish, base::Phase::decide,
                             [&slow](access::AuthorizeEvent& event, base::Token token) {
                               if (event.topic == "secret") return Verdict::denies();
                               if (event.topic != "slow") return Verdict::allows();
                               slow.push_back(token);
                               return Verdict::defers();
                             });
  std::string next;
  const Unrouted unrouted(stage.harness, stage.harness.hook_points.publish_unrouted, base::Phase::transform,
                          [&next](PublishUnroutedEvent&, base::Token) { return to(next); });
  for (const char* topic : {"secret", "a/#", "$delayed/0/secret", ""}) {
    next = topic;
    stage.publisher.publish("t", "x", Qos::at_least_once);
    CHECK(stage.publisher.next_packet().reason == ReasonCode::no_matching_subscribers);
  }
  CHECK(stage.subscriber.publishes().empty());
  next = "slow";
  stage.publisher.publish("t", "x", Qos::at_least_once);
  CHECK(stage.publisher.next_packet().reason == ReasonCode::no_matching_subscribers);  // not known yet
  stage.harness.completions.complete(slow.at(0), Verdict::allows());
  CHECK(stage.subscriber.one_publish().topic == "slow");
  stage.publisher.publish("t", "x", Qos::at_least_once);
  stage.harness.completions.complete(slow.at(1), Verdict::denies());
  CHECK(stage.subscriber.publishes().empty());
}

TEST_CASE("publish.unrouted: observers are told") {
  Stage stage;
  std::vector<std::string> heard;
  const auto observer =
      observe(stage.harness, stage.harness.hook_points.publish_unrouted, [&heard](PublishUnroutedEvent& event) {
        CHECK_FALSE(event.replaced);
        heard.emplace_back(event.message->topic());
      });
  stage.publisher.publish("t", "x");
  TestClient mortal(stage.harness);
  ConnectOptions options = named("mortal");
  options.has_will = true;
  mortal.connect(options);
  mortal.drop();
  CHECK(heard == std::vector<std::string>{"t", "will"});
}

TEST_CASE("share.pick chooses the member by index; members show client id, handle and presence") {
  Stage stage;
  std::vector<std::unique_ptr<TestClient>> members;
  for (const char* client_id : {"m1", "m2", "m3", "m4", "m5"}) {
    members.push_back(std::make_unique<TestClient>(stage.harness));
    ConnectOptions options = named(client_id);
    options.session_expiry_interval_s = 100;
    members.back()->connect(options);
    members.back()->subscribe("$share/team/jobs/+");
  }
  members[4]->drop();
  std::string wanted = "m3";
  std::map<std::string, bool> shown;
  const Pick pick(stage.harness, stage.harness.hook_points.share_pick, base::Phase::decide,
                  [&](SharePickEvent& event, base::Token) {
                    CHECK(event.share_name == "team");
                    CHECK(event.topic_filter == "jobs/+");
                    CHECK(event.message->topic() == "jobs/1");
                    if (wanted == "beyond") {
                      Verdict verdict = Verdict::allows();
                      verdict.argument = 99;
                      return verdict;
                    }
                    const auto all = event.members();
                    for (size_t i = 0; i < all.size(); ++i) {
                      shown[std::string(all[i].client_id)] = all[i].online;
                      CHECK(all[i].handle == stage.harness.find_session(all[i].client_id)->handle().value());
                    }
                    for (size_t i = 0; i < all.size(); ++i) {
                      if (all[i].client_id != wanted) continue;
                      Verdict verdict = Verdict::allows();
                      verdict.argument = i;
                      return verdict;
                    }
                    return Verdict::proceeds();
                  });
  for (int i = 0; i < 5; ++i) stage.publisher.publish("jobs/1", "x");
  CHECK(members[2]->publishes().size() == 5);
  CHECK(shown == std::map<std::string, bool>{{"m1", true}, {"m2", true}, {"m3", true}, {"m4", true}, {"m5", false}});
  wanted = "m5";  // offline, but chosen: waits in the session
  stage.publisher.publish("jobs/1", "x", Qos::at_least_once);
  CHECK(stage.harness.find_session("m5")->queued_messages() == 1);
  for (const char* nobody : {"nobody", "beyond"}) {  // the configured strategy
    wanted = nobody;
    stage.publisher.publish("jobs/1", "x");
    size_t got = 0;
    for (const auto& member : members) got += member->closed() ? 0 : member->publishes().size();
    CHECK(got == 1);
  }
}

TEST_CASE("share.pick: who has gone is not offered again when a message looks for another member [MQTT-4.8.2-4]") {
  Stage stage;
  auto first = std::make_unique<TestClient>(stage.harness);
  TestClient second(stage.harness);
  first->connect(named("first"));
  second.connect(named("second"));
  first->subscribe("$share/g/t");
  second.subscribe("$share/g/t");
  std::vector<size_t> offered;
  const Pick pick(stage.harness, stage.harness.hook_points.share_pick, base::Phase::decide,
                  [&offered](SharePickEvent& event, base::Token) {
                    const auto all = event.members();
                    offered.push_back(all.size());
                    Verdict verdict = Verdict::allows();
                    for (size_t i = 0; i < all.size(); ++i) {
                      if (all[i].client_id == "first") verdict.argument = i;
                    }
                    return verdict;
                  });
  stage.publisher.publish("t", "x", Qos::at_least_once);
  CHECK(first->publishes().size() == 1);
  first->disconnect();  // without PUBACK: the session ends, the message goes to another
  CHECK(second.one_publish().payload == "x");
  CHECK(offered == std::vector<size_t>{2, 1});
}
