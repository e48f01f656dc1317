#include "session/outbound_inflight.h"

#include <catch2/catch.hpp>
#include <map>
#include <vector>

#include "base/random.h"

using namespace patchbay;
using mqtt::Qos;
using session::OutboundInflight;
using session::OutboundMessage;
using Answer = OutboundInflight::Answer;

namespace {

OutboundMessage message(Qos qos, std::string_view topic = "t") {
  mqtt::MessageFields fields;
  fields.topic = topic;
  fields.qos = qos;
  OutboundMessage outbound;
  outbound.message = mqtt::Message::create(fields);
  outbound.qos = qos;
  return outbound;
}

uint16_t add(OutboundInflight& inflight, Qos qos = Qos::at_least_once) {
  return inflight.add(message(qos)).outbound.packet_id;
}

}  // namespace

TEST_CASE("inflight: identifiers run from 1, never 0, and round again [MQTT-2.2.1-3]") {
  OutboundInflight inflight;
  for (uint32_t i = 1; i <= 65535; ++i) {
    REQUIRE(add(inflight) == i);
    REQUIRE(inflight.on_puback(static_cast<uint16_t>(i)) == Answer::settled);
  }
  CHECK(add(inflight) == 1);
  CHECK(inflight.on_puback(1) == Answer::settled);
  CHECK(inflight.unsettled() == 0);
}

TEST_CASE("inflight: an identifier stays in use until its flow is complete [MQTT-2.2.1-4], [MQTT-4.3.3-1]") {
  OutboundInflight inflight;
  for (int i = 1; i <= 65533; ++i) static_cast<void>(inflight.on_puback(add(inflight)));
  std::vector<uint16_t> identifiers;
  for (int i = 0; i < 5; ++i) identifiers.push_back(add(inflight));
  CHECK(identifiers == std::vector<uint16_t>{65534, 65535, 1, 2, 3});
  for (const uint16_t packet_id : {uint16_t{1}, uint16_t{3}, uint16_t{65534}}) {
    CHECK(inflight.on_puback(packet_id) == Answer::settled);
    CHECK(inflight.on_puback(packet_id) == Answer::unknown);
  }
  CHECK(inflight.unsettled() == 2);
  CHECK(inflight.on_puback(65535) == Answer::settled);
  CHECK(inflight.on_puback(2) == Answer::settled);
  CHECK(add(inflight) == 4);
}

TEST_CASE("inflight: QoS 2 takes PUBREC, then PUBCOMP [MQTT-4.3.3-4], [MQTT-4.3.3-5], [MQTT-4.3.3-6]") {
  OutboundInflight inflight;
  const uint16_t id = add(inflight, Qos::exactly_once);
  CHECK(inflight.on_puback(id) == Answer::unknown);
  CHECK(inflight.on_pubcomp(id) == Answer::unknown);
  CHECK(inflight.on_pubrec(id, false) == Answer::send_pubrel);
  CHECK(inflight.peek(id)->outbound.message.get() == nullptr);
  CHECK(inflight.on_pubrec(id, false) == Answer::send_pubrel);  // our PUBREL may have been lost
  CHECK(inflight.on_pubrec(id, true) == Answer::unknown);
  CHECK(inflight.unsettled() == 1);
  CHECK(inflight.on_pubcomp(id) == Answer::settled);
  CHECK(inflight.on_pubcomp(id) == Answer::unknown);
  CHECK(inflight.on_pubrec(id, false) == Answer::unknown);
}

TEST_CASE("inflight: a PUBREC that refuses ends the flow [MQTT-4.4.0-2]") {
  OutboundInflight inflight;
  const uint16_t id = add(inflight, Qos::exactly_once);
  CHECK(inflight.on_pubrec(id, true) == Answer::settled);
  CHECK(inflight.unsettled() == 0);
}

TEST_CASE("inflight: identifiers that were never given are unknown") {
  OutboundInflight inflight;
  CHECK(inflight.on_puback(1) == Answer::unknown);
  static_cast<void>(add(inflight));
  CHECK(inflight.on_puback(0) == Answer::unknown);
  CHECK(inflight.on_puback(2) == Answer::unknown);
  CHECK(inflight.on_puback(65535) == Answer::unknown);
  CHECK(inflight.peek(2) == nullptr);
}

