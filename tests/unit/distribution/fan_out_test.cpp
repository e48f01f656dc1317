#include "distribution/fan_out.h"

#include <catch2/catch.hpp>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "distribution/presence.h"
#include "distribution/subscribers.h"

using namespace patchbay;
using namespace patchbay::distribution;

namespace {

struct Recorder final : Subscribers {
  void deliver(mqtt::MessageRef&& message, std::span<const Delivery> deliveries) override {
    for (const Delivery& delivery : deliveries)
      lines.push_back(std::string(message->topic()) + ":" + std::to_string(delivery.subscriber.slot()) +
                      (delivery.continuation ? "+" : ""));
    shares.push_back(message.use_count());
    kept = std::move(message);
    if (on_deliver) on_deliver();
  }
  bool pass(const mqtt::PassingMessage& message, const Delivery& delivery) override {
    if (!takes_passing) return false;
    lines.push_back(std::string(message.topic) + "=" + std::string(message.payload.begin(), message.payload.end()) +
                    ":" + std::to_string(delivery.subscriber.slot()));
    return true;
  }
  bool takes_passing = true;
  std::vector<std::string> lines;
  std::vector<uint32_t> shares;
  mqtt::MessageRef kept;
  std::function<void()> on_deliver;
};

struct Node {
  explicit Node(size_t shards, uint64_t high_water = 1000) : exchange(shards, high_water) {
    for (size_t i = 0; i < shards; ++i) {
      recorders.push_back(std::make_unique<Recorder>());
      wakes.push_back(std::make_unique<int>(0));
      boxes.push_back(std::make_unique<base::Mailbox>([](void* wake) { ++*static_cast<int*>(wake); }, wakes[i].get()));
      exchange.connect(static_cast<base::ShardId>(i), *boxes[i], *recorders[i]);
    }
    for (size_t i = 0; i < shards; ++i)
      fan_outs.push_back(std::make_unique<FanOut>(static_cast<base::ShardId>(i), exchange));
  }
  size_t send(base::ShardId from, std::string_view topic, const std::vector<SubscriberHandle>& receivers) {
    mqtt::MessageFields fields;
    fields.topic = topic;
    for (const SubscriberHandle receiver : receivers) {
      Delivery delivery;
      delivery.subscriber = receiver;
      fan_outs[from]->add(delivery);
    }
    return fan_outs[from]->send(mqtt::Message::create(fields));
  }

  Exchange exchange;
  std::vector<std::unique_ptr<Recorder>> recorders;
  std::vector<std::unique_ptr<int>> wakes;
  std::vector<std::unique_ptr<base::Mailbox>> boxes;
  std::vector<std::unique_ptr<FanOut>> fan_outs;
};

SubscriberHandle at(base::ShardId shard, uint32_t slot) {
  return {shard, 1, slot};
}

}  // namespace

TEST_CASE("fan-out: the own shard at once, others with the turn's end, one wake-up for each") {
  Node node(3);
  CHECK(node.send(0, "a", {at(0, 1), at(1, 2), at(2, 3), at(1, 4)}) == 4);
  CHECK(node.send(0, "b", {at(1, 2)}) == 1);
  CHECK(node.send(0, "c", {}) == 0);
  CHECK(node.recorders[0]->lines == std::vector<std::string>{"a:1"});
  CHECK(node.boxes[1]->cost() == 0);
  node.fan_outs[0]->flush();
  CHECK(*node.wakes[1] == 1);
  CHECK(*node.wakes[2] == 1);
  CHECK(node.boxes[1]->cost() == 3);
  CHECK(node.boxes[1]->drain() == 1);
  CHECK(node.boxes[2]->drain() == 1);
  CHECK(node.recorders[1]->lines == std::vector<std::string>{"a:2", "a:4", "b:2"});
  CHECK(node.recorders[2]->lines == std::vector<std::string>{"a:3"});
  CHECK(node.boxes[1]->cost() == 0);
  node.fan_outs[0]->flush();
  CHECK(*node.wakes[1] == 1);
}

