#include "admin/message_publisher.h"

#include <catch2/catch.hpp>

#include "admin/delayed_query.h"
#include "admin/message_json.h"
#include "admin/publication_json.h"
#include "admin/retained_query.h"
#include "hooks/events.h"
#include "support/chain_listener.h"
#include "unit/admin/played_node.h"

using namespace patchbay;         // NOLINT: test
using namespace patchbay::admin;  // NOLINT: test
using mqtt::ReasonCode;
using patchbay::test::PlayedNode;
using patchbay::test::TestClient;

namespace {

Publication publication(const std::string& topic, const std::string& payload) {
  Publication made;
  made.topic = topic;
  made.payload = payload;
  return made;
}

struct Node : PlayedNode {
  PublicationOutcome publish(Publication made, uint32_t shard = 0) {
    const auto outcome = ask([&] { return admin::publish(shards, shard, made); });
    REQUIRE(outcome);
    return *outcome;
  }
};

}  // namespace

TEST_CASE("What is published through the API reaches subscribers on all shards", "[admin]") {
  Node node;
  TestClient& one = node.connect("c1");
  TestClient& two = node.connect("c2");
  one.subscribe("a/#");
  two.subscribe("a/b");
  const PublicationOutcome outcome = node.publish(publication("a/b", "hello"), 1);
  CHECK(outcome.reason == ReasonCode::success);
  CHECK(outcome.receivers == 2);
  CHECK(outcome.message_id.size() == 32);
  CHECK(one.one_publish().payload == "hello");
  CHECK(two.one_publish().payload == "hello");
  CHECK(node.publish(publication("nobody/here", "")).receivers == 0);
}

TEST_CASE("A message may be published without waiting, and its publisher is told", "[admin]") {
  Node node;
  TestClient& one = node.connect("c1");
  one.subscribe("a/#");
  std::vector<PublicationOutcome> told;
  publish_later(node.shards, 1, publication("a/b", "hello"),
                [&](PublicationOutcome outcome) { told.push_back(outcome); });
  publish_later(node.shards, 0, publication("a/+", ""), [&](PublicationOutcome outcome) { told.push_back(outcome); });
  CHECK(told.empty());
  node.flow.settle();
  REQUIRE(told.size() == 2);
  CHECK(one.one_publish().payload == "hello");
  CHECK(told[0].receivers + told[1].receivers == 1);
  CHECK((told[0].reason == ReasonCode::topic_name_invalid || told[1].reason == ReasonCode::topic_name_invalid));
}

TEST_CASE("What clients may not publish, the API may not either", "[admin]") {
  Node node;
  CHECK(node.publish(publication("a/+", "")).reason == ReasonCode::topic_name_invalid);
  CHECK(node.publish(publication("", "")).reason == ReasonCode::topic_name_invalid);
  CHECK(node.publish(publication("bad\xFF", "")).reason == ReasonCode::topic_name_invalid);
  CHECK(node.publish(publication("a", std::string(2u << 20, 'x'))).reason == ReasonCode::packet_too_large);
  CHECK(node.publish(publication("$delayed/x/a", "")).reason == ReasonCode::topic_name_invalid);
}

TEST_CASE("publish.accept is asked, also when it answers later, and may drop or change", "[admin]") {
  Node node;
  TestClient& client = node.connect("c1");
  client.subscribe("#");
  base::Token open;
  test::ChainListener<hooks::PublishAcceptEvent> listener(node.flow, node.flow.hook_points.publish_accept,
                                                          base::Phase::decide,
                                                          [&open](hooks::PublishAcceptEvent& event, base::Token token) {
                                                            if (event.message->topic() == "drop")
                                                              return base::Verdict::drops();
                                                            if (event.message->topic() == "deny")
                                                              return base::Verdict::denies(0x87);
                                                            if (event.message->topic() == "pass")
                                                              return base::Verdict::proceeds();
                                                            open = token;
                                                            return base::Verdict::defers();
                                                          });
  const PublicationOutcome dropped = node.publish(publication("drop", ""));
  CHECK(dropped.reason == ReasonCode::success);  // who publishes is not told, as a client is not
  CHECK(dropped.receivers == 0);
  CHECK(node.publish(publication("deny", "")).reason == ReasonCode::not_authorized);
  CHECK(node.publish(publication("pass", "at once")).receivers == 1);
  CHECK(client.one_publish().payload == "at once");

  std::optional<PublicationOutcome> outcome;
  std::atomic<bool> answered{false};
  std::thread asker([&] {
    outcome = admin::publish(node.shards, 0, publication("later", "accepted"));
    answered = true;
  });
  while (open == base::Token{}) node.flow.settle();
  CHECK(client.publishes().empty());
  CHECK(node.flow.completions.complete(open, base::Verdict::allows()) == base::CompletionStatus::accepted);
  while (!answered) node.flow.settle();
  asker.join();
  REQUIRE(outcome);
  CHECK(outcome->receivers == 1);
  node.flow.settle();
  CHECK(client.one_publish().payload == "accepted");
}

