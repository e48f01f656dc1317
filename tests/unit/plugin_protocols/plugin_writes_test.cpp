// What a plugin writes, and when it leaves.
#include <catch2/catch.hpp>

#include "unit/plugin_protocols/protocol_fixture.h"

using namespace patchbay;        // NOLINT: test
using namespace patchbay::test;  // NOLINT: test

TEST_CASE(
    "a large write is offered to the peer at once, as is the first of some size; others wait for the turn's end") {
  ProtocolFixture fixture;
  LineClient client(fixture);
  constexpr size_t kSpan = 100;
  const std::string text = [] {
    std::string made;
    for (size_t i = 0; made.size() < 40'000; ++i) made += std::to_string(i) + ' ';
    return made.substr(0, 40'000);
  }();
  const auto write = [&](size_t size) {
    std::vector<patchbay_bytes> spans;
    for (size_t at = 0; at < size; at += kSpan)
      spans.push_back({reinterpret_cast<const uint8_t*>(text.data()) + at, kSpan});
    fixture.flow.turn(0, [&] {
      static_cast<void>(fixture.protocol.host.write(fixture.protocol.last->connection, spans.data(), spans.size()));
    });
  };
  write(1'000);
  CHECK(client.sent_at_once.empty());
  CHECK(client.said() == text.substr(0, 1'000));
  client.takes_at_once = 30'050;
  write(40'000);
  CHECK(std::exchange(client.sent_at_once, {}) == text.substr(0, 30'050));
  CHECK(client.said() == text.substr(30'050));
  client.takes_at_once = 10'000;
  write(5'000);  // not the first one since the plugin was called
  CHECK(client.sent_at_once.empty());
  CHECK(client.said() == text.substr(0, 5'000));
  client.send("half a line");
  write(5'000);
  CHECK(client.sent_at_once == text.substr(0, 5'000));
}

TEST_CASE("payloads are written from the message itself") {
  ProtocolFixture fixture;
  LineClient client(fixture);
  mqtt::MessageFields fields;
  fields.topic = "t";
  const std::string payload = "0123456789";
  fields.payload = {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()};
  const mqtt::MessageRef message = mqtt::Message::create(fields);
  const auto* abi = reinterpret_cast<const patchbay_message*>(message.get());
  fixture.flow.turn(0, [&] {
    patchbay_connection* connection = fixture.protocol.last->connection;
    CHECK(fixture.protocol.host.write_payload(connection, abi, 2, 3) == PATCHBAY_OK);
    CHECK(message.use_count() == 2);
    CHECK(fixture.protocol.host.write_payload(connection, abi, 8, 3) == PATCHBAY_INVALID);
    CHECK(fixture.protocol.host.write_payload(connection, nullptr, 0, 0) == PATCHBAY_INVALID);
  });
  CHECK(client.said() == "234");
  CHECK(message.use_count() == 1);
}
