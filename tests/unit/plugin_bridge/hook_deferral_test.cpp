#include <catch2/catch.hpp>

#include "unit/plugin_bridge/support/bridge_fixture.h"

namespace patchbay::test {
namespace {

using hooks::PublishAcceptEvent;

/// A plugin that defers at publish.accept, and one question to it.
struct Deferring {
  explicit Deferring(uint32_t maximum_tokens = 10'000, uint32_t fallback = PATCHBAY_FALLBACK_DENY) {
    auto facts = TestPlugin::facts("slow", 3);
    facts.maximum_tokens = maximum_tokens;
    plugin = std::make_unique<TestPlugin>(fixture, facts);
    patchbay_hook options{};
    options.deadline_ms = 1'000;
    options.fallback = fallback;
    plugin->on(
        PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE,
        [this](const void*, patchbay_token token) {
          tokens.push_back(token);
          return answer(PATCHBAY_DEFER);
        },
        options);
    plugin->start();
    fixture.publish({plugin->instance.get()});
  }
  ~Deferring() { fixture.publish({}); }

  struct Question {
    base::ChainPending<PublishAcceptEvent> pending{[](void* self, PublishAcceptEvent& event) {
                                                     static_cast<Question*>(self)->outcome = event.outcome;
                                                     static_cast<Question*>(self)->reason = event.reason;
                                                   },
                                                   this};
    std::optional<PublishAcceptEvent::Outcome> outcome;
    mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  };
  /// True when it was answered at once.
  bool ask(Question& question, uint32_t shard = 0) {
    PublishAcceptEvent event;
    event.client = client.get();
    event.message = make_message();
    const bool complete = fixture.ask(shard, fixture.points.publish_accept, event, question.pending);
    if (complete) question.outcome = event.outcome;
    return complete;
  }
  patchbay_status complete(patchbay_token token, patchbay_verdict verdict) {
    return plugin->host()->complete(plugin->host(), token, &verdict);
  }

