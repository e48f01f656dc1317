#include "hooks/dispatch.h"

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "access/event_filter.h"
#include "support/shard_fixture.h"

using namespace patchbay;
using access::ClientInfo;
using access::ClientInfoRef;
using base::Phase;
using base::Verdict;
using hooks::AcknowledgementHold;
using hooks::DeliverBeforeEvent;
using hooks::PublishAcceptEvent;
using hooks::PublishRewriteEvent;
using hooks::ReplacementMessage;
using hooks::ReplacementText;
using hooks::SubscribeRewriteEvent;
using hooks::WillPublishEvent;
using mqtt::Message;
using mqtt::MessageRef;
using mqtt::ReasonCode;
using test::ShardFixture;

namespace {

/// A chain entry that runs what the test says.
template <class Event>
struct Listener {
  std::function<Verdict(Event&, base::Token)> answer;
  base::Token token;
  int calls = 0;

  static Verdict call(void* self, Event& event, base::Token token) noexcept {
    auto& listener = *static_cast<Listener*>(self);
    ++listener.calls;
    listener.token = token;
    return listener.answer == nullptr ? Verdict::proceeds() : listener.answer(event, token);
  }
  [[nodiscard]] base::ChainEntry<Event> entry(std::string name, Phase phase, int32_t priority = 0) {
    base::ChainEntry<Event> result;
    result.call = &Listener::call;
    result.self = this;
    result.order = {phase, base::ChainOrder::kUnlisted, priority, std::move(name)};
    result.deadline_ms = 1'000;
    return result;
  }
};

MessageRef message(std::string_view topic, std::string_view payload = "x") {
  mqtt::MessageFields fields;
  fields.topic = topic;
  fields.payload = {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()};
  return Message::create(fields);
}

Verdict replaced_by(MessageRef next) {
  return Verdict::replaces_with(std::make_unique<ReplacementMessage>(std::move(next)));
}

Verdict replaced_by(std::string text) {
  return Verdict::replaces_with(std::make_unique<ReplacementText>(std::move(text)));
}

struct Flow {
  ShardFixture shard;
  base::Deferrals deferrals{shard.services};
  hooks::HookPoints points;
  std::vector<PublishAcceptEvent> accepted;
  hooks::HookPending<PublishAcceptEvent> accepting{
      [](void* self, PublishAcceptEvent& event) { static_cast<Flow*>(self)->accepted.push_back(std::move(event)); },
      this};
  ClientInfoRef client = ClientInfo::create({.client_id = "c1", .listener_id = "tcp:default"});

  PublishAcceptEvent publish(std::string_view topic) {
    PublishAcceptEvent event;
    event.client = client.get();
    event.message = message(topic);
    return event;
  }
  template <class Event>
  void use(base::ChainPoint<Event>& point, std::vector<base::ChainEntry<Event>> entries) {
    point.swap(std::move(entries), shard.epoch);
  }
  bool accept(PublishAcceptEvent& event) { return hooks::run(points.publish_accept, deferrals, event, accepting); }
  void complete(base::Token token, Verdict verdict) {
    deferrals.complete(token, verdict);
    shard.mailbox.drain();
  }
};

struct Acknowledged {
  std::vector<std::pair<uint64_t, ReasonCode>> answers;
  static void on_complete(void* owner, uint64_t cookie, ReasonCode reason) {
    static_cast<Acknowledged*>(owner)->answers.emplace_back(cookie, reason);
  }
};

}  // namespace

TEST_CASE("where nobody listens a message passes as it is") {
  Flow flow;
  PublishAcceptEvent event = flow.publish("a");
  const Message* before = event.message.get();
  CHECK(flow.accept(event));
  CHECK(event.outcome == PublishAcceptEvent::Outcome::proceed);
  CHECK(event.message.get() == before);
  CHECK(event.message.use_count() == 1);
  hooks::observe(flow.points.publish_routed, {flow.client.get(), event.message.get(), 3});
}

