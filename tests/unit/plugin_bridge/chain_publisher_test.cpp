#include "plugin_bridge/chain_publisher.h"

#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "plugin_bridge/epoch_barrier.h"
#include "unit/plugin_bridge/support/bridge_fixture.h"

namespace patchbay::test {
namespace {

using plugin_bridge::Held;

patchbay_verdict nothing(const void*, patchbay_token) {
  return answer(PATCHBAY_CONTINUE);
}

base::ChainEntry<hooks::ClientEvent> core_observer(int& calls) {
  base::ChainEntry<hooks::ClientEvent> entry;
  entry.call = [](void* self, hooks::ClientEvent&, base::Token) noexcept {
    ++*static_cast<int*>(self);
    return base::Verdict{};
  };
  entry.self = &calls;
  entry.order.phase = base::Phase::observe;
  entry.order.name = "core:test";
  return entry;
}

}  // namespace

TEST_CASE("All points change together, and an instance counts its published hooks", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  plugin.on(PATCHBAY_HOOK_publish_rewrite, PATCHBAY_PHASE_TRANSFORM, nothing);
  plugin.on(PATCHBAY_HOOK_acl_publish, PATCHBAY_PHASE_DECIDE, nothing);
  plugin.on(PATCHBAY_HOOK_config_changed, PATCHBAY_PHASE_OBSERVE, nothing);
  CHECK(fixture.points.publish_rewrite.empty());
  REQUIRE(fixture.publish({plugin.instance.get()}));
  CHECK_FALSE(fixture.points.publish_rewrite.empty());
  CHECK_FALSE(fixture.access.authorize_publish.empty());
  CHECK_FALSE(fixture.bridge->control_hooks().points().config_changed.empty());
  CHECK(plugin.instance->held().value(Held::hook_entries) == 3);
  REQUIRE(fixture.publish({}));
  CHECK(fixture.points.publish_rewrite.empty());
  CHECK(fixture.access.authorize_publish.empty());
  CHECK(fixture.bridge->control_hooks().points().config_changed.empty());
  CHECK(plugin.instance->held_back().empty());
}

TEST_CASE("The core's own listeners stay, whoever comes and goes", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  int core_calls = 0;
  int plugin_calls = 0;
  patchbay_hook options{};
  options.flags = PATCHBAY_HOOK_INLINE;
  plugin.on(
      PATCHBAY_HOOK_client_connected, PATCHBAY_PHASE_OBSERVE,
      [&](const void*, patchbay_token) {
        ++plugin_calls;
        return answer(PATCHBAY_CONTINUE);
      },
      options);
  plugin.start();
  auto& chains = fixture.bridge->chains();
  chains.set_core_entries<hooks::HookId::client_connected>("test", {core_observer(core_calls)});
  REQUIRE(chains.republish(100));
  const auto client = make_client();
  hooks::ClientEvent event;
  event.client = client.get();
  fixture.tell(0, fixture.points.client_connected, event);
  REQUIRE(fixture.publish({plugin.instance.get()}));
  fixture.tell(0, fixture.points.client_connected, event);
  REQUIRE(fixture.publish({}));
  fixture.tell(0, fixture.points.client_connected, event);
  CHECK(core_calls == 3);
  CHECK(plugin_calls == 1);
  chains.set_core_entries<hooks::HookId::client_connected>("test", {});
  REQUIRE(chains.republish(100));
  CHECK(fixture.points.client_connected.empty());
}

TEST_CASE("A shard that stays in its turn holds the barrier, and settle() goes on", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  plugin.on(PATCHBAY_HOOK_publish_rewrite, PATCHBAY_PHASE_TRANSFORM, nothing);
  REQUIRE(fixture.publish({plugin.instance.get()}));
  fixture.epoch.enter(1);
  CHECK_FALSE(fixture.bridge->publish({}, 5));
  CHECK(plugin.instance->held().value(Held::hook_entries) == 1);
  // Back in before anybody has waited long enough: it is counted once.
  CHECK_FALSE(fixture.bridge->chains().settle(1));
  plugin_bridge::PublishedChains again;
  plugin_bridge::PublishedHook published;
  published.hook = &plugin.hook();
  again.hooks.push_back(published);
  CHECK_FALSE(fixture.bridge->publish(again, 1));
  CHECK(plugin.instance->held().value(Held::hook_entries) == 1);
  CHECK_FALSE(fixture.bridge->publish({}, 1));
  fixture.epoch.leave(1);
  CHECK(fixture.bridge->chains().settle(100));
  CHECK(plugin.instance->held_back().empty());
}

TEST_CASE("The operator narrows a hook to listeners", "[plugin_bridge]") {
  const auto [own, given, called] = GENERATE(table<std::string, std::string, bool>({
      {"", "tcp:default", true},
      {"", "ssl:default", false},
      {"tcp:default", "tcp:default", true},
      {"tcp:default", "ssl:default", false},
  }));
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  int calls = 0;
  const patchbay_str listener = text(own);
  patchbay_filter filter{};
  filter.size = sizeof filter;
  filter.listener_ids = &listener;
  filter.listener_id_count = own.empty() ? 0 : 1;
  patchbay_hook options{};
  options.filter = &filter;
  plugin.on(
      PATCHBAY_HOOK_publish_rewrite, PATCHBAY_PHASE_TRANSFORM,
      [&](const void*, patchbay_token) {
        ++calls;
        return answer(PATCHBAY_CONTINUE);
      },
      options);
  plugin.start();
  plugin_bridge::PublishedChains chains;
  plugin_bridge::PublishedHook published;
  published.hook = &plugin.hook();
  published.listener_ids = {given};
  chains.hooks.push_back(published);
  REQUIRE(fixture.bridge->publish(std::move(chains), 100));
  const auto client = make_client();
  hooks::PublishRewriteEvent event;
  event.client = client.get();
  event.topic = "a";
  fixture.ask(0, fixture.points.publish_rewrite, event);
  CHECK((calls == 1) == called);
  fixture.publish({});
}

TEST_CASE("Answers are combined as the operator wants it", "[plugin_bridge]") {
  const auto [combine, outcome] = GENERATE(table<base::Combine, bool>({
      {base::Combine::first_decisive, true},
      {base::Combine::deny_overrides, false},
  }));
  BridgeFixture fixture;
  TestPlugin first(fixture, 1);
  TestPlugin second(fixture, 2);
  first.on(PATCHBAY_HOOK_acl_publish, PATCHBAY_PHASE_DECIDE,
           [](const void*, patchbay_token) { return answer(PATCHBAY_ALLOW); });
  second.on(PATCHBAY_HOOK_acl_publish, PATCHBAY_PHASE_DECIDE,
            [](const void*, patchbay_token) { return answer(PATCHBAY_DENY); });
  first.start();
  second.start();
  plugin_bridge::PublishedChains chains;
  for (TestPlugin* plugin : {&first, &second}) {
    plugin_bridge::PublishedHook published;
    published.hook = &plugin->hook();
    published.list_index = static_cast<uint32_t>(chains.hooks.size());
    chains.hooks.push_back(published);
  }
  chains.combine[hooks::HookId::acl_publish] = combine;
  REQUIRE(fixture.bridge->publish(std::move(chains), 100));
  const auto client = make_client();
  access::AuthorizeEvent event;
  event.client = client.get();
  event.topic = "a";
  fixture.ask(0, fixture.access.authorize_publish, event);
  CHECK(event.result.allowed == outcome);
  fixture.publish({});
}

TEST_CASE("A deferred run goes on with who comes next, whoever has left meanwhile", "[plugin_bridge]") {
  BridgeFixture fixture;
  std::string asked;
  patchbay_token token{};
  std::vector<std::unique_ptr<TestPlugin>> plugins;
  // The last one's name comes before the others', so that only its place can put it behind them.
  for (const std::string name : {"m", "n", "a"}) {
    auto plugin =
        std::make_unique<TestPlugin>(*fixture.bridge, TestPlugin::facts(name, static_cast<uint32_t>(name[0])));
    plugin->on(PATCHBAY_HOOK_acl_publish, PATCHBAY_PHASE_DECIDE,
               [&asked, &token, name](const void*, patchbay_token given) {
                 asked += name;
                 if (name == "n") token = given;
                 return answer(name == "n" ? PATCHBAY_DEFER : PATCHBAY_CONTINUE);
               });
    plugin->start();
    plugins.push_back(std::move(plugin));
  }
  const auto all = [&](std::vector<size_t> wanted) {
    std::vector<plugin_bridge::Instance*> instances;
    for (const size_t index : wanted) instances.push_back(plugins[index]->instance.get());
    REQUIRE(fixture.publish(instances));
  };
  all({0, 1, 2});
  const auto client = make_client();
  base::ChainPending<access::AuthorizeEvent> pending([](void*, access::AuthorizeEvent&) {}, nullptr);
  access::AuthorizeEvent event;
  event.client = client.get();
  event.topic = "a";
  REQUIRE_FALSE(fixture.ask(0, fixture.access.authorize_publish, event, pending));
  CHECK(asked == "mn");
  const bool deferrer_leaves = GENERATE(false, true);
  if (deferrer_leaves) {
    all({2});
  } else {
    all({1, 2});
  }
  const patchbay_verdict no_opinion = answer(PATCHBAY_CONTINUE);
  plugins[1]->host()->complete(plugins[1]->host(), token, &no_opinion);
  fixture.turns();
  CHECK(asked == "mna");
  fixture.publish({});
}

TEST_CASE("Cached decisions are void when others decide", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin authorizer(fixture, 1);
  TestPlugin other(fixture, 2);
  authorizer.on(PATCHBAY_HOOK_acl_publish, PATCHBAY_PHASE_DECIDE, nothing);
  other.on(PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE, nothing);
  fixture.publish({other.instance.get()});
  CHECK(fixture.access_changes == 0);
  fixture.publish({authorizer.instance.get()});
  CHECK(fixture.access_changes == 1);
  fixture.publish({});
  CHECK(fixture.access_changes == 2);
}

TEST_CASE("Chains change while shards run, and nobody is called after the barrier", "[plugin_bridge]") {
  BridgeFixture fixture;
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> asked{0};
  const auto client = make_client();
  const auto shard = [&](uint32_t id) {
    const base::ShardScope scope(static_cast<base::ShardId>(id));
    while (!stop.load(std::memory_order_relaxed)) {
      fixture.epoch.enter(id);
      hooks::PublishRewriteEvent event;
      event.client = client.get();
      event.topic = "a";
      hooks::transform(fixture.points.publish_rewrite, fixture.deferrals(id), event);
      asked.fetch_add(1, std::memory_order_relaxed);
      fixture.epoch.leave(id);
    }
  };
  std::thread one(shard, 0U);
  std::thread two(shard, 1U);
  for (int round = 0; round < 50; ++round) {
    // A new instance each time, whose memory goes at once: a call too late would be seen by the sanitizers.
    TestPlugin plugin(fixture, static_cast<uint32_t>(round) + 1);
    auto alive = std::make_unique<std::atomic<bool>>(true);
    plugin.on(PATCHBAY_HOOK_publish_rewrite, PATCHBAY_PHASE_TRANSFORM, [&alive](const void*, patchbay_token) {
      if (!alive->load(std::memory_order_relaxed)) std::terminate();
      return answer(PATCHBAY_CONTINUE);
    });
    plugin.start();
    REQUIRE(fixture.publish({plugin.instance.get()}));
    const uint64_t before = asked.load();
    while (asked.load() < before + 10) std::this_thread::yield();
    REQUIRE(fixture.bridge->publish({}, 10'000));
    alive->store(false);
    CHECK(plugin.instance->held_back().empty());
    CHECK(plugin.hook().statistics().calls > 0);
  }
  stop = true;
  one.join();
  two.join();
}

}  // namespace patchbay::test
