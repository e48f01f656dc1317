// What plugins publish as themselves: queued, bounded in number and depth, marked with their origin.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "session/hook_services.h"
#include "support/chain_listener.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using base::Counter;
using base::Verdict;
using hooks::PublishAcceptEvent;
using mqtt::MessageFlags;
using mqtt::Qos;
using session::PluginPublisher;
using session::PluginPublishStatus;

namespace {

constexpr uint64_t kInstance = 7;

mqtt::MessageFields fields_of(std::string_view topic, std::string_view payload = "x") {
  mqtt::MessageFields fields;
  fields.topic = topic;
  fields.payload = {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()};
  fields.qos = Qos::at_least_once;
  return fields;
}

struct Stage {
  Stage() : subscriber(harness), publisher(harness) {
    ConnectOptions options;
    options.client_id = "subscriber";
    subscriber.connect(options);
    subscriber.subscribe("#");
    options.client_id = "publisher";
    publisher.connect(options);
  }
  PluginPublisher& plugin(base::ShardId shard = 0) {
    return harness.environment(shard).hook_services->plugin_publisher;
  }
  PluginPublishStatus publish(std::string_view topic, std::string_view payload = "x", uint16_t depth = 0) {
    PluginPublishStatus status{};
    harness.turn(0, [&] { status = plugin().publish_from_plugin(fields_of(topic, payload), kInstance, depth); });
    return status;
  }

  FlowHarness harness;
  TestClient subscriber;
  TestClient publisher;
};

}  // namespace

TEST_CASE("plugin publisher: routed in a later mail, marked with its origin, told as any other") {
  Stage stage;
  std::vector<std::string> routed;
  const auto observer =
      observe(stage.harness, stage.harness.hook_points.publish_routed, [&routed](hooks::PublishRoutedEvent& event) {
        CHECK(event.client == nullptr);
        CHECK(event.message->has_flag(MessageFlags::from_plugin));
        CHECK(event.message->origin_instance() == kInstance);
        CHECK(event.message->plugin_depth() == 1);
        routed.emplace_back(event.message->topic());
      });
  CHECK(stage.publish("from/plugin") == PluginPublishStatus::accepted);
  CHECK(stage.plugin().waiting() == 1);
  CHECK(routed.empty());
  stage.harness.settle();
  CHECK(stage.plugin().waiting() == 0);
  CHECK(routed == std::vector<std::string>{"from/plugin"});
  const ReceivedPublish got = stage.subscriber.one_publish();
  CHECK((got.topic == "from/plugin" && got.payload == "x" && got.qos == Qos::at_least_once));
}

TEST_CASE("plugin publisher: a client's message names no plugin") {
  Stage stage;
  size_t heard = 0;
  const auto observer =
      observe(stage.harness, stage.harness.hook_points.publish_routed, [&heard](hooks::PublishRoutedEvent& event) {
        ++heard;
        CHECK(event.message->origin_instance() == 0);
        CHECK(event.message->plugin_depth() == 0);
        CHECK(event.message->publisher_handle() != 0);
      });
  stage.publisher.publish("t", "x");
  CHECK(heard == 1);
}

