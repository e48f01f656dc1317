#include <catch2/catch.hpp>

#include "unit/plugin_bridge/support/bridge_fixture.h"

namespace patchbay::test {
namespace {

using hooks::PublishAcceptEvent;

PublishAcceptEvent accept_event(const access::ClientInfo& client, mqtt::MessageRef message = make_message()) {
  PublishAcceptEvent event;
  event.client = &client;
  event.message = std::move(message);
  return event;
}

}  // namespace

TEST_CASE("A hook sees the event in the ABI's form and its answer reaches the core", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  const auto client = make_client();
  std::string seen;
  REQUIRE(plugin.on(PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE, [&](const void* raw, patchbay_token token) {
    const auto& event = *static_cast<const patchbay_publish_accept_event*>(raw);
    CHECK(event.size == sizeof event);
    CHECK(token.id == 0);
    CHECK(event.client == plugin_bridge::to_abi(client.get()));
    seen = text(event.topic);
    return answer(PATCHBAY_DENY, 0x97);
  }) == PATCHBAY_OK);
  plugin.start();
  REQUIRE(fixture.publish({plugin.instance.get()}));

  PublishAcceptEvent event = accept_event(*client);
  REQUIRE(fixture.ask(0, fixture.points.publish_accept, event));
  CHECK(seen == "a/b");
  CHECK(event.outcome == PublishAcceptEvent::Outcome::deny);
  CHECK(event.reason == mqtt::ReasonCode::quota_exceeded);
  const auto statistics = plugin.hook().statistics();
  CHECK(statistics.calls == 1);
  CHECK(statistics.verdicts[PATCHBAY_DENY] == 1);
  CHECK(statistics.verdicts[PATCHBAY_CONTINUE] == 0);
  fixture.publish({});
}

TEST_CASE("CONTINUE asks the next one, in the order that was published", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin first(fixture, 1);
  TestPlugin second(fixture, 2);
  const auto client = make_client();
  std::string order;
  const auto says = [&order](char name, uint8_t kind) {
    return [&order, name, kind](const void*, patchbay_token) {
      order.push_back(name);
      return answer(kind);
    };
  };
  first.on(PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE, says('1', PATCHBAY_CONTINUE));
  second.on(PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE, says('2', PATCHBAY_DROP));
  first.start();
  second.start();

  fixture.publish({first.instance.get(), second.instance.get()});
  PublishAcceptEvent event = accept_event(*client);
  fixture.ask(0, fixture.points.publish_accept, event);
  CHECK(order == "12");
  CHECK(event.outcome == PublishAcceptEvent::Outcome::drop);

  order.clear();
  fixture.publish({second.instance.get(), first.instance.get()});
  PublishAcceptEvent again = accept_event(*client);
  fixture.ask(1, fixture.points.publish_accept, again);
  CHECK(order == "2");
  CHECK(first.hook().statistics().calls == 1);
  CHECK(first.hook().statistics().verdicts[PATCHBAY_CONTINUE] == 1);
  fixture.publish({});
}

TEST_CASE("A replaced message is the plugin's, and nothing of it stays with the instance", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  const auto client = make_client();
  const auto transform = [&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_publish_accept_event*>(raw);
    patchbay_message_fields fields{};
    fields.size = sizeof fields;
    fields.present = PATCHBAY_FIELD_PAYLOAD;
    fields.payload = {reinterpret_cast<const uint8_t*>("changed"), 7};
    const patchbay_message* next = plugin.host()->message_create(plugin.host(), event.message, &fields);
    CHECK(plugin.instance->held().value(plugin_bridge::Held::message_references) == 1);
    return answer_with(PATCHBAY_REPLACE, plugin.answers().message(plugin.host(), next));
  };
  REQUIRE(plugin.on(PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_TRANSFORM, transform) == PATCHBAY_OK);
  plugin.start();
  fixture.publish({plugin.instance.get()});
  PublishAcceptEvent event = accept_event(*client);
  fixture.ask(0, fixture.points.publish_accept, event);
  CHECK(event.replaced);
  CHECK(plugin_bridge::as_text(event.message->payload()) == "changed");
  CHECK(event.message->topic() == "a/b");
  CHECK(plugin.instance->held().value(plugin_bridge::Held::answers) == 0);
  CHECK(plugin.instance->held().value(plugin_bridge::Held::message_references) == 0);
  fixture.publish({});
  CHECK(plugin.instance->held_back().empty());
}

TEST_CASE("What a point does not take is a failed answer", "[plugin_bridge]") {
  const uint8_t kind = GENERATE(as<uint8_t>{}, PATCHBAY_DROP, PATCHBAY_REPLACE, PATCHBAY_DEFER, 17);
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  const auto client = make_client();
  plugin.on(PATCHBAY_HOOK_acl_publish, PATCHBAY_PHASE_DECIDE,
            [&](const void*, patchbay_token) { return answer(kind); });
  plugin.start();
  fixture.publish({plugin.instance.get()});
  access::AuthorizeEvent event;
  event.client = client.get();
  event.topic = "a/b";
  fixture.ask(0, fixture.access.authorize_publish, event);
  CHECK(event.decided);
  CHECK_FALSE(event.result.allowed);
  const auto statistics = plugin.hook().statistics();
  CHECK(statistics.failed + statistics.refused == 1);
  fixture.publish({});
}

TEST_CASE("A plugin that says it failed is settled by the fallback", "[plugin_bridge]") {
  const auto [fallback, outcome] = GENERATE(table<uint32_t, PublishAcceptEvent::Outcome>({
      {PATCHBAY_FALLBACK_DENY, PublishAcceptEvent::Outcome::deny},
      {PATCHBAY_FALLBACK_ALLOW, PublishAcceptEvent::Outcome::proceed},
      {PATCHBAY_FALLBACK_NEXT, PublishAcceptEvent::Outcome::proceed},
      {PATCHBAY_FALLBACK_DEFAULT, PublishAcceptEvent::Outcome::deny},
  }));
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  const auto client = make_client();
  patchbay_hook options{};
  options.fallback = fallback;
  plugin.on(
      PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE,
      [](const void*, patchbay_token) {
        patchbay_verdict failed = answer(PATCHBAY_DENY);
        failed.flags = PATCHBAY_VERDICT_FAILED;
        return failed;
      },
      options);
  plugin.start();
  fixture.publish({plugin.instance.get()});
  PublishAcceptEvent event = accept_event(*client);
  fixture.ask(0, fixture.points.publish_accept, event);
  CHECK(event.outcome == outcome);
  CHECK(plugin.hook().statistics().failed == 1);
  CHECK(plugin.hook().statistics().faults == 0);
  fixture.publish({});
}

TEST_CASE("The operator's fallback and place override the plugin's", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  const auto client = make_client();
  patchbay_hook options{};
  options.fallback = PATCHBAY_FALLBACK_ALLOW;
  plugin.on(
      PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE,
      [](const void*, patchbay_token) { return answer(PATCHBAY_DEFER); }, options);
  plugin.start();
  plugin_bridge::PublishedChains chains;
  plugin_bridge::PublishedHook published;
  published.hook = &plugin.hook();
  published.fallback = base::Fallback::deny;
  chains.hooks.push_back(published);
  REQUIRE(fixture.bridge->publish(std::move(chains), 100));
  PublishAcceptEvent event = accept_event(*client);
  fixture.ask(0, fixture.points.publish_accept, event);
  CHECK(event.outcome == PublishAcceptEvent::Outcome::deny);
  CHECK(plugin.hook().statistics().refused == 1);
  fixture.publish({});
}

TEST_CASE("A filter is the core's work, and an instance does not see its own messages", "[plugin_bridge]") {
  BridgeFixture fixture;
  const bool shows_own = GENERATE(false, true);
  TestPlugin plugin(fixture, 5);
  const auto client = make_client();
  const patchbay_str wanted = text("factory/#");
  patchbay_filter filter{};
  filter.size = sizeof filter;
  filter.topic_filters = &wanted;
  filter.topic_filter_count = 1;
  patchbay_hook options{};
  options.filter = &filter;
  options.flags = shows_own ? PATCHBAY_HOOK_OWN_MESSAGES : 0;
  plugin.on(
      PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE,
      [](const void*, patchbay_token) { return answer(PATCHBAY_DROP); }, options);
  plugin.start();
  fixture.publish({plugin.instance.get()});
  const auto dropped = [&](mqtt::MessageRef message) {
    PublishAcceptEvent event = accept_event(*client, std::move(message));
    fixture.ask(0, fixture.points.publish_accept, event);
    return event.outcome == PublishAcceptEvent::Outcome::drop;
  };
  CHECK_FALSE(dropped(make_message("office/1")));
  CHECK(plugin.hook().statistics().calls == 0);
  CHECK(dropped(make_message("factory/1")));
  CHECK(dropped(make_message("factory/1", "x", 6)));
  CHECK(dropped(make_message("factory/1", "x", 5)) == shows_own);
  fixture.publish({});
}

TEST_CASE("A shadow is asked and not heard", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  const auto client = make_client();
  patchbay_hook options{};
  options.flags = PATCHBAY_HOOK_SHADOW;
  plugin.on(
      PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE,
      [](const void*, patchbay_token) { return answer(PATCHBAY_DENY); }, options);
  plugin.start();
  fixture.publish({plugin.instance.get()});
  PublishAcceptEvent event = accept_event(*client);
  fixture.ask(0, fixture.points.publish_accept, event);
  CHECK(event.outcome == PublishAcceptEvent::Outcome::proceed);
  const base::ShadowTally* tally = fixture.bridge->chains().shadow_of(plugin.hook());
  REQUIRE(tally != nullptr);
  CHECK(tally->asked == 1);
  CHECK(tally->disagreed == 1);
  fixture.publish({});
  CHECK(fixture.bridge->chains().shadow_of(plugin.hook()) == nullptr);
}

TEST_CASE("A shadow that would defer has no opinion", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  const auto client = make_client();
  patchbay_hook options{};
  options.flags = PATCHBAY_HOOK_SHADOW;
  plugin.on(
      PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE,
      [](const void*, patchbay_token) { return answer(PATCHBAY_DEFER); }, options);
  plugin.start();
  fixture.publish({plugin.instance.get()});
  PublishAcceptEvent event = accept_event(*client);
  fixture.ask(0, fixture.points.publish_accept, event);
  CHECK(event.outcome == PublishAcceptEvent::Outcome::proceed);
  CHECK(fixture.bridge->chains().shadow_of(plugin.hook())->denied == 0);
  fixture.publish({});
}

}  // namespace patchbay::test
