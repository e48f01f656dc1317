// Every packet of tests/vectors that must be refused, sent to the real broker.
#include <algorithm>
#include <catch2/catch.hpp>

#include "mqtt/reason_code.h"
#include "support/vector_reader.h"
#include "wire/support/broker.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

using test_support::PacketVector;

std::vector<PacketVector> refused_from_clients() {
  std::vector<PacketVector> vectors = test_support::load_packet_vectors();
  std::erase_if(vectors,
                [](const PacketVector& vector) { return vector.is_valid() || vector.sender != mqtt::Sender::client; });
  return vectors;
}

uint8_t version_byte(const PacketVector& vector) {
  switch (vector.version) {
    case mqtt::ProtocolVersion::v3_1:
      return 3;
    case mqtt::ProtocolVersion::v3_1_1:
      return 4;
    default:
      return 5;
  }
}

uint8_t reason_code_of(const PacketVector& vector) {
  for (const mqtt::ReasonCodeRow& row : mqtt::reason_code_table()) {
    if (vector.error_reason == row.name) return static_cast<uint8_t>(row.code);
  }
  FAIL("no reason code has the name " << vector.error_reason);
  return 0;
}

/// Two clients whose traffic must go on, whatever the others send.
class Bystanders {
 public:
  explicit Bystanders(const Broker& broker)
      : one_(MqttClient::connected(broker.tcp_port(), {.client_id = "bystander one"})),
        two_(MqttClient::connected(broker.tcp_port(), {.version = 4, .client_id = "bystander two"})) {
    two_.subscribe({{"bystanders", 1}});
  }
  void check_unharmed() {
    one_.publish("bystanders", std::to_string(++number_), 1);
    REQUIRE(two_.receive().payload == std::to_string(number_));
  }

 private:
  MqttClient one_;
  MqttClient two_;
  int number_ = 0;
};

/// A CONNECT that is refused: CONNACK with the reason where the broker could read far enough to know the version.
void check_connect(const Broker& broker, const PacketVector& vector, const Bytes& bytes) {
  TcpSocket socket(broker.tcp_port());
  socket.send(bytes);
  const Bytes head = socket.receive(4);
  if (!head.empty()) {
    REQUIRE(head[0] == '\x20');
    const auto answer = static_cast<uint8_t>(head[3]);
    // Where the version itself is wrong, the answer has the form that such a client knows [MQTT-3.1.2-2]
    // [MQTT3-3.1.2-2].
    if (version_byte(vector) == 5) {
      CHECK(int{answer} == int{reason_code_of(vector)});
    } else if (reason_code_of(vector) == 0x84) {
      CHECK(int{answer} == 1);
    } else {
      CHECK((answer >= 1 && answer <= 5));
    }
  }
  CHECK(socket.closed_by_peer());
}

/// Any other packet, on a connection that stands: DISCONNECT with the reason for 5.0, the end of the stream for others.
void check_connected(const Broker& broker, const PacketVector& vector, const Bytes& bytes) {
  const uint8_t version = version_byte(vector);
  MqttClient client = MqttClient::connected(broker.tcp_port(), {.version = version, .client_id = "malformed"});
  client.send(bytes);
  if (version == 5) {
    CHECK(int{client.expect_disconnect().reason_code} == int{reason_code_of(vector)});
  } else {
    CHECK(client.closed());
  }
}

}  // namespace

TEST_CASE("malformed packets: each is refused with its reason, and no other client notices") {
  Broker broker;
  Bystanders bystanders(broker);
  const std::vector<PacketVector> vectors = refused_from_clients();
  REQUIRE(vectors.size() > 100);
  for (const PacketVector& vector : vectors) {
    INFO(vector.name << ": " << vector.error_reason << " " << vector.error_clause);
    const Bytes bytes(vector.bytes.begin(), vector.bytes.end());
    try {
      const bool is_connect = !bytes.empty() && (static_cast<uint8_t>(bytes[0]) >> 4) == packet_type::kConnect;
      if (is_connect) {
        check_connect(broker, vector, bytes);
      } else {
        check_connected(broker, vector, bytes);
      }
    } catch (const std::runtime_error& error) {
      FAIL_CHECK(error.what());
    }
    bystanders.check_unharmed();
  }
  CHECK(broker.stop() == 0);
}

TEST_CASE("malformed packets: the log says who and which clause, and does not drown") {
  Broker broker;
  Bystanders bystanders(broker);
  constexpr int kTimes = 200;
  for (int times = 0; times < kTimes; ++times) {
    MqttClient client = MqttClient::connected(broker.tcp_port(), {.client_id = "offender"});
    client.send(packet(0x36, "\x00\x01"));  // QoS 3
    client.expect_disconnect();
  }
  bystanders.check_unharmed();
  CHECK(broker.stop() == 0);
  const std::string& log = broker.process().error();
  const size_t at = log.find("MQTT-3.3.1-4");
  REQUIRE(at != std::string::npos);
  const size_t begin = log.rfind('\n', at) + 1;
  const std::string line = log.substr(begin, log.find('\n', at) - begin);
  INFO(line);
  CHECK(line.find("offender") != std::string::npos);
  CHECK(line.find("127.0.0.1") != std::string::npos);
  size_t lines = 0;
  for (size_t found = at; found != std::string::npos; found = log.find("MQTT-3.3.1-4", found + 1)) ++lines;
  CHECK(lines < kTimes / 2);
}

TEST_CASE("malformed packets: noise, cut packets and closed connections harm nobody") {
  Broker broker;
  Bystanders bystanders(broker);
  uint32_t state = 20241126;  // a fixed seed: the same noise each time
  const auto next = [&] { return state = state * 1664525u + 1013904223u; };
  for (int times = 0; times < 200; ++times) {
    TcpSocket socket(broker.tcp_port());
    Bytes bytes = times % 2 == 0 ? connect_packet({.client_id = "noise"}) : Bytes();
    const size_t size = next() >> 24;
    for (size_t count = 0; count < size; ++count) bytes += static_cast<char>(next() >> 24);
    size_t sent = 0;
    (void)socket.send_some(bytes, sent);
    if (times % 3 == 0) socket.reset();
  }
  const Bytes whole = connect_packet({.client_id = "cut", .user_name = "user", .password = "password"});
  for (size_t length = 0; length < whole.size(); ++length) {
    TcpSocket(broker.tcp_port()).send(std::string_view(whole).substr(0, length));
  }
  bystanders.check_unharmed();
  CHECK(broker.stop() == 0);
}

}  // namespace patchbay::wire