TEST_CASE("fan-out: continuations stay behind their delivery and are no receivers of their own") {
  Node node(2);
  mqtt::MessageFields fields;
  fields.topic = "a";
  for (const base::ShardId shard : {base::ShardId{0}, base::ShardId{1}}) {
    Delivery delivery;
    delivery.subscriber = at(shard, 5);
    node.fan_outs[0]->add(delivery);
    delivery.continuation = 1;
    node.fan_outs[0]->add(delivery);
  }
  CHECK(node.fan_outs[0]->send(mqtt::Message::create(fields)) == 2);
  node.fan_outs[0]->flush();
  node.boxes[1]->drain();
  CHECK(node.recorders[0]->lines == std::vector<std::string>{"a:5", "a:5+"});
  CHECK(node.recorders[1]->lines == std::vector<std::string>{"a:5", "a:5+"});
}

TEST_CASE("fan-out: the last receiver may keep the very share of who sends") {
  const auto deliveries_to = [](Node& node, std::initializer_list<base::ShardId> shards) {
    for (const base::ShardId shard : shards) {
      Delivery delivery;
      delivery.subscriber = at(shard, 1);
      node.fan_outs[0]->add(delivery);
    }
    mqtt::MessageFields fields;
    fields.topic = "t";
    mqtt::MessageRef message = mqtt::Message::create(fields);
    CHECK(node.fan_outs[0]->send(std::move(message)) == shards.size());
    node.fan_outs[0]->flush();
    return message.use_count();
  };
  SECTION("on the own shard") {
    Node node(3);
    CHECK(deliveries_to(node, {0}) == 0);
    CHECK(node.recorders[0]->shares == std::vector<uint32_t>{1});
  }
  SECTION("on another shard") {
    Node node(3);
    CHECK(deliveries_to(node, {1}) == 0);
    node.boxes[1]->drain();
    CHECK(node.recorders[1]->shares == std::vector<uint32_t>{1});
  }
  SECTION("on several") {
    Node node(3);
    CHECK(deliveries_to(node, {0, 1, 2}) == 0);
    for (size_t shard : {1, 2}) node.boxes[shard]->drain();
    // Each has one of its own, and none is left over.
    for (size_t shard : {0, 1, 2}) CHECK(node.recorders[shard]->shares == std::vector<uint32_t>{3});
    node.recorders[0]->kept.reset();
    node.recorders[1]->kept.reset();
    CHECK(node.recorders[2]->kept.use_count() == 1);
  }
  SECTION("nowhere") {
    Node node(3);
    CHECK(deliveries_to(node, {}) == 1);
  }
}

TEST_CASE("fan-out: a large batch leaves before the turn ends, and order is kept across batches") {
  Node node(2);
  const size_t count = FanOut::kBatchDeliveries * 3 + 7;
  for (size_t i = 0; i < count; ++i) node.send(0, std::to_string(i), {at(1, 1)});
  CHECK(node.boxes[1]->cost() == FanOut::kBatchDeliveries * 3);
  node.fan_outs[0]->flush();
  CHECK(node.boxes[1]->cost() == count);
  node.boxes[1]->drain();
  REQUIRE(node.recorders[1]->lines.size() == count);
  for (size_t i = 0; i < count; ++i) REQUIRE(node.recorders[1]->lines[i] == std::to_string(i) + ":1");
}

TEST_CASE("fan-out: mail runs after what was sent to that shard before") {
  Node node(2);
  node.send(0, "first", {at(1, 1)});
  std::vector<std::string> seen;
  node.fan_outs[0]->post(1, base::make_task([&] { seen = node.recorders[1]->lines; }));
  node.send(0, "second", {at(1, 1)});
  node.fan_outs[0]->flush();
  node.boxes[1]->drain();
  CHECK(seen == std::vector<std::string>{"first:1"});
  CHECK(node.recorders[1]->lines.size() == 2);
}