  BridgeFixture fixture;
  access::ClientInfoRef client = make_client();
  std::vector<patchbay_token> tokens;
  std::unique_ptr<TestPlugin> plugin;
};

}  // namespace

TEST_CASE("A deferred question is answered once, by its token", "[plugin_bridge]") {
  Deferring slow;
  Deferring::Question question;
  REQUIRE_FALSE(slow.ask(question));
  REQUIRE(slow.tokens.size() == 1);
  CHECK(slow.tokens[0].id != 0);
  CHECK(slow.plugin->instance->open_tokens() == 1);
  CHECK(slow.complete(slow.tokens[0], answer(PATCHBAY_DENY, 0x87)) == PATCHBAY_OK);
  CHECK(slow.complete(slow.tokens[0], answer(PATCHBAY_ALLOW)) == PATCHBAY_STALE);
  CHECK_FALSE(question.outcome.has_value());
  slow.fixture.turns();
  CHECK(question.outcome == PublishAcceptEvent::Outcome::deny);
  CHECK(question.reason == mqtt::ReasonCode::not_authorized);
  CHECK(slow.plugin->instance->open_tokens() == 0);
  CHECK(slow.plugin->instance->stale() == 1);
  CHECK(slow.plugin->hook().statistics().answered == 1);
  CHECK(slow.plugin->cancelled.empty());
}

TEST_CASE("An answer may come before the hook has returned DEFER", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  plugin.on(PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE, [&](const void*, patchbay_token token) {
    const patchbay_verdict drop = answer(PATCHBAY_DROP);
    CHECK(plugin.host()->complete(plugin.host(), token, &drop) == PATCHBAY_OK);
    return answer(PATCHBAY_DEFER);
  });
  plugin.start();
  fixture.publish({plugin.instance.get()});
  const auto client = make_client();
  std::optional<PublishAcceptEvent::Outcome> outcome;
  base::ChainPending<PublishAcceptEvent> pending(
      [](void* self, PublishAcceptEvent& event) {
        *static_cast<std::optional<PublishAcceptEvent::Outcome>*>(self) = event.outcome;
      },
      &outcome);
  PublishAcceptEvent event;
  event.client = client.get();
  event.message = make_message();
  REQUIRE_FALSE(fixture.ask(1, fixture.points.publish_accept, event, pending));
  fixture.turns();
  CHECK(outcome == PublishAcceptEvent::Outcome::drop);
  CHECK(plugin.instance->open_tokens() == 0);
  fixture.publish({});
}

TEST_CASE("A deadline brings the fallback and tells the plugin", "[plugin_bridge]") {
  Deferring slow;
  Deferring::Question question;
  slow.ask(question);
  slow.fixture.after_ms(900);
  CHECK_FALSE(question.outcome.has_value());
  slow.fixture.after_ms(200);
  CHECK(question.outcome == PublishAcceptEvent::Outcome::deny);
  REQUIRE(slow.plugin->cancelled.size() == 1);
  CHECK(slow.plugin->cancelled[0] == slow.tokens[0].id);
  CHECK(slow.plugin->hook().statistics().late == 1);
  CHECK(slow.plugin->instance->open_tokens() == 0);
  CHECK(slow.complete(slow.tokens[0], answer(PATCHBAY_ALLOW)) == PATCHBAY_STALE);
}

TEST_CASE("A client that goes away voids the token", "[plugin_bridge]") {
  Deferring slow;
  auto question = std::make_unique<Deferring::Question>();
  slow.ask(*question);
  const bool answered_before = GENERATE(false, true);
  if (answered_before) CHECK(slow.complete(slow.tokens[0], answer(PATCHBAY_ALLOW)) == PATCHBAY_OK);
  slow.fixture.turn(0, [&] {
    if (!answered_before) question.reset();
  });
  question.reset();
  slow.fixture.turns();
  CHECK(slow.plugin->instance->open_tokens() == 0);
  CHECK(slow.plugin->cancelled.size() == (answered_before ? 0 : 1));
  CHECK(slow.complete(slow.tokens[0], answer(PATCHBAY_ALLOW)) == PATCHBAY_STALE);
}

TEST_CASE("Above the cap of open tokens the fallback counts at once", "[plugin_bridge]") {
  Deferring slow(2);
  Deferring::Question first;
  Deferring::Question second;
  Deferring::Question third;
  CHECK_FALSE(slow.ask(first, 0));
  CHECK_FALSE(slow.ask(second, 1));
  CHECK(slow.ask(third));
  CHECK(third.outcome == PublishAcceptEvent::Outcome::deny);
  REQUIRE(slow.tokens.size() == 3);
  CHECK(slow.tokens[2].id == 0);
  CHECK(slow.plugin->hook().statistics().refused == 1);
  CHECK(slow.complete(slow.tokens[0], answer(PATCHBAY_ALLOW)) == PATCHBAY_OK);
  slow.fixture.turns();
  CHECK_FALSE(slow.ask(third));
}

TEST_CASE("Above the cap it is the fallback that counts, also where a failure would deny", "[plugin_bridge]") {
  BridgeFixture fixture;
  auto facts = TestPlugin::facts("full", 3);
  facts.maximum_tokens = 0;
  TestPlugin plugin(fixture, facts);
  const bool allows = GENERATE(true, false);
  patchbay_hook options{};
  options.fallback = allows ? PATCHBAY_FALLBACK_ALLOW : PATCHBAY_FALLBACK_DENY;
  plugin.on(
      PATCHBAY_HOOK_acl_publish, PATCHBAY_PHASE_DECIDE,
      [](const void*, patchbay_token token) {
        CHECK(token.id == 0);
        return answer(PATCHBAY_DEFER);
      },
      options);
  plugin.start();
  fixture.publish({plugin.instance.get()});
  const auto client = make_client();
  base::ChainPending<access::AuthorizeEvent> pending([](void*, access::AuthorizeEvent&) {}, nullptr);
  access::AuthorizeEvent event;
  event.client = client.get();
  event.topic = "a";
  REQUIRE(fixture.ask(0, fixture.access.authorize_publish, event, pending));
  CHECK(event.result.allowed == allows);
  CHECK(fixture.deferrals(0).open_count() == 0);
  fixture.publish({});
}

TEST_CASE("Nobody can answer another instance's token", "[plugin_bridge]") {
  Deferring slow;
  TestPlugin stranger(slow.fixture, 9);
  stranger.start();
  Deferring::Question question;
  slow.ask(question);
  const patchbay_verdict allow = answer(PATCHBAY_ALLOW);
  CHECK(stranger.host()->complete(stranger.host(), slow.tokens[0], &allow) != PATCHBAY_OK);
  CHECK(stranger.host()->complete(stranger.host(), patchbay_token{0}, &allow) == PATCHBAY_INVALID);
  slow.fixture.turns();
  CHECK_FALSE(question.outcome.has_value());
  CHECK(slow.complete(slow.tokens[0], answer(PATCHBAY_DROP)) == PATCHBAY_OK);
  slow.fixture.turns();
  CHECK(question.outcome == PublishAcceptEvent::Outcome::drop);
}

TEST_CASE("A late answer that the point does not take is a failed one", "[plugin_bridge]") {
  const uint8_t kind = GENERATE(as<uint8_t>{}, PATCHBAY_DEFER, PATCHBAY_REPLACE, 99);
  Deferring slow;
  Deferring::Question question;
  slow.ask(question);
  CHECK(slow.complete(slow.tokens[0], answer(kind)) == PATCHBAY_OK);
  slow.fixture.turns();
  CHECK(question.outcome == PublishAcceptEvent::Outcome::deny);
  CHECK(slow.plugin->hook().statistics().failed == 1);
  CHECK(slow.plugin->hook().statistics().faults == 1);
  CHECK(slow.plugin->hook().statistics().thrown == 0);
}

TEST_CASE("An exception after a wait is counted as one", "[plugin_bridge]") {
  Deferring slow;
  Deferring::Question question;
  slow.ask(question);
  patchbay_verdict threw = answer(PATCHBAY_DENY);
  threw.flags = PATCHBAY_VERDICT_FAILED | PATCHBAY_VERDICT_THREW;
  CHECK(slow.complete(slow.tokens[0], threw) == PATCHBAY_OK);
  slow.fixture.turns();
  CHECK(question.outcome == PublishAcceptEvent::Outcome::deny);
  CHECK(slow.plugin->hook().statistics().failed == 1);
  CHECK(slow.plugin->hook().statistics().faults == 1);
  CHECK(slow.plugin->hook().statistics().thrown == 1);
}

TEST_CASE("An instance that is closed answers nothing any more, and its handle is destroyed", "[plugin_bridge]") {
  Deferring slow;
  Deferring::Question question;
  slow.ask(question);
  slow.plugin->instance->gate().move_to(plugin_bridge::GateState::closed);
  const uint64_t handle = slow.plugin->answers().text(slow.plugin->host(), text("a"));
  CHECK(slow.plugin->instance->held().value(plugin_bridge::Held::answers) == 1);
  CHECK(slow.complete(slow.tokens[0], answer_with(PATCHBAY_REPLACE, handle)) == PATCHBAY_STALE);
  CHECK(slow.plugin->instance->held().value(plugin_bridge::Held::answers) == 0);
  slow.fixture.after_ms(1'100);
  CHECK(question.outcome == PublishAcceptEvent::Outcome::deny);
  CHECK(slow.plugin->cancelled.empty());
}

TEST_CASE("HOLD_ACK routes at once and acknowledges when the token is completed", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  patchbay_token held{};
  plugin.on(PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE, [&](const void*, patchbay_token token) {
    held = token;
    patchbay_verdict verdict = answer(PATCHBAY_DEFER);
    verdict.flags = PATCHBAY_VERDICT_HOLD_ACK;
    return verdict;
  });
  plugin.start();
  fixture.publish({plugin.instance.get()});
  const auto client = make_client();
  base::ChainPending<PublishAcceptEvent> pending([](void*, PublishAcceptEvent&) {}, nullptr);
  PublishAcceptEvent event;
  event.client = client.get();
  event.message = make_message();
  REQUIRE(fixture.ask(0, fixture.points.publish_accept, event, pending));
  CHECK(event.outcome == PublishAcceptEvent::Outcome::proceed);
  REQUIRE(event.acknowledgement_hold != nullptr);
  CHECK_FALSE(event.acknowledgement_hold->complete());
  CHECK(plugin.instance->open_tokens() == 1);
  const patchbay_verdict allow = answer(PATCHBAY_ALLOW);
  CHECK(plugin.host()->complete(plugin.host(), held, &allow) == PATCHBAY_OK);
  fixture.turns();
  CHECK(event.acknowledgement_hold->complete());
  CHECK(plugin.instance->open_tokens() == 0);
  fixture.publish({});
}

}  // namespace patchbay::test
