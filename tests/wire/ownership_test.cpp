// A session belongs to who made it: user name and client id together.
#include <catch2/catch.hpp>

#include "wire/support/broker.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

ConnectOptions as(const std::string& user_name, uint8_t version = 5) {
  ConnectOptions options{.version = version, .client_id = "shared-id", .clean_start = false};
  options.user_name = user_name;
  options.password = "any";
  options.properties.add(property::kSessionExpiryInterval, 600);
  return options;
}

}  // namespace

TEST_CASE("ownership: another user's connect with the same client id takes nothing over, in any version") {
  const uint8_t version = GENERATE(uint8_t{3}, uint8_t{4}, uint8_t{5});
  Broker broker;
  MqttClient alice = MqttClient::connected(broker.tcp_port(), as("alice"));
  alice.subscribe({{"private/alice", 1}});
  MqttClient mallory(broker.tcp_port(), as("mallory", version));
  const Connack refused = mallory.connect();
  CHECK(refused.reason_code != 0);
  CHECK_FALSE(refused.session_present);
  CHECK(mallory.closed());
  // The owner noticed nothing.
  alice.ping();
  alice.publish("private/alice", "mine", 1);
  CHECK(alice.receive().payload == "mine");
}

TEST_CASE("ownership: a session that sleeps is neither read nor deleted by another user") {
  Broker broker;
  MqttClient alice = MqttClient::connected(broker.tcp_port(), as("alice"));
  alice.subscribe({{"private/alice", 1}});
  alice.disconnect();
  MqttClient publisher = MqttClient::connected(broker.tcp_port(), {.client_id = "publisher"});
  publisher.publish("private/alice", "for alice", 1);

  for (const bool clean_start : {false, true}) {
    ConnectOptions options = as("mallory");
    options.clean_start = clean_start;
    MqttClient mallory(broker.tcp_port(), options);
    CHECK(mallory.connect().reason_code != 0);
  }
  MqttClient anonymous(broker.tcp_port(), {.client_id = "shared-id", .clean_start = true});
  CHECK(anonymous.connect().reason_code != 0);

  MqttClient back = MqttClient::connected(broker.tcp_port(), as("alice"));
  CHECK(back.connack().session_present);
  CHECK(back.receive().payload == "for alice");
}

TEST_CASE("ownership: the same user takes the session over, and a name is free when its session has ended") {
  Broker broker;
  MqttClient first = MqttClient::connected(broker.tcp_port(), as("alice"));
  MqttClient second = MqttClient::connected(broker.tcp_port(), as("alice"));
  CHECK(second.connack().session_present);
  CHECK(first.expect_disconnect().reason_code == 0x8E);
  second.disconnect(0, Properties().add(property::kSessionExpiryInterval, 0));
  MqttClient other = MqttClient::connected(broker.tcp_port(), as("mallory"));
  CHECK_FALSE(other.connack().session_present);
}

}  // namespace patchbay::wire
