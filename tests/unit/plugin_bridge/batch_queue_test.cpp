#include "plugin_bridge/batch_queue.h"

#include <catch2/catch.hpp>
#include <map>

#include "unit/plugin_bridge/support/bridge_fixture.h"

namespace patchbay::test {
namespace {

struct Observed {
  explicit Observed(patchbay_hook options = {}) : plugin(fixture) {
    plugin.on_batch(
        PATCHBAY_HOOK_publish_routed,
        [this](const patchbay_record* records, size_t count) {
          sizes.push_back(count);
          for (size_t i = 0; i < count; ++i) {
            CHECK(records[i].hook == PATCHBAY_HOOK_publish_routed);
            const auto& event = *static_cast<const patchbay_publish_routed_event*>(records[i].event);
            topics.push_back(text(event.topic));
            CHECK(records[i].at_unix_ms == published_at_unix_ms[topics.back()]);
            CHECK(plugin_bridge::from_abi(event.message)->topic() == topics.back());
            CHECK(plugin_bridge::from_abi(event.client)->client_id() == "c1");
          }
        },
        options);
    plugin.start();
    fixture.publish({plugin.instance.get()});
  }
  ~Observed() {
    fixture.publish({});
    work();  // the jobs are the instance's, which goes before the pool does
  }

  void publish(uint32_t shard, const std::vector<std::string>& names) {
    const auto client = make_client();
    fixture.turn(shard, [&] {
      for (const std::string& name : names) {
        const auto message = make_message(name);
        published_at_unix_ms[name] = fixture.clock.unix_ms();
        hooks::observe(fixture.points.publish_routed, {client.get(), message.get(), 1});
      }
    });
  }
  void publish_many(size_t amount) {
    std::vector<std::string> names;
    for (size_t i = 0; i < amount; ++i) names.push_back("t/" + std::to_string(next++));
    publish(0, names);
  }
  size_t work() { return fixture.bridge->workers().run_pending(); }
  /// Until no job of the queue is left.
  void end_ticks() {
    for (int i = 0; i < 3; ++i) {
      fixture.clock.advance_ms(60);
      work();
    }
    CHECK(plugin.instance->held().value(plugin_bridge::Held::worker_jobs) == 0);
  }

