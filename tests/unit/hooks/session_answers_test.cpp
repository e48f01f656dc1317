// What the events of the session layer make of answers.

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>

#include "hooks/replacements.h"
#include "hooks/reply_out_event.h"
#include "hooks/session_events.h"
#include "hooks/session_open_events.h"

using namespace patchbay;
using namespace patchbay::hooks;
using base::Verdict;
using mqtt::PacketType;
using mqtt::Qos;
using mqtt::ReasonCode;

namespace {

template <class Event>
bool apply(Event& event, Verdict verdict) {
  const bool over = event.apply(verdict);
  CHECK_FALSE(verdict.has(Verdict::owns_argument));  // taken or destroyed, whatever it was
  return over;
}

Verdict text(std::string value) {
  return Verdict::replaces_with(std::make_unique<ReplacementText>(std::move(value)));
}

Verdict grants(SessionTerms terms) {
  return Verdict::replaces_with(std::make_unique<SessionGrant>(std::move(terms)));
}

Verdict wrong_argument() {
  return Verdict::replaces_with(std::make_unique<ReplacementMessage>(mqtt::MessageRef()));
}

Verdict becomes(std::vector<RequestedSubscription> subscriptions) {
  return Verdict::replaces_with(std::make_unique<SubscribeReplacement>(std::move(subscriptions)));
}

RequestedSubscription filter(std::string topic_filter, Qos qos = Qos::at_most_once) {
  RequestedSubscription subscription;
  subscription.topic_filter = std::move(topic_filter);
  subscription.maximum_qos = qos;
  return subscription;
}

}  // namespace

TEST_CASE("session.open: terms of several entries are merged, the later one wins") {
  SessionOpenEvent event;
  SessionTerms first;
  first.session_expiry_interval_s = 10;
  first.receive_maximum = 5;
  CHECK_FALSE(apply(event, grants(first)));
  SessionTerms second;
  second.receive_maximum = 6;
  second.response_information = "r";
  CHECK_FALSE(apply(event, grants(second)));
  CHECK(event.terms.session_expiry_interval_s == 10U);
  CHECK(event.terms.receive_maximum == uint16_t{6});
  CHECK(event.terms.response_information == "r");
  CHECK_FALSE(event.terms.maximum_packet_size);
  CHECK_FALSE(apply(event, Verdict::allows()));
  CHECK_FALSE(apply(event, wrong_argument()));
  CHECK_FALSE(event.refused);
}

TEST_CASE("session.open: a server reference or a denial ends the run") {
  SessionTerms away;
  away.server_reference = "other:1883";
  SessionOpenEvent elsewhere;
  CHECK(apply(elsewhere, grants(away)));
  CHECK((elsewhere.refused && elsewhere.reason == ReasonCode::use_another_server));
  away.moved = true;
  SessionOpenEvent moved;
  CHECK(apply(moved, grants(away)));
  CHECK(moved.reason == ReasonCode::server_moved);
  SessionOpenEvent denied;
  CHECK(apply(denied, Verdict::denies(static_cast<uint8_t>(ReasonCode::banned))));
  CHECK((denied.refused && denied.reason == ReasonCode::banned));
  SessionOpenEvent dropped;
  CHECK(apply(dropped, Verdict::drops()));
  CHECK(dropped.reason == ReasonCode::server_unavailable);
  away.server_reference = "\xC0\x80";  // no packet can carry it
  SessionOpenEvent impossible;
  CHECK_FALSE(apply(impossible, grants(away)));
  CHECK_FALSE(impossible.refused);
}

TEST_CASE("session.conflict: allow and deny decide, nothing else does") {
  SessionConflictEvent event;
  CHECK_FALSE(apply(event, Verdict::proceeds()));
  CHECK_FALSE(apply(event, wrong_argument()));
  CHECK(apply(event, Verdict::allows()));
  CHECK_FALSE(event.refused);
  CHECK(apply(event, Verdict::denies()));
  CHECK((event.refused && event.reason == ReasonCode::client_identifier_not_valid));
}

TEST_CASE("subscribe.rewrite: a text replaces the filter, a subscription its options too, further ones are added") {
  SubscribeRewriteEvent event;
  event.topic_filter = "a";
  event.qos = Qos::exactly_once;
  event.retain_handling = 1;
  CHECK_FALSE(apply(event, text("b")));
  CHECK((event.topic_filter == "b" && event.qos == Qos::exactly_once && event.retain_handling == 1));
  CHECK_FALSE(apply(event, becomes({filter("c", Qos::at_least_once), filter("d"), filter("e")})));
  CHECK((event.topic_filter == "c" && event.qos == Qos::at_least_once && event.retain_handling == 0));
  REQUIRE(event.added.size() == 2);
  CHECK(event.added[1].topic_filter == "e");
  SubscribeRewriteEvent moved = std::move(event);
  moved.own();
  CHECK(moved.topic_filter == "c");
  CHECK(apply(moved, Verdict::drops()));
  CHECK((moved.denied && moved.reason == ReasonCode::implementation_specific_error));
}

