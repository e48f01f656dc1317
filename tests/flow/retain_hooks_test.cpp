// retain.store and retain.lookup.

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/chain_listener.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using base::Counter;
using base::Verdict;
using hooks::RetainLookupEvent;
using hooks::RetainStoreEvent;
using mqtt::MessageRef;
using mqtt::Qos;
using mqtt::ReasonCode;

namespace {

using Store = ChainListener<RetainStoreEvent>;
using Lookup = ChainListener<RetainLookupEvent>;
using Authorize = ChainListener<access::AuthorizeEvent>;

MessageRef message(std::string_view topic, std::string_view payload, Qos qos = Qos::at_least_once) {
  mqtt::MessageFields fields;
  fields.topic = topic;
  fields.payload = {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()};
  fields.qos = qos;
  return mqtt::Message::create(fields);
}

Verdict keeps(MessageRef changed, uint32_t time_to_live_s = 0) {
  return Verdict::replaces_with(std::make_unique<hooks::RetainedAnswer>(std::move(changed), time_to_live_s));
}

Verdict brings(std::vector<MessageRef> messages) {
  return Verdict::allows_with(std::make_unique<hooks::RetainedExtra>(std::move(messages)));
}

struct Stage {
  Stage() : publisher(harness) {
    ConnectOptions connect;
    connect.client_id = "publisher";
    publisher.connect(connect);
  }
  /// What a new subscriber gets, as "topic=payload".
  std::vector<std::string> kept(std::string_view filter = "#") {
    TestClient reader(harness);
    ConnectOptions connect;
    connect.client_id = "reader";
    reader.connect(connect);
    reader.subscribe(filter);
    std::vector<std::string> lines;
    for (const ReceivedPublish& got : reader.publishes()) {
      CHECK(got.retain);
      lines.push_back(got.topic + "=" + got.payload);
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  void retain(std::string_view topic, std::string_view payload) {
    publisher.publish(topic, payload, Qos::at_least_once, true);
    CHECK_FALSE(mqtt::is_failure(publisher.next_packet().reason));  // the PUBLISH itself is not refused
  }

  FlowHarness harness;
  TestClient publisher;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("retain.store may refuse, replace and limit in time what is kept; it is delivered all the same") {
  Stage stage;
  TestClient listener(stage.harness);
  ConnectOptions connect;
  connect.client_id = "listener";
  listener.connect(connect);
  listener.subscribe("#");
  const Store store(stage.harness, stage.harness.hook_points.retain_store, base::Phase::transform,
                    [](RetainStoreEvent& event, base::Token) {
                      const std::string_view topic = event.message->topic();
                      CHECK(event.client->client_id() == "publisher");
                      CHECK(event.message->retain());
                      if (topic == "drop") return Verdict::drops();
                      if (topic == "deny") return Verdict::denies();
                      if (topic == "change") return keeps(message("change", "other"));
                      if (topic == "move") return keeps(message("moved", "here"));
                      if (topic == "brief") return keeps({}, 5);
                      return Verdict::proceeds();
                    });
  for (const char* topic : {"drop", "deny", "change", "move", "brief", "plain"}) stage.retain(topic, "x");
  CHECK(listener.publishes().size() == 6);
  CHECK(stage.kept() == Lines{"brief=x", "change=other", "moved=here", "plain=x"});
  stage.harness.advance_ms(6'000);
  CHECK(stage.kept() == Lines{"change=other", "moved=here", "plain=x"});
  stage.retain("plain", "");  // a removal is asked about, too [MQTT-3.3.1-6]
  CHECK(stage.kept() == Lines{"change=other", "moved=here"});
  stage.publisher.publish("drop", "not retained at all");
  CHECK(listener.publishes().size() == 2);
}

TEST_CASE("retain.store is no way around access control: what is kept instead is authorised in the publisher's name") {
  Stage stage;
  std::vector<base::Token> slow;
  const Authorize authorizer(stage.harness, stage.harness.access_points.authorize_publish, base::Phase::decide,
                             [&slow](access::AuthorizeEvent& event, base::Token token) {
                               if (event.topic.starts_with("secret")) return Verdict::denies();
                               if (event.topic != "slow") return Verdict::allows();
                               slow.push_back(token);
                               return Verdict::defers();
                             });
  const Store store(stage.harness, stage.harness.hook_points.retain_store, base::Phase::transform,
                    [](RetainStoreEvent& event, base::Token) {
                      if (event.message->topic() == "a") return keeps(message("secret/a", "x"));
                      if (event.message->topic() == "w") return keeps(message("a/#", "x"));
                      if (event.message->topic() == "s") return keeps(message("slow", "x"));
                      return keeps(message("$SYS/x", "x"));
                    });
  stage.retain("a", "x");
  stage.retain("w", "x");
  stage.retain("b", "x");
  CHECK(stage.kept().empty());
  CHECK(stage.kept("secret/#").empty());
  CHECK(stage.harness.counted(Counter::packets_publish_auth_error) == 1);
  stage.retain("s", "x");
  CHECK(stage.kept().empty());
  stage.publisher.drop();  // the answer is awaited although the session is gone
  stage.harness.completions.complete(slow.at(0), Verdict::allows());
  stage.harness.settle();
  CHECK(stage.kept() == Lines{"slow=x"});
}

TEST_CASE("retain.store may answer later: the last message of a topic stays the last, other topics do not wait") {
  Stage stage;
  std::vector<base::Token> open;
  const Store store(
      stage.harness, stage.harness.hook_points.retain_store, base::Phase::transform,
      [&open](RetainStoreEvent& event, base::Token token) {
        if (event.message->payload().empty() || event.message->payload()[0] != 's') return Verdict::proceeds();
        open.push_back(token);
        return Verdict::defers();
      },
      base::Fallback::next);
  stage.retain("t", "slow");
  stage.retain("t", "fast");
  stage.retain("t", "last");
  stage.retain("u", "other");
  CHECK(stage.kept() == Lines{"u=other"});
  CHECK(open.size() == 1);
  stage.harness.completions.complete(open[0], Verdict::proceeds());
  stage.harness.settle();
  CHECK(stage.kept() == Lines{"t=last", "u=other"});
  stage.retain("t", "slow again");
  stage.retain("t", "s behind it");
  CHECK(open.size() == 2);  // one question of a topic at a time
  stage.harness.advance_ms(2'100);
  CHECK(open.size() == 3);
  stage.harness.advance_ms(2'100);  // nobody answers: the core's rule, kept as published
  CHECK(stage.kept() == Lines{"t=s behind it", "u=other"});
}

TEST_CASE("retain.lookup brings further messages for a new subscription, behind the SUBACK") {
  Stage stage;
  stage.retain("stored/1", "x");
  std::vector<std::string> asked;
  const Lookup lookup(stage.harness, stage.harness.hook_points.retain_lookup, base::Phase::decide,
                      [&asked](RetainLookupEvent& event, base::Token) {
                        asked.push_back(std::string(event.client->client_id()) + " " + std::string(event.topic_filter));
                        return brings({message("stored/virtual", "1"), message("secret/x", "2"),
                                       message("stored/+", "3"), MessageRef()});
                      });
  TestClient reader(stage.harness);
  ConnectOptions connect;
  connect.client_id = "reader";
  reader.connect(connect);
  reader.subscribe("stored/+");
  std::vector<std::string> topics;
  for (const ReceivedPublish& got : reader.publishes()) {
    CHECK(got.retain);  // [MQTT-3.3.1-8] it comes because of the subscription
    topics.push_back(got.topic);
  }
  std::sort(topics.begin(), topics.end());
  CHECK(topics == std::vector<std::string>{"stored/1", "stored/virtual"});  // others were not asked for
  mqtt::SubscriptionOptions none;
  none.retain_handling = mqtt::RetainHandling::do_not_send;
  reader.subscribe("stored/#", Qos::at_least_once, 0, none);
  reader.subscribe("$share/g/stored/#");
  CHECK(reader.publishes().empty());
  CHECK(asked == std::vector<std::string>{"reader stored/+"});
}

TEST_CASE("retain.lookup may answer later, and nobody gets what he does not want any more") {
  Stage stage;
  std::vector<base::Token> open;
  const Lookup lookup(
      stage.harness, stage.harness.hook_points.retain_lookup, base::Phase::decide,
      [&open](RetainLookupEvent&, base::Token token) {
        open.push_back(token);
        return Verdict::defers();
      },
      base::Fallback::next);
  auto reader = std::make_unique<TestClient>(stage.harness);
  ConnectOptions connect;
  connect.client_id = "reader";
  reader->connect(connect);
  reader->subscribe("a");
  CHECK_FALSE(reader->reading_paused());  // the client goes on meanwhile
  stage.harness.completions.complete(open.at(0), brings({message("a", "later")}));
  CHECK(reader->one_publish().payload == "later");
  reader->subscribe("b");
  reader->unsubscribe("b");
  CHECK(stage.harness.completions.complete(open.at(1), brings({message("b", "x")})) == base::CompletionStatus::stale);
  reader->subscribe("c");
  reader->subscribe("c");  // asked again: the first look-up is given up [MQTT-3.8.4-3]
  CHECK(stage.harness.completions.complete(open.at(2), brings({message("c", "1")})) == base::CompletionStatus::stale);
  stage.harness.completions.complete(open.at(3), brings({message("c", "2")}));
  CHECK(reader->one_publish().payload == "2");
  reader->subscribe("d");
  stage.harness.advance_ms(2'100);
  CHECK(stage.harness.counted(Counter::deferral_timeout) == 1);
  reader->subscribe("e");
  reader.reset();
  CHECK(stage.harness.completions.complete(open.at(5), brings({message("e", "x")})) == base::CompletionStatus::stale);
}

TEST_CASE("retain.lookup: many messages are bounded by the answer's limit and by the queue's free half") {
  FlowOptions options;
  options.session.maximum_queued_messages = 20;
  FlowHarness harness(options);
  const Lookup lookup(harness, harness.hook_points.retain_lookup, base::Phase::decide,
                      [](RetainLookupEvent&, base::Token) {
                        std::vector<MessageRef> many;
                        for (int i = 0; i < 1000; ++i) many.push_back(message("t", std::to_string(i)));
                        return brings(std::move(many));
                      });
  TestClient reader(harness);
  reader.connect();
  reader.subscribe("t", Qos::at_most_once);
  CHECK(reader.publishes().size() == RetainLookupEvent::kMaximumExtra);
  TestClient slow(harness);
  ConnectOptions connect;
  connect.client_id = "slow";
  slow.connect(connect);
  slow.stop_taking();
  slow.send_subscribe("t", Qos::at_most_once);
  CHECK(harness.counted(Counter::messages_dropped_queue_full) == RetainLookupEvent::kMaximumExtra - 11);
}
