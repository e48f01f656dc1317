// session.open, session.conflict, and what the session observers are told.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "session/session.h"
#include "support/chain_listener.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using base::Counter;
using base::Verdict;
using hooks::SessionConflictEvent;
using hooks::SessionOpenEvent;
using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using mqtt::Qos;
using mqtt::ReasonCode;

namespace {

using Open = ChainListener<SessionOpenEvent>;
using Conflict = ChainListener<SessionConflictEvent>;

Verdict grants(hooks::SessionTerms terms) {
  return Verdict::replaces_with(std::make_unique<hooks::SessionGrant>(std::move(terms)));
}

Verdict redirects(bool moved) {
  hooks::SessionTerms terms;
  terms.server_reference = "broker-2.example:1883";
  terms.moved = moved;
  return grants(std::move(terms));
}

ConnectOptions lasting(std::string client_id, uint32_t session_expiry_interval_s = 500) {
  ConnectOptions options;
  options.client_id = std::move(client_id);
  options.clean_start = false;
  options.session_expiry_interval_s = session_expiry_interval_s;
  return options;
}

}  // namespace

TEST_CASE("session.open sees what the client asks for, and what it grants is told and kept") {
  FlowHarness harness;
  SessionOpenEvent seen;
  std::string client_id;
  const Open open(harness, harness.hook_points.session_open, base::Phase::transform,
                  [&](SessionOpenEvent& event, base::Token) {
                    client_id = event.client->client_id();
                    seen.clean_start = event.clean_start;
                    seen.session_expiry_interval_s = event.session_expiry_interval_s;
                    seen.receive_maximum = event.receive_maximum;
                    seen.maximum_packet_size = event.maximum_packet_size;
                    seen.keep_alive_s = event.keep_alive_s;
                    hooks::SessionTerms terms;
                    terms.session_expiry_interval_s = 50;
                    terms.receive_maximum = 2;
                    terms.maximum_packet_size = 200;
                    terms.keep_alive_s = 7;
                    terms.response_information = "answers/mine";
                    return grants(terms);
                  });
  TestClient client(harness);
  ConnectOptions options = lasting("c");
  options.receive_maximum = 9;
  options.maximum_packet_size = 4000;
  options.adjust = [](mqtt::Connect& connect) { connect.properties.set(PropertyId::request_response_information, 1U); };
  const ReceivedPacket connack = client.connect(options);
  CHECK(connack.reason == ReasonCode::success);
  CHECK(client_id == "c");
  CHECK((!seen.clean_start && seen.session_expiry_interval_s == 500 && seen.keep_alive_s == 60));
  CHECK((seen.receive_maximum == 9 && seen.maximum_packet_size == 4000));
  CHECK(connack.properties.session_expiry_interval_s == 50);
  CHECK(connack.properties.receive_maximum == 2);
  CHECK(connack.properties.maximum_packet_size == 200);
  CHECK(connack.properties.server_keep_alive_s == 7);
  CHECK(connack.properties.response_information == "answers/mine");  // [MQTT-3.1.2-28] it has asked
  CHECK(harness.find_session("c")->session_expiry_interval_s == 50);
  // The limits hold for this connection: a third unacknowledged QoS 2 message is too many [MQTT-3.3.4-7].
  for (uint16_t id = 1; id <= 3; ++id) client.publish("t", "x", Qos::exactly_once, false, id);
  CHECK(client.closed());
  TestClient large(harness);
  large.connect(lasting("large"));
  large.publish("t", std::string(300, 'x'));
  CHECK(large.closed());
  TestClient silent(harness);
  silent.connect(lasting("silent"));
  harness.advance_ms(11'000);  // one and a half times seven seconds [MQTT-3.1.2-22]
  CHECK(silent.close_reason() == session::CloseReason::keep_alive_timeout);
}

TEST_CASE("session.open grants no more than the operator, and nothing impossible") {
  FlowOptions options;
  options.session.maximum_session_expiry_interval_s = 1000;
  options.session.receive_maximum = 10;
  options.session.maximum_keep_alive_s = 100;
  FlowHarness harness(options);
  hooks::SessionTerms terms;
  const Open open(harness, harness.hook_points.session_open, base::Phase::transform,
                  [&terms](SessionOpenEvent&, base::Token) { return grants(terms); });
  terms.session_expiry_interval_s = 0xFFFFFFFF;
  terms.receive_maximum = 500;
  terms.maximum_packet_size = 0xFFFFFFFF;
  terms.keep_alive_s = 5000;
  TestClient greedy(harness);
  const ReceivedPacket most = greedy.connect(lasting("greedy"));
  CHECK(most.properties.session_expiry_interval_s == 1000);
  CHECK(most.properties.receive_maximum == 10);
  CHECK(most.properties.maximum_packet_size == options.session.maximum_packet_size);
  CHECK(most.properties.server_keep_alive_s == 100);
  terms = {};
  terms.receive_maximum = 0;  // would be a protocol error
  terms.maximum_packet_size = 0;
  terms.keep_alive_s = 0;
  TestClient zero(harness);
  const ReceivedPacket least = zero.connect(lasting("zero"));
  CHECK(least.properties.receive_maximum == 10);
  CHECK(least.properties.maximum_packet_size == options.session.maximum_packet_size);
  CHECK_FALSE(least.properties.has(PropertyId::server_keep_alive));
}

TEST_CASE(
    "session.open: what was granted is not raised by DISCONNECT, and 3.1.1 clean sessions end with their client") {
  FlowHarness harness;
  const Open open(harness, harness.hook_points.session_open, base::Phase::transform,
                  [](SessionOpenEvent&, base::Token) {
                    hooks::SessionTerms terms;
                    terms.session_expiry_interval_s = 30;
                    return grants(terms);
                  });
  TestClient client(harness);
  client.connect(lasting("c"));
  client.disconnect(ReasonCode::success, 400);
  REQUIRE(harness.find_session("c") != nullptr);
  CHECK(harness.find_session("c")->session_expiry_interval_s == 30);
  harness.advance_ms(31'000);
  CHECK(harness.find_session("c") == nullptr);
  TestClient old(harness);
  ConnectOptions options;
  options.client_id = "old";
  options.version = ProtocolVersion::v3_1_1;
  old.connect(options);
  old.drop();
  CHECK(harness.find_session("old") == nullptr);
  TestClient old_lasting(harness);
  options.clean_start = false;
  old_lasting.connect(options);
  CHECK(harness.find_session("old")->session_expiry_interval_s == 30);
}

TEST_CASE("session.open may send the client away, and CONNACK says where [4.11]") {
  FlowHarness harness;
  bool moved = false;
  const Open open(harness, harness.hook_points.session_open, base::Phase::transform,
                  [&moved](SessionOpenEvent&, base::Token) { return redirects(moved); });
  TestClient client(harness);
  const ReceivedPacket away = client.connect();
  CHECK(away.reason == ReasonCode::use_another_server);
  CHECK(away.properties.server_reference == "broker-2.example:1883");
  CHECK(client.closed());
  moved = true;
  TestClient for_good(harness);
  CHECK(for_good.connect().reason == ReasonCode::server_moved);
  TestClient old(harness);  // cannot be told where: server unavailable
  ConnectOptions options;
  options.version = ProtocolVersion::v3_1_1;
  CHECK(old.connect(options).reason == ReasonCode::server_unavailable);
  CHECK(harness.counted(Counter::sessions) == 0);
}

TEST_CASE("session.open may be answered later, refuse, or be too late: then the core's values count") {
  FlowHarness harness;
  std::vector<base::Token> open_tokens;
  const Open open(
      harness, harness.hook_points.session_open, base::Phase::transform,
      [&open_tokens](SessionOpenEvent&, base::Token token) {
        open_tokens.push_back(token);
        return Verdict::defers();
      },
      base::Fallback::next);
  TestClient patient(harness);
  patient.send_connect(lasting("patient"));
  CHECK(patient.reading_paused());
  CHECK_FALSE(patient.has_packets());
  hooks::SessionTerms terms;
  terms.session_expiry_interval_s = 5;
  CHECK(harness.completions.complete(open_tokens.at(0), grants(terms)) == base::CompletionStatus::accepted);
  CHECK(patient.next_packet().properties.session_expiry_interval_s == 5);
  CHECK_FALSE(patient.reading_paused());
  TestClient refused(harness);
  refused.send_connect(lasting("refused"));
  harness.completions.complete(open_tokens.at(1), Verdict::denies(static_cast<uint8_t>(ReasonCode::quota_exceeded)));
  CHECK(refused.next_packet().reason == ReasonCode::quota_exceeded);
  CHECK(refused.closed());
  TestClient late(harness);
  late.send_connect(lasting("late"));
  harness.advance_ms(2'100);
  const ReceivedPacket connack = late.next_packet();
  CHECK(connack.reason == ReasonCode::success);
  CHECK_FALSE(connack.properties.has(PropertyId::session_expiry_interval));
  CHECK(harness.find_session("late")->session_expiry_interval_s == 500);
  TestClient gone(harness);
  gone.send_connect(lasting("gone"));
  gone.drop();
  CHECK(harness.completions.complete(open_tokens.at(3), Verdict::proceeds()) == base::CompletionStatus::stale);
  CHECK(harness.find_session("gone") == nullptr);
}

TEST_CASE("session.conflict: the new connection takes over [MQTT-3.1.4-3], or is refused and the old one stays") {
  FlowHarness harness;
  enum class Answer { nothing, allow, deny, drop } answer = Answer::deny;
  const Conflict conflict(harness, harness.hook_points.session_conflict, base::Phase::decide,
                          [&answer](SessionConflictEvent& event, base::Token) {
                            CHECK(event.client->client_id() == "c");
                            CHECK(event.client->handle() == 0);  // the new one has no session yet
                            CHECK(event.existing->handle() != 0);
                            if (answer == Answer::deny)
                              return Verdict::denies(static_cast<uint8_t>(ReasonCode::server_busy));
                            if (answer == Answer::drop) return Verdict::drops();
                            return answer == Answer::allow ? Verdict::allows() : Verdict::proceeds();
                          });
  TestClient old(harness);
  CHECK(old.connect(lasting("c")).reason == ReasonCode::success);
  TestClient denied(harness);
  CHECK(denied.connect(lasting("c")).reason == ReasonCode::server_busy);
  answer = Answer::drop;
  TestClient dropped(harness);
  CHECK(dropped.connect(lasting("c")).reason == ReasonCode::client_identifier_not_valid);
  CHECK_FALSE(old.closed());
  old.subscribe("t");
  CHECK(harness.counted(Counter::session_taken_over) == 0);
  answer = Answer::allow;
  TestClient second(harness);
  CHECK(second.connect(lasting("c")).session_present);
  CHECK(old.next_packet().reason == ReasonCode::session_taken_over);
  answer = Answer::nothing;
  TestClient third(harness);
  CHECK(third.connect(lasting("c")).session_present);
  CHECK(second.close_reason() == session::CloseReason::taken_over);
  third.drop();
  TestClient fourth(harness);  // no conflict: nobody is asked
  answer = Answer::deny;
  CHECK(fourth.connect(lasting("c")).reason == ReasonCode::success);
}

TEST_CASE("session observers are told of every change, with real counts and reasons") {
  FlowHarness harness;
  std::vector<std::string> heard;
  const auto listen = [&](base::ChainPoint<hooks::SessionEvent>& point, std::string name) {
    return observe(harness, point, [&heard, name = std::move(name)](hooks::SessionEvent& event) {
      heard.push_back(name + " " + std::string(event.client_id) + " " + std::string(event.reason) + " " +
                      std::to_string(event.subscriptions) + "/" + std::to_string(event.queued_messages));
      CHECK(event.client != nullptr);
    });
  };
  hooks::HookPoints& points = harness.hook_points;
  const auto created = listen(points.session_created, "created");
  const auto resumed = listen(points.session_resumed, "resumed");
  const auto taken_over = listen(points.session_taken_over, "taken_over");
  const auto discarded = listen(points.session_discarded, "discarded");
  const auto ended = listen(points.session_ended, "ended");
  const auto last = [&heard] { return std::exchange(heard, {}); };
  using Heard = std::vector<std::string>;
  auto first = std::make_unique<TestClient>(harness);
  first->connect(lasting("c"));
  CHECK(last() == Heard{"created c  0/0"});
  first->subscribe("a");
  first->subscribe("b");
  first->drop();
  TestClient publisher(harness);
  publisher.connect();
  publisher.publish("a", "x", Qos::at_least_once);
  last();
  auto second = std::make_unique<TestClient>(harness);
  second->connect(lasting("c"));
  CHECK(last() == Heard{"resumed c  2/1"});
  auto third = std::make_unique<TestClient>(harness);
  third->connect(lasting("c"));
  CHECK(last() == Heard{"taken_over c  2/0", "resumed c  2/0"});
  ConnectOptions clean = lasting("c", 0);
  clean.clean_start = true;
  TestClient fourth(harness);
  fourth.connect(clean);
  CHECK(last() == Heard{"taken_over c  2/0", "discarded c clean_start 2/0", "ended c discarded 2/0", "created c  0/0"});
  fourth.drop();
  CHECK(last() == Heard{"ended c closed 0/0"});
  TestClient expiring(harness);
  expiring.connect(lasting("e", 1));
  expiring.drop();
  last();
  harness.advance_ms(1'200);
  CHECK(last() == Heard{"ended e expired 0/0"});
}