TEST_CASE("subscribe.rewrite: what no SUBSCRIBE could say is no answer, and additions are bounded") {
  SubscribeRewriteEvent event;
  event.topic_filter = "a";
  RequestedSubscription odd = filter("x");
  odd.retain_handling = 3;
  CHECK_FALSE(apply(event, becomes({odd, filter("\xFF"), filter("y", static_cast<Qos>(3))})));
  CHECK_FALSE(apply(event, becomes({})));
  CHECK_FALSE(apply(event, text(std::string("a\0b", 3))));
  CHECK_FALSE(apply(event, wrong_argument()));
  CHECK((!event.replaced && event.topic_filter == "a" && event.added.empty()));
  for (int round = 0; round < 3; ++round) {
    std::vector<RequestedSubscription> many;
    for (int i = 0; i < 10; ++i) many.push_back(filter(std::to_string(i)));
    CHECK_FALSE(apply(event, becomes(std::move(many))));
  }
  CHECK(event.added.size() == SubscribeRewriteEvent::kMaximumAdded);
}

TEST_CASE("unsubscribe.rewrite: another filter, and further ones, bounded") {
  UnsubscribeRewriteEvent event;
  event.topic_filter = "a";
  CHECK_FALSE(apply(event, Verdict::denies()));
  CHECK_FALSE(event.replaced);
  CHECK_FALSE(apply(event, text("b")));
  CHECK((event.replaced && event.topic_filter == "b"));
  std::vector<RequestedSubscription> many;
  for (int i = 0; i < 30; ++i) many.push_back(filter(std::to_string(i)));
  CHECK_FALSE(apply(event, becomes(std::move(many))));
  CHECK(event.topic_filter == "0");
  CHECK(event.added.size() == SubscribeRewriteEvent::kMaximumAdded);
  CHECK_FALSE(apply(event, becomes({})));
  CHECK(event.topic_filter == "0");
}

TEST_CASE("queue.overflow: the number of an action, and nothing but that") {
  using Action = QueueOverflowEvent::Action;
  QueueOverflowEvent event;
  Verdict verdict = Verdict::allows();
  verdict.argument = 4;
  CHECK_FALSE(apply(event, verdict));
  CHECK_FALSE(apply(event, Verdict::allows()));
  CHECK_FALSE(apply(event, Verdict::denies()));
  CHECK_FALSE(apply(event, Verdict::allows_with(std::make_unique<ReplacementText>("x"))));
  CHECK(event.action == Action::configured);
  verdict.argument = 3;
  CHECK(apply(event, verdict));
  CHECK(event.action == Action::disconnect);
}

TEST_CASE("reply.out: reason codes stay in their class and fit the packet [MQTT-3.2.2-8], [MQTT-3.14.2-1]") {
  const auto outcome = [](PacketType type, ReasonCode before, ReasonCode wanted) {
    ReplyOutEvent event;
    event.packet_type = type;
    event.reason = before;
    auto answer = std::make_unique<ReplyProperties>();
    answer->reason = wanted;
    CHECK_FALSE(apply(event, Verdict::replaces_with(std::move(answer))));
    return event.reason;
  };
  CHECK(outcome(PacketType::connack, ReasonCode::not_authorized, ReasonCode::banned) == ReasonCode::banned);
  CHECK(outcome(PacketType::connack, ReasonCode::not_authorized, ReasonCode::success) == ReasonCode::not_authorized);
  CHECK(outcome(PacketType::connack, ReasonCode::success, ReasonCode::banned) == ReasonCode::success);
  CHECK(outcome(PacketType::connack, ReasonCode::banned, ReasonCode::keep_alive_timeout) == ReasonCode::banned);
  CHECK(outcome(PacketType::disconnect, ReasonCode::administrative_action, ReasonCode::quota_exceeded) ==
        ReasonCode::quota_exceeded);
  CHECK(outcome(PacketType::suback, ReasonCode::granted_qos_1, ReasonCode::success) == ReasonCode::granted_qos_1);
  CHECK(outcome(PacketType::unsuback, ReasonCode::success, ReasonCode::no_subscription_existed) == ReasonCode::success);
  CHECK(outcome(PacketType::auth, ReasonCode::success, ReasonCode::continue_authentication) == ReasonCode::success);
}

TEST_CASE("reply.out: texts are added up, bounded, and only those that a packet can carry") {
  ReplyOutEvent event;
  for (int round = 0; round < 3; ++round) {
    auto answer = std::make_unique<ReplyProperties>();
    answer->reason_string = round == 1 ? "\xFF" : "round " + std::to_string(round);
    for (int i = 0; i < 30; ++i) answer->user_properties.emplace_back("n", std::to_string(i));
    answer->user_properties.emplace_back("bad", "\xFF");
    CHECK_FALSE(apply(event, Verdict::replaces_with(std::move(answer))));
  }
  CHECK(event.replaced);
  CHECK(event.reason_string == "round 2");
  CHECK(event.user_properties.size() == ReplyOutEvent::kMaximumUserProperties);
  ReplyOutEvent untouched;
  CHECK_FALSE(apply(untouched, Verdict::denies()));
  CHECK_FALSE(apply(untouched, wrong_argument()));
  CHECK_FALSE(untouched.replaced);
}