TEST_CASE("fan-out: mail to the own shard comes by its mailbox, not at once") {
  Node node(2);
  bool ran = false;
  node.fan_outs[0]->post(0, base::make_task([&ran] { ran = true; }));
  CHECK_FALSE(ran);
  node.boxes[0]->drain();
  CHECK(ran);
}

TEST_CASE("fan-out: congested while another shard is above its high water") {
  Node node(3, 10);
  for (int i = 0; i < 10; ++i) node.send(0, "a", {at(2, 1)});
  node.fan_outs[0]->flush();
  CHECK_FALSE(node.fan_outs[0]->congested());
  node.send(0, "a", {at(2, 1)});
  node.fan_outs[0]->flush();
  CHECK(node.fan_outs[0]->congested());
  CHECK(node.fan_outs[1]->congested());
  CHECK_FALSE(node.fan_outs[2]->congested());  // its own mailbox is its own to drain
  node.boxes[2]->drain();
  CHECK_FALSE(node.fan_outs[0]->congested());
}

TEST_CASE("fan-out: congested on every shard while somebody besides the shards presses") {
  Node node(2);
  node.exchange.pressure() = 1;
  CHECK(node.fan_outs[0]->congested());
  CHECK(node.fan_outs[1]->congested());
  node.exchange.pressure() = 0;
  CHECK_FALSE(node.fan_outs[0]->congested());
}

namespace {

/// One thread runs all shards, so that each may call the others.
struct OneThreadNode {
  explicit OneThreadNode(size_t shards) : exchange(shards, 1000) {
    for (size_t i = 0; i < shards; ++i) {
      owners.push_back(std::make_unique<Owner>());
      owners[i]->box.begin_run();
      exchange.connect(static_cast<base::ShardId>(i), owners[i]->box, owners[i]->recorder);
    }
    for (size_t i = 0; i < shards; ++i)
      fan_outs.push_back(std::make_unique<FanOut>(static_cast<base::ShardId>(i), exchange));
  }
  /// To `count` receivers on `shard`.
  size_t send(base::ShardId shard, std::string_view topic, uint32_t count = 1) {
    for (uint32_t slot = 1; slot <= count; ++slot) {
      Delivery delivery;
      delivery.subscriber = at(shard, slot);
      fan_outs[0]->add(delivery);
    }
    mqtt::MessageFields fields;
    fields.topic = topic;
    return fan_outs[0]->send(mqtt::Message::create(fields));
  }
  std::vector<std::string>& lines(size_t shard) { return owners[shard]->recorder.lines; }

  struct Owner {
    Recorder recorder;
    bool free = true;
    uint32_t calls = 0;
    base::Mailbox box{[](void*) {}, this,
                      [](void* self, base::Mail& mail) {
                        auto& owner = *static_cast<Owner*>(self);
                        if (!owner.free) return false;
                        ++owner.calls;
                        mail.run();
                        return true;
                      }};
  };
  Exchange exchange;
  std::vector<std::unique_ptr<Owner>> owners;
  std::vector<std::unique_ptr<FanOut>> fan_outs;
};

}  // namespace

TEST_CASE("fan-out: a shard that the same thread runs gets a message at once, and nothing is left to post") {
  OneThreadNode node(3);
  CHECK(node.send(1, "a") == 1);
  CHECK(node.lines(1) == std::vector<std::string>{"a:1"});
  CHECK(node.send(1, "b", 3) == 3);
  CHECK(node.send(2, "c") == 1);
  CHECK(node.lines(1) == std::vector<std::string>{"a:1", "b:1", "b:2", "b:3"});
  CHECK(node.lines(2) == std::vector<std::string>{"c:1"});
  CHECK(node.owners[1]->recorder.shares == std::vector<uint32_t>{1, 1});
  CHECK(node.owners[1]->recorder.kept.use_count() == 1);
  node.fan_outs[0]->flush();
  for (const auto& owner : node.owners) {
    CHECK_FALSE(owner->box.has_near_mail());
    CHECK(owner->box.empty());
    CHECK(owner->box.drain() == 0);
  }
  CHECK(node.owners[1]->calls == 2);
}