TEST_CASE("Retained messages are listed in pages and removed by filters", "[admin]") {
  Node node;
  for (int i = 0; i < 12; ++i) {
    Publication kept = publication("r/" + std::to_string(i), "kept");
    kept.retain = true;
    node.publish(kept);
  }
  const auto found = [&](const std::string& filter, uint64_t skip, uint64_t limit) {
    return node.ask([&] { return find_retained(node.shards, filter, skip, limit); });
  };
  CHECK(found("r/+", 0, 10).messages.size() == 10);
  CHECK_FALSE(found("r/+", 0, 10).complete);
  CHECK(found("r/+", 10, 10).messages.size() == 2);
  CHECK(found("r/+", 10, 10).complete);
  CHECK(found("r/3", 0, 10).messages.size() == 1);
  CHECK(found("x/#", 0, 10).messages.empty());
  CHECK(node.ask([&] { return remove_retained(node.shards, "r/1"); }) == 1u);
  CHECK(node.ask([&] { return remove_retained(node.shards, "r/#"); }) == 11u);
  CHECK(found("#", 0, 10).messages.empty());
}

TEST_CASE("Delayed messages are found by page, id and topic", "[admin]") {
  Node node;
  for (uint32_t shard : {0u, 1u}) {
    CHECK(node.publish(publication("$delayed/60/d/" + std::to_string(shard), "later"), shard).receivers == 1);
    CHECK(node.publish(publication("$delayed/90/d/both", "later"), shard).receivers == 1);
  }
  const auto list = node.ask([&] { return find_delayed(node.shards, 0, 3); });
  CHECK(list.messages.size() == 3);
  CHECK_FALSE(list.complete);
  CHECK(node.ask([&] { return find_delayed(node.shards, 3, 3); }).messages.size() == 1);
  const DelayedId id = list.messages.front().id;
  const auto same = DelayedId::parse(id.text());
  REQUIRE(same);
  CHECK(same->shard == id.shard);
  CHECK(same->number == id.number);
  CHECK(node.ask([&] { return find_delayed(node.shards, id); })->size() == 1);
  CHECK(node.ask([&] { return cancel_delayed(node.shards, id); }) == 1u);
  CHECK(node.ask([&] { return cancel_delayed(node.shards, id); }) == 0u);
  CHECK(node.ask([&] { return cancel_delayed(node.shards, std::string("d/both")); }) == 2u);
  CHECK_FALSE(DelayedId::parse("12"));
  CHECK_FALSE(DelayedId::parse("ZZ000000000000000000000000000000"));
  CHECK(node.ask([&] { return cancel_delayed(node.shards, DelayedId{99, 1}); }) == 0u);
}

TEST_CASE("Messages of the API: payloads, properties, and what is wrong with them", "[admin]") {
  const auto made = publication_of(Json::parse(R"({"topic": "a", "payload": "aGVsbG8=", "payload_encoding": "base64",
      "qos": 1, "retain": true, "properties": {"content_type": "text/plain", "message_expiry_interval": 60,
      "user_properties": {"k": "v"}}})"));
  REQUIRE(made);
  CHECK(made->payload == "hello");
  CHECK(made->qos == mqtt::Qos::at_least_once);
  CHECK(made->retain);
  CHECK(made->message_expiry_interval_s == 60u);
  CHECK_FALSE(made->properties.empty());
  for (const char* payload : {"aGVsbG8", "aGVs=bG8", "a===", "aGVs\n", "ä"}) {
    INFO(payload);
    const auto refused = publication_of({{"topic", "a"}, {"payload", payload}, {"payload_encoding", "base64"}});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == ReasonCode::payload_format_invalid);
  }
  CHECK(publication_of({{"topic", "a"}, {"payload", ""}, {"payload_encoding", "base64"}})->payload.empty());
  const auto topic = publication_of({{"topic", "a/#"}, {"payload", ""}});
  REQUIRE_FALSE(topic);
  CHECK(topic.error().message == "topic_name_invalid");
  // [MQTT-3.3.2-14] a response topic holds no wildcards
  CHECK_FALSE(publication_of({{"topic", "a"}, {"payload", ""}, {"properties", {{"response_topic", "b/+"}}}}));
  const Json long_name = {{"user_properties", {{std::string(70'000, 'n'), "v"}}}};
  CHECK_FALSE(publication_of({{"topic", "a"}, {"payload", ""}, {"properties", long_name}}));
}

TEST_CASE("Base64 is read strictly and written with padding", "[admin]") {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
    const std::string encoded = base64_text({bytes, text.size()});
    CHECK(encoded.size() % 4 == 0);
    CHECK(base64_bytes(encoded) == text);
  }
  CHECK(base64_text({reinterpret_cast<const uint8_t*>("foob"), 4}) == "Zm9vYg==");  // RFC 4648, section 10
}
