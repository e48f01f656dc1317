#include "router/publish_router.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "router/memory_retained_store.h"
#include "router/shared_group.h"
#include "unit/router/router_fixture.h"

using namespace patchbay;
using namespace patchbay::router;
using namespace patchbay::router::testing;
using base::Counter;

namespace {

struct Bench {
  explicit Bench(base::ShardId shard_count = 2, RouterLimits with = {})
      : limits(std::move(with)), node(shard_count), directory(shard_count), index(limits, node.epoch, shard_count, 3) {
    for (const auto& shard : node.shards) {
      stores.push_back(std::make_unique<MemoryRetainedStore>(limits, shard->services, shard->fan_out, directory));
      routers.push_back(std::make_unique<PublishRouter>(limits, shard->services, index, node.presence, *stores.back(),
                                                        shard->fan_out));
    }
  }
  size_t route(std::string_view topic, std::string_view payload = "x", const MessageOptions& options = {},
               base::ShardId from = 0) {
    node.epoch.enter(from);
    const auto result = routers[from]->route(make_message(topic, payload, node.shard(from).services, options));
    node.epoch.leave(from);
    node.settle();
    return result.receivers;
  }
  void subscribe(std::string_view filter, distribution::SubscriberHandle who, uint8_t qos = 0) {
    REQUIRE(index.add(filter, who, options_of(qos), 0).reason == mqtt::ReasonCode::success);
    node.presence.set(who, true);
  }
  size_t received(base::ShardId shard) const { return node.shards[shard]->subscribers.received.size(); }

  RouterLimits limits;
  TestNode node;
  RetainedDirectory directory;
  SubscriptionIndex index;
  std::vector<std::unique_ptr<MemoryRetainedStore>> stores;
  std::vector<std::unique_ptr<PublishRouter>> routers;
};

}  // namespace

TEST_CASE("a message reaches its subscribers on all shards") {
  Bench bench;
  bench.subscribe("a/b", handle(1, 0), 1);
  bench.subscribe("a/+", handle(2, 1), 2);
  bench.subscribe("c", handle(3, 1));
  CHECK(bench.route("a/b", "hello") == 2);
  REQUIRE(bench.received(0) == 1);
  REQUIRE(bench.received(1) == 1);
  const auto& remote = bench.node.shard(1).subscribers.received[0];
  CHECK(remote.delivery.subscriber == handle(2, 1));
  CHECK(remote.delivery.options.maximum_qos == 2);
  CHECK(payload_of(*remote.message) == "hello");
  CHECK(bench.node.shard(0).counted(Counter::messages_dropped_no_subscribers) == 0);
}

TEST_CASE("a message without subscribers is counted, the broker's own are not") {
  Bench bench;
  CHECK(bench.route("nobody") == 0);
  CHECK(bench.node.shard(0).counted(Counter::messages_dropped_no_subscribers) == 1);
  CHECK(bench.node.shard(0).counted(Counter::messages_dropped) == 1);
  MessageOptions system;
  system.flags = mqtt::MessageFlags::system;
  CHECK(bench.route("$SYS/x", "x", system) == 0);
  CHECK(bench.node.shard(0).counted(Counter::messages_dropped_no_subscribers) == 1);
}

TEST_CASE("a retained message is kept and delivered, one without the flag leaves it alone [MQTT-3.3.1-8]") {
  Bench bench;
  bench.subscribe("a", handle(1, 0));
  MessageOptions retained;
  retained.retain = true;
  CHECK(bench.route("a", "1", retained) == 1);
  CHECK(bench.stores[0]->message_count() == 1);
  CHECK(bench.route("a", "2") == 1);
  CHECK(bench.stores[0]->message_count() == 1);
  CHECK(bench.route("a", "", retained) == 1);
  CHECK(bench.stores[0]->message_count() == 0);
  CHECK(bench.received(0) == 3);
}

TEST_CASE("retained messages may be switched off") {
  RouterLimits limits;
  limits.retain_available = false;
  Bench bench(1, limits);
  MessageOptions retained;
  retained.retain = true;
  (void)bench.route("a", "1", retained);
  CHECK(bench.stores[0]->message_count() == 0);
}

TEST_CASE("one member of each group gets the message, beside the plain subscribers [MQTT-4.8.2-4]") {
  Bench bench;
  bench.subscribe("a", handle(1, 0));
  for (uint32_t slot = 10; slot < 13; ++slot) bench.subscribe("$share/g/a", handle(slot, 0));
  for (uint32_t slot = 20; slot < 23; ++slot) bench.subscribe("$share/h/+", handle(slot, 1));
  bench.subscribe("$share/g/a", handle(1, 0));  // a client may have both
  for (int i = 0; i < 40; ++i) CHECK(bench.route("a") == 3);
  std::map<uint32_t, int> plain;
  std::map<uint32_t, int> shared;
  for (const auto& shard : bench.node.shards) {
    for (const auto& received : shard->subscribers.received) {
      ++(received.delivery.shared == 1 ? shared : plain)[received.delivery.subscriber.slot()];
    }
  }
  CHECK(plain == std::map<uint32_t, int>{{1, 40}});
  CHECK(shared.size() == 7);
  CHECK(shared[10] == 10);
  CHECK(shared[1] == 10);
  CHECK(shared[20] + shared[21] + shared[22] == 40);
}

TEST_CASE("an offline group still gets its share") {
  Bench bench;
  bench.subscribe("$share/g/a", handle(1, 0));
  bench.node.presence.set(handle(1, 0), false);
  CHECK(bench.route("a") == 1);
}

TEST_CASE("a message whose member failed goes to another one, while there is one") {
  Bench bench;
  bench.subscribe("$share/g/a/+", handle(1, 0));
  bench.subscribe("$share/g/a/+", handle(2, 1));
  const auto message = make_message("a/b", "x", bench.node.shard(0).services);
  const auto redispatch = [&](std::vector<distribution::SubscriberHandle> failed, uint16_t shared_group) {
    bench.node.epoch.enter(0);
    const bool done = bench.routers[0]->redispatch(message, shared_group, failed);
    bench.node.epoch.leave(0);
    bench.node.settle();
    return done;
  };
  bench.node.epoch.enter(0);
  const uint16_t tag = bench.index.find_group("$share/g/a/+")->tag();
  bench.node.epoch.leave(0);
  REQUIRE(tag != 0);
  CHECK(redispatch({handle(1, 0)}, tag));
  REQUIRE(bench.received(1) == 1);
  CHECK(bench.node.shard(1).subscribers.received[0].delivery.shared == 1);
  CHECK(bench.node.shard(1).subscribers.received[0].delivery.shared_group == tag);
  CHECK_FALSE(redispatch({handle(1, 0), handle(2, 1)}, tag));
  CHECK_FALSE(redispatch({}, static_cast<uint16_t>(tag + 1)));
  CHECK_FALSE(redispatch({}, 0));
}