TEST_CASE("publish.accept: deciders see what was sent, transformers change it one after the other") {
  Flow flow;
  std::vector<std::string> seen;
  Listener<PublishAcceptEvent> decider;
  Listener<PublishAcceptEvent> first;
  Listener<PublishAcceptEvent> second;
  const auto note = [&seen](const char* name, const PublishAcceptEvent& event) {
    seen.push_back(std::string(name) + " " + std::string(event.message->topic()));
  };
  decider.answer = [&](PublishAcceptEvent& event, base::Token) {
    note("decider", event);
    return Verdict::proceeds();
  };
  first.answer = [&](PublishAcceptEvent& event, base::Token) {
    note("first", event);
    return replaced_by(message("b"));
  };
  second.answer = [&](PublishAcceptEvent& event, base::Token) {
    note("second", event);
    return Verdict::proceeds();
  };
  flow.use(flow.points.publish_accept,
           {second.entry("second", Phase::transform, 2), first.entry("first", Phase::transform, 1),
            decider.entry("decider", Phase::decide, 99)});
  PublishAcceptEvent event = flow.publish("a");
  CHECK(flow.accept(event));
  CHECK(seen == std::vector<std::string>{"decider a", "first a", "second b"});
  CHECK(event.replaced);
  CHECK(event.message->topic() == "b");
  CHECK(event.message.use_count() == 1);
}

TEST_CASE("publish.accept: drop is quiet, deny has a reason, both end the run") {
  Flow flow;
  Listener<PublishAcceptEvent> decider;
  Listener<PublishAcceptEvent> changer;
  flow.use(flow.points.publish_accept, {decider.entry("d", Phase::decide), changer.entry("t", Phase::transform)});
  decider.answer = [](PublishAcceptEvent&, base::Token) { return Verdict::drops(); };
  PublishAcceptEvent dropped = flow.publish("a");
  CHECK(flow.accept(dropped));
  CHECK(dropped.outcome == PublishAcceptEvent::Outcome::drop);
  decider.answer = [](PublishAcceptEvent&, base::Token) {
    return Verdict::denies(static_cast<uint8_t>(ReasonCode::payload_format_invalid));
  };
  PublishAcceptEvent denied = flow.publish("a");
  CHECK(flow.accept(denied));
  CHECK(denied.outcome == PublishAcceptEvent::Outcome::deny);
  CHECK(denied.reason == ReasonCode::payload_format_invalid);
  decider.answer = [](PublishAcceptEvent&, base::Token) { return Verdict::fails(); };
  PublishAcceptEvent failed = flow.publish("a");
  CHECK(flow.accept(failed));
  CHECK(failed.outcome == PublishAcceptEvent::Outcome::deny);
  CHECK(failed.reason == ReasonCode::implementation_specific_error);
  CHECK(changer.calls == 0);
}