TEST_CASE("fan-out: what was sent to a shard is never overtaken by what could be delivered at once") {
  OneThreadNode node(2);
  OneThreadNode::Owner& receiver = *node.owners[1];
  CHECK(node.send(1, "a") == 1);
  receiver.free = false;
  CHECK(node.send(1, "b") == 1);
  receiver.free = true;
  CHECK(node.send(1, "c") == 1);  // behind b, which waits for the turn's end
  CHECK(node.lines(1) == std::vector<std::string>{"a:1"});
  node.fan_outs[0]->flush();
  CHECK(node.send(1, "d") == 1);  // behind what was posted and has not run
  CHECK(node.lines(1) == std::vector<std::string>{"a:1"});
  CHECK(receiver.box.drain() == 1);
  CHECK(node.lines(1) == std::vector<std::string>{"a:1", "b:1", "c:1"});
  CHECK(node.send(1, "e") == 1);  // d still waits
  node.fan_outs[0]->flush();
  CHECK(receiver.box.drain() == 1);
  CHECK(node.send(1, "f") == 1);
  CHECK(node.lines(1) == std::vector<std::string>{"a:1", "b:1", "c:1", "d:1", "e:1", "f:1"});
  CHECK(receiver.calls == 2);
  // Other mail comes behind what was sent before it, and before what is sent after it.
  node.fan_outs[0]->post(1, base::make_task([&node] { node.lines(1).emplace_back("mail"); }));
  CHECK(node.send(1, "g") == 1);
  node.fan_outs[0]->flush();
  receiver.box.drain();
  CHECK(node.lines(1).back() == "g:1");
  CHECK(node.lines(1)[node.lines(1).size() - 2] == "mail");
}

TEST_CASE("fan-out: a message for very many sessions of a shard that the same thread runs is delivered whole") {
  OneThreadNode node(2);
  const uint32_t count = FanOut::kBatchDeliveries * 2 + 1;
  for (int round = 0; round < 3; ++round) {
    CHECK(node.send(1, "a", count) == count);
    CHECK(node.send(1, "b") == 1);
    CHECK(node.lines(1).size() == count + 1);
    CHECK(node.lines(1)[count - 1] == "a:" + std::to_string(count));
    CHECK(node.lines(1)[count] == "b:1");
    node.lines(1).clear();
  }
  node.fan_outs[0]->flush();
  CHECK(node.owners[1]->box.drain() == 0);
}

TEST_CASE("handles name shard, slot and generation, and a real one is never 0") {
  constexpr SubscriberHandle handle(255, 0xFFFFFF, 0xFFFFFFFF);
  CHECK(handle.shard() == 255);
  CHECK(handle.generation() == 0xFFFFFF);
  CHECK(handle.slot() == 0xFFFFFFFF);
  CHECK(SubscriberHandle(handle.value()) == handle);
  CHECK_FALSE(SubscriberHandle());
  CHECK(SubscriberHandle(0, 1, 0));
}