  BridgeFixture fixture;
  std::map<std::string, uint64_t> published_at_unix_ms;  // by topic
  TestPlugin plugin;
  std::vector<size_t> sizes;
  std::vector<std::string> topics;
  size_t next = 0;
};

patchbay_hook limits(uint32_t batch_max, uint32_t queue_max, uint32_t overflow) {
  patchbay_hook options{};
  options.batch_max = batch_max;
  options.queue_max = queue_max;
  options.overflow = overflow;
  return options;
}

}  // namespace

TEST_CASE("Events come in order, in batches, after the wait for more", "[plugin_bridge]") {
  Observed sink;
  sink.publish(0, {"a", "b"});
  sink.publish(0, {"c"});
  CHECK(sink.work() == 0);
  CHECK(sink.plugin.hook().statistics().queued == 3);
  sink.fixture.clock.advance_ms(50);
  CHECK(sink.work() == 1);
  CHECK(sink.sizes == std::vector<size_t>{3});
  CHECK(sink.topics == std::vector<std::string>{"a", "b", "c"});
  CHECK(sink.plugin.hook().statistics().calls == 3);
  CHECK(sink.plugin.hook().statistics().queued == 0);
  CHECK(sink.plugin.instance->held().value(plugin_bridge::Held::worker_jobs) == 0);
}

TEST_CASE("A full batch does not wait, and the rest is delivered later", "[plugin_bridge]") {
  Observed sink(limits(2, 0, 0));
  sink.publish_many(5);
  CHECK(sink.work() == 2);
  CHECK(sink.sizes == std::vector<size_t>{2, 2});
  sink.fixture.clock.advance_ms(60);
  sink.work();
  CHECK(sink.sizes == std::vector<size_t>{2, 2, 1});
  sink.end_ticks();
}

TEST_CASE("While events keep coming one job looks for them again and again, and no shard posts one",
          "[plugin_bridge]") {
  Observed sink;
  const auto jobs = [&] { return sink.plugin.instance->held().value(plugin_bridge::Held::worker_jobs); };
  for (int round = 0; round < 5; ++round) {
    sink.publish_many(2);
    CHECK(jobs() == 1);
    sink.publish_many(1);
    CHECK(jobs() == 1);
    sink.fixture.clock.advance_ms(50);
    CHECK(sink.work() == 1);
    CHECK(jobs() == (round == 0 ? 0 : 1));  // one batch alone promises no other
  }
  CHECK(sink.sizes == std::vector<size_t>(5, 3));
  sink.fixture.clock.advance_ms(50);
  CHECK(sink.work() == 1);
  CHECK(jobs() == 0);
  sink.publish_many(1);
  sink.fixture.clock.advance_ms(50);
  CHECK(sink.work() == 1);
  CHECK(sink.sizes.back() == 1);
  sink.end_ticks();
}

TEST_CASE("Full batches between the looks don't multiply these", "[plugin_bridge]") {
  Observed sink(limits(4, 0, 0));
  for (int round = 0; round < 20; ++round) {
    sink.publish_many(6);
    sink.work();
    sink.fixture.clock.advance_ms(20);
    sink.work();
    CHECK(sink.plugin.instance->held().value(plugin_bridge::Held::worker_jobs) <= 1);
  }
  sink.end_ticks();
  CHECK(sink.topics.size() == 120);
}

TEST_CASE("A queue that looks by itself lets its instance go", "[plugin_bridge]") {
  Observed sink;
  for (int round = 0; round < 2; ++round) {
    sink.publish_many(2);
    sink.fixture.clock.advance_ms(50);
    sink.work();
  }
  CHECK(sink.plugin.instance->held().value(plugin_bridge::Held::worker_jobs) == 1);
  sink.fixture.publish({});
  sink.plugin.hook().queue()->close(false);
  sink.work();
  CHECK(sink.plugin.instance->held_back().empty());
}

TEST_CASE("Messages and clients outlive the turn, and are given back after the batch", "[plugin_bridge]") {
  Observed sink;
  const auto client = make_client();
  const auto message = make_message();
  sink.published_at_unix_ms[std::string(message->topic())] = sink.fixture.clock.unix_ms();
  sink.fixture.tell(0, sink.fixture.points.publish_routed, {client.get(), message.get(), 1});
  CHECK(message.use_count() == 2);
  CHECK(client.use_count() == 2);
  sink.fixture.clock.advance_ms(60);
  sink.work();
  CHECK(message.use_count() == 1);
  CHECK(client.use_count() == 1);
}

TEST_CASE("A full queue drops as it was told to", "[plugin_bridge]") {
  const auto [overflow, first, last] = GENERATE(table<uint32_t, std::string, std::string>({
      {PATCHBAY_OVERFLOW_DROP_OLDEST, "t/3", "t/12"},
      {PATCHBAY_OVERFLOW_DROP_NEWEST, "t/0", "t/9"},
  }));
  Observed sink(limits(100, 10, overflow));
  sink.publish_many(6);
  sink.publish_many(7);
  CHECK(sink.plugin.hook().statistics().dropped == 3);
  CHECK(sink.plugin.hook().statistics().queued == 10);
  sink.fixture.clock.advance_ms(60);
  sink.work();
  REQUIRE(sink.topics.size() == 10);
  CHECK(sink.topics.front() == first);
  CHECK(sink.topics.back() == last);
}

TEST_CASE("Back-pressure slows publishers until half of the queue is worked off", "[plugin_bridge]") {
  Observed sink(limits(4, 8, PATCHBAY_OVERFLOW_BACK_PRESSURE));
  sink.publish_many(7);
  CHECK(sink.fixture.pressure == 0);
  sink.publish_many(3);
  CHECK(sink.fixture.pressure == 1);
  CHECK(sink.plugin.hook().statistics().dropped == 0);
  sink.publish_many(10);  // a bound all the same
  CHECK(sink.plugin.hook().statistics().queued == 16);
  CHECK(sink.plugin.hook().statistics().dropped == 4);
  sink.work();
  CHECK(sink.fixture.pressure == 0);
  CHECK(sink.topics.size() == 16);
}

TEST_CASE("A queue that is closed delivers what it has, or drops it", "[plugin_bridge]") {
  const bool discard = GENERATE(false, true);
  Observed sink;
  sink.publish_many(3);
  sink.fixture.publish({});
  sink.plugin.hook().queue()->close(discard);
  sink.work();
  CHECK(sink.topics.size() == (discard ? 0 : 3));
  CHECK(sink.plugin.hook().statistics().dropped == (discard ? 3 : 0));
  // Also the delivery that was to wait for more.
  CHECK(sink.plugin.instance->held_back().empty());
}

TEST_CASE("An instance that has been stopped gets nothing any more", "[plugin_bridge]") {
  Observed sink;
  sink.publish_many(3);
  sink.plugin.instance->gate().move_to(plugin_bridge::GateState::closed);
  sink.fixture.publish({});
  sink.work();
  CHECK(sink.topics.empty());
  CHECK(sink.plugin.hook().statistics().dropped == 3);
  CHECK(sink.plugin.instance->held_back().empty());
}

TEST_CASE("A hook that is published again takes events again", "[plugin_bridge]") {
  Observed sink;
  sink.fixture.publish({});
  sink.fixture.publish({sink.plugin.instance.get()});
  sink.publish_many(1);
  sink.fixture.clock.advance_ms(60);
  sink.work();
  CHECK(sink.topics.size() == 1);
}

TEST_CASE("An observer with a function is called on a worker, or on the shard when it asks for it", "[plugin_bridge]") {
  const bool inline_call = GENERATE(false, true);
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  patchbay_hook options{};
  options.flags = inline_call ? PATCHBAY_HOOK_INLINE : 0;
  std::vector<uint32_t> shards;
  plugin.on(
      PATCHBAY_HOOK_client_connected, PATCHBAY_PHASE_OBSERVE,
      [&](const void* raw, patchbay_token) {
        const auto& event = *static_cast<const patchbay_client_event*>(raw);
        CHECK(text(event.reason) == "because");
        shards.push_back(plugin.host()->shard_index(plugin.host()));
        return answer(PATCHBAY_DENY);  // nobody listens
      },
      options);
  plugin.start();
  fixture.publish({plugin.instance.get()});
  const auto client = make_client();
  {
    std::string reason = "because";
    hooks::ClientEvent event;
    event.client = client.get();
    event.reason = reason;
    fixture.tell(1, fixture.points.client_connected, event);
  }
  CHECK(shards.size() == (inline_call ? 1 : 0));
  fixture.bridge->workers().run_pending();
  REQUIRE(shards.size() == 1);
  CHECK(shards[0] == (inline_call ? 1 : UINT32_MAX));
  fixture.publish({});
}

}  // namespace patchbay::test