TEST_CASE("publish.accept: a decision may come later, and the message waits with it") {
  Flow flow;
  Listener<PublishAcceptEvent> slow;
  Listener<PublishAcceptEvent> changer;
  slow.answer = [](PublishAcceptEvent&, base::Token) { return Verdict::defers(); };
  changer.answer = [](PublishAcceptEvent& event, base::Token) {
    return replaced_by(message(std::string(event.message->topic()) + "/changed"));
  };
  flow.use(flow.points.publish_accept, {slow.entry("slow", Phase::decide), changer.entry("t", Phase::transform)});
  {
    PublishAcceptEvent event = flow.publish("a");
    CHECK_FALSE(flow.accept(event));
  }
  CHECK(flow.accepted.empty());
  flow.complete(slow.token, Verdict::proceeds());
  REQUIRE(flow.accepted.size() == 1);
  CHECK(flow.accepted[0].message->topic() == "a/changed");

  PublishAcceptEvent second = flow.publish("b");
  CHECK_FALSE(flow.accept(second));
  flow.complete(slow.token, replaced_by(message("from far away")));
  REQUIRE(flow.accepted.size() == 2);
  CHECK(flow.accepted[1].message->topic() == "from far away/changed");

  PublishAcceptEvent third = flow.publish("c");
  CHECK_FALSE(flow.accept(third));
  flow.shard.after_ms(1'100);
  REQUIRE(flow.accepted.size() == 3);
  CHECK(flow.accepted[2].outcome == PublishAcceptEvent::Outcome::deny);
}

TEST_CASE("publish.accept: a held acknowledgement doesn't hold the message") {
  Flow flow;
  Listener<PublishAcceptEvent> store;
  Listener<PublishAcceptEvent> next;
  store.answer = [](PublishAcceptEvent&, base::Token) { return Verdict::holds_ack(); };
  flow.use(flow.points.publish_accept, {store.entry("store", Phase::decide), next.entry("next", Phase::transform)});
  PublishAcceptEvent event = flow.publish("a");
  CHECK(flow.accept(event));
  CHECK(next.calls == 1);
  CHECK(event.outcome == PublishAcceptEvent::Outcome::proceed);
  REQUIRE(event.acknowledgement_hold != nullptr);
  CHECK_FALSE(event.acknowledgement_hold->complete());
  Acknowledged acknowledged;
  CHECK(event.acknowledgement_hold->wait(&Acknowledged::on_complete, &acknowledged, 42));
  flow.complete(store.token, Verdict::proceeds());
  REQUIRE(acknowledged.answers.size() == 1);
  CHECK(acknowledged.answers[0] == std::pair<uint64_t, ReasonCode>(42, ReasonCode::success));
}

TEST_CASE("an acknowledgement held by several comes when all have answered; the first refusal is its reason") {
  Flow flow;
  Listener<PublishAcceptEvent> first;
  Listener<PublishAcceptEvent> second;
  Listener<PublishAcceptEvent> third;
  for (auto* each : {&first, &second, &third}) {
    each->answer = [](PublishAcceptEvent&, base::Token) { return Verdict::holds_ack(); };
  }
  flow.use(flow.points.publish_accept,
           {first.entry("1", Phase::decide), second.entry("2", Phase::decide), third.entry("3", Phase::transform)});
  PublishAcceptEvent event = flow.publish("a");
  CHECK(flow.accept(event));
  Acknowledged acknowledged;
  CHECK(event.acknowledgement_hold->wait(&Acknowledged::on_complete, &acknowledged, 1));
  flow.complete(second.token, Verdict::denies(static_cast<uint8_t>(ReasonCode::quota_exceeded)));
  flow.complete(first.token, Verdict::proceeds());
  CHECK(acknowledged.answers.empty());
  flow.shard.after_ms(1'100);  // the third never answers: its fallback refuses
  REQUIRE(acknowledged.answers.size() == 1);
  CHECK(acknowledged.answers[0].second == ReasonCode::quota_exceeded);
  CHECK(flow.deferrals.open_count() == 0);
}

TEST_CASE("a hold that completed before anybody waited says so, and one that is destroyed gives up") {
  Flow flow;
  Listener<PublishAcceptEvent> store;
  store.answer = [](PublishAcceptEvent&, base::Token) { return Verdict::holds_ack(); };
  flow.use(flow.points.publish_accept, {store.entry("store", Phase::decide)});
  PublishAcceptEvent event = flow.publish("a");
  CHECK(flow.accept(event));
  flow.complete(store.token, Verdict::fails());
  Acknowledged acknowledged;
  CHECK_FALSE(event.acknowledgement_hold->wait(&Acknowledged::on_complete, &acknowledged, 1));
  CHECK(event.acknowledgement_hold->reason() == ReasonCode::implementation_specific_error);

  PublishAcceptEvent given_up = flow.publish("a");
  CHECK(flow.accept(given_up));
  CHECK(given_up.acknowledgement_hold->wait(&Acknowledged::on_complete, &acknowledged, 2));
  given_up.acknowledgement_hold.reset();
  CHECK(flow.deferrals.complete(store.token, Verdict::proceeds()) == base::CompletionStatus::stale);
  CHECK(acknowledged.answers.empty());
}

TEST_CASE("a hold of an entry may meet a later entry that defers the whole message") {
  Flow flow;
  Listener<PublishAcceptEvent> store;
  Listener<PublishAcceptEvent> slow;
  store.answer = [](PublishAcceptEvent&, base::Token) { return Verdict::holds_ack(); };
  slow.answer = [](PublishAcceptEvent&, base::Token) { return Verdict::defers(); };
  flow.use(flow.points.publish_accept, {store.entry("1", Phase::decide), slow.entry("2", Phase::decide)});
  PublishAcceptEvent event = flow.publish("a");
  CHECK_FALSE(flow.accept(event));
  flow.complete(store.token, Verdict::proceeds());
  flow.complete(slow.token, Verdict::proceeds());
  REQUIRE(flow.accepted.size() == 1);
  REQUIRE(flow.accepted[0].acknowledgement_hold != nullptr);
  CHECK(flow.accepted[0].acknowledgement_hold->complete());
}

TEST_CASE("publish.rewrite changes the topic step by step and never waits") {
  Flow flow;
  Listener<PublishRewriteEvent> first;
  Listener<PublishRewriteEvent> second;
  first.answer = [](PublishRewriteEvent& event, base::Token) {
    return replaced_by("tenant/" + std::string(event.topic));
  };
  second.answer = first.answer;
  flow.use(flow.points.publish_rewrite, {first.entry("1", Phase::transform), second.entry("2", Phase::transform)});
  PublishRewriteEvent event;
  event.topic = "a/b";
  hooks::transform(flow.points.publish_rewrite, flow.deferrals, event);
  CHECK(event.replaced);
  CHECK(event.topic == "tenant/tenant/a/b");
  const PublishRewriteEvent moved = std::move(event);
  CHECK(moved.topic == "tenant/tenant/a/b");

  second.answer = [](PublishRewriteEvent&, base::Token token) {
    CHECK_FALSE(token);
    return Verdict::defers();
  };
  PublishRewriteEvent other;
  other.topic = "x";
  hooks::transform(flow.points.publish_rewrite, flow.deferrals, other);
  CHECK(other.topic == "tenant/x");
  CHECK(flow.shard.counted(base::Counter::deferral_refused) == 1);
}

TEST_CASE("a replacement of another type than the point's changes nothing") {
  Flow flow;
  Listener<PublishRewriteEvent> confused;
  confused.answer = [](PublishRewriteEvent&, base::Token) { return replaced_by(message("m")); };
  flow.use(flow.points.publish_rewrite, {confused.entry("1", Phase::transform)});
  PublishRewriteEvent event;
  event.topic = "a";
  hooks::transform(flow.points.publish_rewrite, flow.deferrals, event);
  CHECK_FALSE(event.replaced);
  CHECK(event.topic == "a");
}

TEST_CASE("subscribe.rewrite replaces or refuses a filter, at once or later") {
  Flow flow;
  Listener<SubscribeRewriteEvent> rewriter;
  Listener<SubscribeRewriteEvent> slow;
  rewriter.answer = [](SubscribeRewriteEvent& event, base::Token) {
    return event.topic_filter == "bad" ? Verdict::drops() : replaced_by("own/" + std::string(event.topic_filter));
  };
  slow.answer = [](SubscribeRewriteEvent&, base::Token) { return Verdict::defers(); };
  std::vector<std::string> done;
  struct Asker {
    std::vector<std::string> filters;
    std::vector<ReasonCode> reasons;
  } asker;
  hooks::HookPending<SubscribeRewriteEvent> pending(
      [](void* owner, SubscribeRewriteEvent& event) {
        static_cast<Asker*>(owner)->filters.emplace_back(event.topic_filter);
        static_cast<Asker*>(owner)->reasons.push_back(event.reason);
      },
      &asker);
  const auto run = [&](std::string_view filter) {
    SubscribeRewriteEvent event;
    event.topic_filter = filter;
    return hooks::run(flow.points.subscribe_rewrite, flow.deferrals, event, pending);
  };
  flow.use(flow.points.subscribe_rewrite, {rewriter.entry("1", Phase::transform)});
  SubscribeRewriteEvent refused;
  refused.topic_filter = "bad";
  CHECK(hooks::run(flow.points.subscribe_rewrite, flow.deferrals, refused, pending));
  CHECK(refused.denied);
  CHECK(refused.reason == ReasonCode::implementation_specific_error);

  flow.use(flow.points.subscribe_rewrite, {rewriter.entry("1", Phase::transform), slow.entry("2", Phase::transform)});
  CHECK_FALSE(run(std::string("a/filter/that/is/longer/than/a/small/string/#")));
  flow.complete(slow.token, Verdict::proceeds());
  REQUIRE(asker.filters.size() == 1);
  CHECK(asker.filters[0] == "own/a/filter/that/is/longer/than/a/small/string/#");
  flow.use(flow.points.subscribe_rewrite, {slow.entry("2", Phase::transform)});
  CHECK_FALSE(run(std::string("a filter that nobody has replaced, in a temporary")));
  flow.complete(slow.token, Verdict::denies(static_cast<uint8_t>(ReasonCode::quota_exceeded)));
  CHECK(asker.filters[1] == "a filter that nobody has replaced, in a temporary");
  CHECK(asker.reasons[1] == ReasonCode::quota_exceeded);
}

TEST_CASE("deliver.before replaces the message for one receiver, or skips it, by its filter") {
  Flow flow;
  Listener<DeliverBeforeEvent> listener;
  auto entry = listener.entry("1", Phase::transform);
  access::set_filter(entry, {{"factory/+"}, {}, {}});
  listener.answer = [](DeliverBeforeEvent& event, base::Token) {
    return event.message->topic() == "factory/secret" ? Verdict::drops() : replaced_by(message("factory/masked"));
  };
  flow.use(flow.points.deliver_before, {entry});
  const auto run = [&flow](std::string_view topic) {
    DeliverBeforeEvent event;
    event.client = flow.client.get();
    event.message = message(topic);
    hooks::transform(flow.points.deliver_before, flow.deferrals, event);
    return event;
  };
  CHECK(run("factory/secret").skip);
  CHECK(run("factory/1").message->topic() == "factory/masked");
  CHECK(run("home/1").message->topic() == "home/1");
  CHECK(listener.calls == 2);
}

TEST_CASE("will.publish replaces or drops a will; when nobody answers it is published as it is") {
  Flow flow;
  Listener<WillPublishEvent> listener;
  auto entry = listener.entry("1", Phase::transform);
  entry.fallback = hooks::hook_info(hooks::HookId::will_publish).fallback;
  flow.use(flow.points.will_publish, {entry});
  std::vector<WillPublishEvent> done;
  hooks::HookPending<WillPublishEvent> pending(
      [](void* owner, WillPublishEvent& event) {
        static_cast<std::vector<WillPublishEvent>*>(owner)->push_back(std::move(event));
      },
      &done);
  WillPublishEvent event;
  event.client = flow.client.get();
  event.message = message("will");
  listener.answer = [](WillPublishEvent&, base::Token) { return Verdict::defers(); };
  CHECK_FALSE(hooks::run(flow.points.will_publish, flow.deferrals, event, pending));
  flow.shard.after_ms(1'100);
  REQUIRE(done.size() == 1);
  CHECK_FALSE(done[0].drop);
  CHECK(done[0].message->topic() == "will");
  listener.answer = [](WillPublishEvent&, base::Token) { return Verdict::drops(); };
  WillPublishEvent dropped;
  dropped.message = message("will");
  CHECK(hooks::run(flow.points.will_publish, flow.deferrals, dropped, pending));
  CHECK(dropped.drop);
}

TEST_CASE("observers get the final event in their order and can't answer") {
  Flow flow;
  std::vector<std::string> seen;
  Listener<hooks::PublishRoutedEvent> first;
  Listener<hooks::PublishRoutedEvent> second;
  first.answer = [&seen](hooks::PublishRoutedEvent& event, base::Token token) {
    CHECK_FALSE(token);
    seen.push_back("first " + std::string(event.message->topic()) + " " + std::to_string(event.receivers));
    return Verdict::denies();
  };
  second.answer = [&seen](hooks::PublishRoutedEvent&, base::Token) {
    seen.emplace_back("second");
    return replaced_by(message("ignored"));
  };
  flow.use(flow.points.publish_routed, {second.entry("b", Phase::observe), first.entry("a", Phase::observe)});
  const MessageRef sent = message("t");
  hooks::observe(flow.points.publish_routed, {flow.client.get(), sent.get(), 2});
  CHECK(seen == std::vector<std::string>{"first t 2", "second"});
}

TEST_CASE("observers of client events may filter by listener") {
  Flow flow;
  Listener<hooks::ClientEvent> listener;
  auto entry = listener.entry("a", Phase::observe);
  access::set_filter(entry, {{}, {"ws:default"}, {}});
  flow.use(flow.points.client_connected, {entry});
  hooks::observe(flow.points.client_connected, {flow.client.get()});
  CHECK(listener.calls == 0);
  const ClientInfoRef other = ClientInfo::create({.client_id = "c2", .listener_id = "ws:default"});
  hooks::observe(flow.points.client_connected, {other.get()});
  CHECK(listener.calls == 1);
}