TEST_CASE("inflight: one old message that is never acknowledged stops the sequence in the end, not the identifiers") {
  OutboundInflight inflight;
  static_cast<void>(add(inflight));
  size_t sent = 1;
  while (inflight.has_room(10)) {
    REQUIRE(inflight.on_puback(add(inflight)) == Answer::settled);
    ++sent;
  }
  CHECK(sent == 256);
  CHECK(inflight.on_puback(1) == Answer::settled);
  CHECK(inflight.has_room(10));
}

TEST_CASE("inflight: a new connection gets everything unsettled again, in order, inside its window [MQTT-4.4.0-1]") {
  OutboundInflight inflight;
  for (int i = 0; i < 6; ++i) static_cast<void>(add(inflight, i % 2 == 0 ? Qos::at_least_once : Qos::exactly_once));
  CHECK(inflight.on_pubrec(2, false) == Answer::send_pubrel);
  CHECK(inflight.on_puback(3) == Answer::settled);
  inflight.begin_resend();
  CHECK_FALSE(inflight.has_room(100));  // nothing new overtakes what is to be sent again
  std::vector<uint16_t> again;
  while (const auto* entry = inflight.next_resend(2)) again.push_back(entry->outbound.packet_id);
  CHECK(again == std::vector<uint16_t>{1, 2});
  CHECK(inflight.on_puback(1) == Answer::settled);
  CHECK(inflight.next_resend(2)->outbound.packet_id == 4);
  CHECK(inflight.next_resend(2) == nullptr);
  CHECK(inflight.on_puback(5) == Answer::settled);  // acknowledged before it was sent again
  CHECK(inflight.on_pubcomp(2) == Answer::settled);
  CHECK(inflight.next_resend(2)->outbound.packet_id == 6);
  CHECK(inflight.next_resend(100) == nullptr);
  CHECK(inflight.has_room(3));
  CHECK(inflight.unsettled() == 2);
}

TEST_CASE("inflight: what the client cannot take any more is given up [MQTT-3.1.2-25]") {
  OutboundInflight inflight;
  for (int i = 0; i < 3; ++i) static_cast<void>(add(inflight));
  inflight.begin_resend();
  inflight.give_up(*inflight.next_resend(10));
  CHECK(inflight.unsettled() == 2);
  CHECK(inflight.next_resend(10)->outbound.packet_id == 2);
  size_t left = 0;
  inflight.for_each_unsettled([&left](OutboundInflight::Entry&) { ++left; });
  CHECK(left == 2);
}

TEST_CASE("inflight: agrees with a plain map of states over a long random run") {
  using State = OutboundInflight::State;
  base::SeededRandom random(5);
  OutboundInflight inflight;
  std::map<uint16_t, State> model;
  for (int step = 0; step < 200'000; ++step) {
    const uint64_t dice = random.below(10);
    if (dice < 4 && inflight.has_room(20)) {
      const bool twice = random.below(2) == 0;
      const uint16_t id = add(inflight, twice ? Qos::exactly_once : Qos::at_least_once);
      REQUIRE(model.emplace(id, twice ? State::awaiting_pubrec : State::awaiting_puback).second);
      continue;
    }
    if (model.empty()) continue;
    auto entry = model.begin();
    std::advance(entry, static_cast<std::ptrdiff_t>(random.below(model.size())));
    const uint16_t id = entry->first;
    if (dice < 6) {
      REQUIRE((inflight.on_puback(id) == Answer::settled) == (entry->second == State::awaiting_puback));
      if (entry->second == State::awaiting_puback) model.erase(entry);
    } else if (dice < 8) {
      const Answer answer = inflight.on_pubrec(id, false);
      REQUIRE((answer == Answer::unknown) == (entry->second == State::awaiting_puback));
      if (entry->second == State::awaiting_pubrec) entry->second = State::awaiting_pubcomp;
    } else {
      REQUIRE((inflight.on_pubcomp(id) == Answer::settled) == (entry->second == State::awaiting_pubcomp));
      if (entry->second == State::awaiting_pubcomp) model.erase(entry);
    }
    REQUIRE(inflight.unsettled() == model.size());
  }
}
