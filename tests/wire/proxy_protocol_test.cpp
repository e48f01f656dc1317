// PROXY protocol, versions 1 and 2: the address that a load balancer tells is the client's.
#include <catch2/catch.hpp>

#include "wire/support/broker.h"
#include "wire/support/fields.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

const Broker::Settings kBehindProxy = {"listeners.tcp.proxied.proxy_protocol=true",
                                       "listeners.tcp.proxied.proxy_protocol_timeout_s=1"};

struct ProxiedBroker {
  uint16_t port = free_port();
  Broker broker{[this] {
    Broker::Settings settings = kBehindProxy;
    settings.push_back(Broker::bind("tcp", port, "proxied"));
    return settings;
  }()};
  MqttClient watcher = MqttClient::connected(broker.tcp_port(), {.client_id = "watcher"});

  ProxiedBroker() { watcher.subscribe({{"$SYS/brokers/+/clients/+/connected", 0}}); }

  /// What the broker says of a client that connects behind `header`.
  std::string event_for(const Bytes& header) {
    MqttClient client(port, {.client_id = "behind"});
    client.send(header);
    CHECK(client.connect().reason_code == 0);
    const Publish event = watcher.receive();
    CHECK(event.topic.find("/clients/behind/connected") != std::string::npos);
    return event.payload;
  }
};

Bytes version2(uint8_t command, uint8_t family, const Bytes& addresses) {
  const Bytes signature("\r\n\r\n\0\r\nQUIT\n", 12);
  return signature + Bytes{static_cast<char>(0x20 | command), static_cast<char>(family)} +
         two_bytes(static_cast<uint32_t>(addresses.size())) + addresses;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("PROXY v1 and v2: the client's address is the one in the header") {
  ProxiedBroker proxied;
  CHECK(contains(proxied.event_for("PROXY TCP4 203.0.113.9 192.0.2.1 4000 1883\r\n"), "203.0.113.9"));
  CHECK(contains(proxied.event_for("PROXY TCP6 2001:db8::7 2001:db8::1 4000 1883\r\n"), "2001:db8::7"));
  CHECK(contains(proxied.event_for("PROXY UNKNOWN\r\n"), "127.0.0.1"));
  const Bytes ports = two_bytes(4000) + two_bytes(1883);
  CHECK(contains(proxied.event_for(version2(1, 0x11, Bytes("\xCB\0\x71\x0A\x7F\0\0\x01", 8) + ports)), "203.0.113.10"));
  const Bytes v6 = "\x20\x01\x0d\xb8" + Bytes(11, '\0') + "\x08";
  CHECK(contains(proxied.event_for(version2(1, 0x21, v6 + v6 + ports)), "2001:db8::8"));
  // LOCAL is the balancer itself, asking whether we live.
  CHECK(contains(proxied.event_for(version2(0, 0x00, "")), "127.0.0.1"));
  // What an extension adds behind the addresses is skipped.
  CHECK(contains(
      proxied.event_for(version2(1, 0x11, Bytes("\xCB\0\x71\x0B\x7F\0\0\x01", 8) + ports + Bytes("\x04\0\x02xx", 5))),
      "203.0.113.11"));
}

TEST_CASE("PROXY: the header and CONNECT may come in any pieces") {
  ProxiedBroker proxied;
  MqttClient client(proxied.port, {.client_id = "pieces"});
  for (const char byte : std::string("PROXY TCP4 203.0.113.9 192.0.2.1 4000 1883\r\n")) client.send(Bytes(1, byte));
  CHECK(client.connect().reason_code == 0);
}

TEST_CASE("PROXY: no header, a malformed one or none in time closes the connection, and nobody else's") {
  ProxiedBroker proxied;
  const std::vector<Bytes> wrong = {
      connect_packet({.client_id = "direct"}),
      "PROXY TCP4 203.0.113.999 192.0.2.1 4000 1883\r\n",
      "PROXY TCP4 203.0.113.9 192.0.2.1 4000\r\n",
      "PROXY " + Bytes(200, 'x'),
      version2(1, 0x11, "short"),
      version2(7, 0x11, Bytes(12, 'a')),
      Bytes("\r\n\r\n\0\r\nQUIT\n", 12) + Bytes("\x31\x11\0\0", 4),
      "",  // nothing at all: the time runs out
  };
  for (const Bytes& bytes : wrong) {
    TcpSocket socket(proxied.port);
    socket.send(bytes);
    INFO(Catch::Detail::stringify(bytes));
    CHECK(socket.closed_by_peer(5s));
  }
  proxied.watcher.ping();
}

TEST_CASE("PROXY: a listener that does not expect the header takes it for a malformed packet") {
  Broker broker({"mqtt.idle_timeout_s=1"});
  TcpSocket socket(broker.tcp_port());
  socket.send("PROXY TCP4 203.0.113.9 192.0.2.1 4000 1883\r\n");
  CHECK(socket.closed_by_peer());
}

}  // namespace patchbay::wire