TEST_CASE("plugin publisher: topics are validated, retained and delayed ones are what they are") {
  Stage stage;
  CHECK(stage.publish("a/#") == PluginPublishStatus::topic_name_invalid);
  CHECK(stage.publish("") == PluginPublishStatus::topic_name_invalid);
  CHECK(stage.publish("\xC3\x28") == PluginPublishStatus::topic_name_invalid);
  stage.harness.turn(0, [&] {
    mqtt::MessageFields fields = fields_of("kept");
    fields.retain = true;
    CHECK(stage.plugin().publish_from_plugin(fields, kInstance) == PluginPublishStatus::accepted);
  });
  CHECK(stage.publish("$delayed/1/late") == PluginPublishStatus::accepted);
  stage.harness.settle();
  CHECK(stage.subscriber.one_publish().topic == "kept");
  stage.harness.advance_ms(1'200);
  CHECK(stage.subscriber.one_publish().topic == "late");
  TestClient reader(stage.harness);
  reader.connect();
  reader.subscribe("#");
  CHECK(reader.one_publish().topic == "kept");
}

TEST_CASE("plugin publisher: a hook may publish from within the hook; order is kept and nothing is nested") {
  Stage stage;
  std::vector<std::string> order;
  bool inside = false;
  const ChainListener<PublishAcceptEvent> accept(
      stage.harness, stage.harness.hook_points.publish_accept, base::Phase::decide,
      [&](PublishAcceptEvent& event, base::Token) {
        CHECK_FALSE(inside);
        inside = true;
        order.emplace_back(event.message->topic());
        if (event.message->origin_instance() == 0) {
          const base::ShardId shard = base::current_shard();
          CHECK(stage.plugin(shard).publish_from_plugin(fields_of("echo/" + std::string(event.message->topic())),
                                                        kInstance) == PluginPublishStatus::accepted);
        }
        inside = false;
        return Verdict::proceeds();
      });
  stage.publisher.publish("a", "x");
  stage.publisher.publish("b", "x");
  stage.harness.settle();
  CHECK(order == std::vector<std::string>{"a", "echo/a", "b", "echo/b"});
  CHECK(stage.subscriber.publishes().size() == 4);
}

TEST_CASE("plugin publisher: plugins that answer each other end at the greatest depth, counted") {
  Stage stage;
  std::vector<uint16_t> depths;
  PluginPublishStatus last = PluginPublishStatus::accepted;
  const auto observer =
      observe(stage.harness, stage.harness.hook_points.publish_routed, [&](hooks::PublishRoutedEvent& event) {
        depths.push_back(event.message->plugin_depth());
        last = stage.plugin(base::current_shard()).publish_from_plugin(fields_of("loop"), kInstance);
      });
  stage.publisher.publish("start", "x");
  stage.harness.settle();
  CHECK(depths == std::vector<uint16_t>{0, 1, 2, 3, 4});
  CHECK(last == PluginPublishStatus::too_deep);
  CHECK(stage.harness.counted(Counter::messages_dropped_plugin_depth) == 1);
  // The depth of the message that is answered may also be named, for who learned of it on another shard.
  CHECK(stage.publish("t", "x", PluginPublisher::kMaximumDepth) == PluginPublishStatus::too_deep);
}

TEST_CASE("plugin publisher: publish.accept may drop, change or hold back what a plugin publishes") {
  Stage stage;
  base::Token open;
  const ChainListener<PublishAcceptEvent> accept(
      stage.harness, stage.harness.hook_points.publish_accept, base::Phase::transform,
      [&open](PublishAcceptEvent& event, base::Token token) {
        const std::string_view topic = event.message->topic();
        CHECK(event.client == nullptr);
        if (topic == "drop") return Verdict::drops();
        if (topic == "later") {
          open = token;
          return Verdict::defers();
        }
        mqtt::MessageFields fields = event.message->fields();
        fields.topic = topic == "bad" ? "a/#" : "changed";
        fields.flags = 0;  // what a hook must not change
        fields.publisher_handle = 0;
        return Verdict::replaces_with(std::make_unique<hooks::ReplacementMessage>(mqtt::Message::create(fields)));
      });
  uint64_t origin = 0;
  const auto observer =
      observe(stage.harness, stage.harness.hook_points.publish_routed,
              [&origin](hooks::PublishRoutedEvent& event) { origin = event.message->origin_instance(); });
  for (const char* topic : {"drop", "bad", "t"}) CHECK(stage.publish(topic) == PluginPublishStatus::accepted);
  stage.harness.settle();
  CHECK(stage.subscriber.one_publish().topic == "changed");
  CHECK(origin == kInstance);
  CHECK(stage.harness.counted(Counter::messages_dropped_hook) == 2);
  stage.publish("later");
  stage.harness.settle();
  CHECK(stage.plugin().waiting() == 1);
  stage.harness.completions.complete(open, Verdict::proceeds());
  stage.harness.settle();
  CHECK(stage.subscriber.one_publish().topic == "later");
  CHECK(stage.plugin().waiting() == 0);
}

TEST_CASE("plugin publisher: what waits is bounded in number and bytes") {
  Stage stage;
  PluginPublishStatus last = PluginPublishStatus::accepted;
  stage.harness.turn(0, [&] {
    for (size_t i = 0; i <= PluginPublisher::kMaximumQueued; ++i)
      last = stage.plugin().publish_from_plugin(fields_of("t", ""), kInstance);
  });
  CHECK(last == PluginPublishStatus::queue_full);
  CHECK(stage.plugin().waiting() == PluginPublisher::kMaximumQueued);
  CHECK(stage.harness.counted(Counter::messages_dropped_plugin_queue) == 1);
  stage.harness.settle();
  CHECK(stage.plugin().waiting() == 0);
  const std::string large(8 * 1024 * 1024, 'x');
  size_t taken = 0;
  stage.harness.turn(0, [&] {
    while (stage.plugin().publish_from_plugin(fields_of("u", large), kInstance) == PluginPublishStatus::accepted)
      ++taken;
  });
  CHECK(taken == PluginPublisher::kMaximumQueuedBytes / large.size() - 1);
  stage.harness.settle();
  CHECK(stage.publish("v") == PluginPublishStatus::accepted);
}

TEST_CASE("plugin publisher: publish.unrouted and retain.store need no client for what a plugin publishes") {
  Stage stage;
  stage.subscriber.unsubscribe("#");
  stage.subscriber.subscribe("dead/#");
  const ChainListener<hooks::PublishUnroutedEvent> unrouted(
      stage.harness, stage.harness.hook_points.publish_unrouted, base::Phase::transform,
      [](hooks::PublishUnroutedEvent& event, base::Token) {
        CHECK(event.client == nullptr);
        return Verdict::replaces_with(
            std::make_unique<hooks::ReplacementText>("dead/" + std::string(event.message->topic())));
      });
  const ChainListener<access::AuthorizeEvent> nobody(
      stage.harness, stage.harness.access_points.authorize_publish, base::Phase::decide,
      [](access::AuthorizeEvent&, base::Token) { return Verdict::denies(); });
  stage.publish("t");
  stage.harness.settle();
  CHECK(stage.subscriber.one_publish().topic == "dead/t");
}