TEST_CASE("presence: online, offline, ended, and a new tenant of the slot") {
  Presence presence(2);
  const SubscriberHandle first(1, 1, 40'000);
  const SubscriberHandle second(1, 2, 40'000);
  CHECK_FALSE(presence.is_online(first));
  presence.set(first, true);
  CHECK(presence.is_online(first));
  CHECK_FALSE(presence.is_online(second));
  presence.set(first, false);
  CHECK_FALSE(presence.is_online(first));
  presence.set(second, true);
  CHECK_FALSE(presence.is_online(first));
  presence.clear(second);
  CHECK_FALSE(presence.is_online(second));
  CHECK_FALSE(presence.is_online(SubscriberHandle(7, 1, 0)));
  CHECK_FALSE(presence.is_online(SubscriberHandle(1, 1, SubscriberHandle::kFirstInternalSlot - 1)));
  // Subscribers inside the broker are always there; a shard that does not exist has none.
  CHECK(presence.is_online(SubscriberHandle(1, 1, SubscriberHandle::kFirstInternalSlot)));
  CHECK_FALSE(presence.is_online(SubscriberHandle(9, 1, SubscriberHandle::kFirstInternalSlot)));
}

namespace {

bool pass(FanOut& fan_out, base::ShardId shard, std::string_view topic, std::string_view payload = "p") {
  Delivery delivery;
  delivery.subscriber = at(shard, 1);
  mqtt::PassingMessage message;
  message.topic = topic;
  message.payload = {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()};
  return fan_out.pass(message, delivery);
}

}  // namespace

TEST_CASE("fan-out: a message passes to the own shard and to those that the same thread runs") {
  OneThreadNode node(3);
  CHECK(pass(*node.fan_outs[0], 0, "a"));
  CHECK(pass(*node.fan_outs[0], 1, "b"));
  CHECK(pass(*node.fan_outs[0], 2, "c", ""));
  CHECK(node.lines(0) == std::vector<std::string>{"a=p:1"});
  CHECK(node.lines(1) == std::vector<std::string>{"b=p:1"});
  CHECK(node.lines(2) == std::vector<std::string>{"c=:1"});
  CHECK(node.owners[0]->calls == 0);
  CHECK(node.owners[1]->calls == 1);
  for (const auto& owner : node.owners) CHECK(owner->box.empty());
}

TEST_CASE("fan-out: what a receiver does not let pass, or another thread would have to take, has not happened") {
  SECTION("the receiver") {
    OneThreadNode node(2);
    for (const base::ShardId shard : {base::ShardId{0}, base::ShardId{1}}) {
      node.owners[shard]->recorder.takes_passing = false;
      CHECK_FALSE(pass(*node.fan_outs[0], shard, "a"));
      CHECK(node.lines(shard).empty());
      CHECK(node.send(shard, "a") == 1);
      CHECK(node.lines(shard) == std::vector<std::string>{"a:1"});
    }
  }
  SECTION("the shard is busy with another call") {
    OneThreadNode node(2);
    node.owners[1]->free = false;
    CHECK_FALSE(pass(*node.fan_outs[0], 1, "a"));
    CHECK(node.lines(1).empty());
  }
  SECTION("a shard of another thread") {
    Node node(2);
    CHECK_FALSE(pass(*node.fan_outs[0], 1, "a"));
    node.fan_outs[0]->flush();
    CHECK(node.boxes[1]->empty());
    CHECK(*node.wakes[1] == 0);
    CHECK(node.recorders[1]->lines.empty());
  }
}

TEST_CASE("fan-out: nothing passes what was sent to the same shard before") {
  OneThreadNode node(3);
  OneThreadNode::Owner& receiver = *node.owners[1];
  receiver.free = false;
  CHECK(node.send(1, "a") == 1);
  receiver.free = true;
  CHECK_FALSE(pass(*node.fan_outs[0], 1, "b"));  // a waits for the turn's end
  CHECK(pass(*node.fan_outs[0], 2, "b"));        // not for this one
  node.fan_outs[0]->flush();
  CHECK_FALSE(pass(*node.fan_outs[0], 1, "b"));  // a is posted and has not run
  CHECK(receiver.box.drain() == 1);
  CHECK(pass(*node.fan_outs[0], 1, "b"));
  CHECK(node.lines(1) == std::vector<std::string>{"a:1", "b=p:1"});
  CHECK(node.send(1, "c") == 1);  // at once, so that its batch is there again
  CHECK(pass(*node.fan_outs[0], 1, "d"));
  CHECK(node.lines(1) == std::vector<std::string>{"a:1", "b=p:1", "c:1", "d=p:1"});
}
