// Hook points of the connection layer through the tables of plugins, over real sockets.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "wire/plugin_broker.h"
#include "wire/support/certificates.h"
#include "wire/support/mqtt_client.h"
#include "wire/support/websocket.h"

using namespace patchbay::wire;  // NOLINT: test

namespace {

/// A broker with the plugin "connections" and listeners of several kinds.
struct WatchedBroker {
  explicit WatchedBroker(const std::string& more = {}) : broker("enabled = [\"connections\"" + more) {
    broker.put("connections", "connections.so");
  }
  static std::string listener(const std::string& kind, const std::string& name, uint16_t port,
                              const std::string& more = {}) {
    return "[listeners." + kind + "." + name + "]\nbind = \"127.0.0.1:" + std::to_string(port) + "\"\n" + more;
  }
  [[nodiscard]] bool saw(const std::string& line) { return broker.process().wait_for("saw " + line); }
  [[nodiscard]] bool has_seen(const std::string& line) const { return broker.says("saw " + line); }

  PluginBroker broker;
};

/// A TLS listener with a certificate of its own, and clients with others.
struct SecureSetting {
  explicit SecureSetting(const std::string& more = {}) {
    const Certificate server = authority.issue("localhost");
    text = WatchedBroker::listener(
        "ssl", "default", port,
        "ssl.certfile = \"" + server.certificate_file + "\"\nssl.keyfile = \"" + server.key_file + "\"\n" + more);
  }
  [[nodiscard]] std::vector<std::string> publish(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {
        "mosquitto_pub", "-h", "localhost", "-p", std::to_string(port), "-V", "5", "-q", "1", "-t",
        "secure/a",      "-m", "hello"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  TemporaryFolder folder;
  CertificateAuthority authority{folder};
  uint16_t port = free_port();
  std::string text;
};

}  // namespace

TEST_CASE(
    "hooks: conn.accept refuses an address before a byte is read; conn.opened and conn.closed tell of the others") {
  WatchedBroker watched("]\n");
  watched.broker.start();
  const std::string port = std::to_string(watched.broker.port());
  const Finished refused =
      run({"mosquitto_pub", "-h", "127.0.0.1", "-A", "127.0.0.9", "-p", port, "-t", "a", "-m", "x", "-i", "nine"});
  CHECK(refused.exit_code != 0);
  CHECK(watched.saw("conn.accept 127.0.0.9 [tcp:default]"));
  CHECK_FALSE(watched.has_seen("connected nine"));
  CHECK_FALSE(watched.has_seen("conn.opened"));

  const Finished welcome =
      run({"mosquitto_pub", "-h", "127.0.0.1", "-A", "127.0.0.8", "-p", port, "-t", "a", "-m", "x", "-i", "eight"});
  CHECK(welcome.exit_code == 0);
  CHECK(watched.saw("conn.accept 127.0.0.8 [tcp:default]"));
  CHECK(watched.saw("conn.opened tcp:default []"));
  CHECK(watched.saw("connected eight"));
  CHECK(watched.saw("conn.closed tcp:default ["));
  CHECK_FALSE(watched.has_seen("conn.closed tcp:default [0 0"));  // bytes went both ways
  CHECK(watched.broker.stop() == 0);
}

TEST_CASE("hooks: conn.limits bounds what one listener's clients may send, and nobody else's") {
  const uint16_t port = free_port();
  WatchedBroker watched("]\n" + WatchedBroker::listener("tcp", "small", port));
  watched.broker.start();
  MqttClient small = MqttClient::connected(port, {.client_id = "small"});
  CHECK(watched.saw("conn.limits 127.0.0.1 [tcp:small]"));
  CHECK(small.publish("a", std::string(500, 's'), 1) < 0x80);
  small.send(publish_packet(5, {.topic = "a", .payload = std::string(2'000, 's')}));
  CHECK(small.expect_disconnect().reason_code == 0x95);  // Packet too large
  MqttClient large = MqttClient::connected(watched.broker.port(), {.client_id = "large"});
  CHECK(large.publish("a", std::string(2'000, 'l'), 1) < 0x80);
  CHECK(watched.broker.stop() == 0);
}

TEST_CASE("hooks: packet.in and packet.out see each packet with its size and topic") {
  WatchedBroker watched("]\n");
  watched.broker.start();
  MqttClient client = MqttClient::connected(watched.broker.port(), {.client_id = "c"});
  CHECK(watched.saw("packet.in 1 ["));
  CHECK(watched.saw("packet.out 2 ["));
  client.subscribe({{"seen/#", 1}});
  CHECK(watched.saw("packet.in 8 ["));
  CHECK(watched.saw("packet.out 9 ["));
  client.publish("seen/a", "hello", 1);
  CHECK(client.receive().payload == "hello");
  // 2 bytes of fixed header, 2 + 6 of topic, 2 of packet id, 1 of properties, 5 of payload
  CHECK(watched.saw("packet.in 3 [18 seen/a]"));
  CHECK(watched.saw("packet.out 3 [18 seen/a]"));
  CHECK(watched.saw("packet.out 4 ["));
  CHECK(watched.saw("packet.in 4 ["));
  client.ping();
  CHECK(watched.saw("packet.in 12 [2 ]"));
  CHECK(watched.saw("packet.out 13 [2 ]"));
  client.disconnect();
  CHECK(watched.saw("packet.in 14 ["));
  CHECK(watched.broker.stop() == 0);
}

TEST_CASE("hooks: conn.detect chooses the protocol of a connection by its first bytes, or closes it") {
  WatchedBroker watched(", \"line-gateway\"]\n[plugin.line-gateway]\npermissions = [\"protocol\"]\n");
  const std::filesystem::path target = std::filesystem::path(watched.broker.plugins()) / "line-gateway.so";
  std::filesystem::copy_file(std::string(PATCHBAY_EXAMPLES_DIR) + "/line-gateway.so", target);
  std::filesystem::permissions(target, std::filesystem::perms::owner_all);
  watched.broker.start();
  const uint16_t port = watched.broker.port();
  MqttClient mqtt = MqttClient::connected(port, {.client_id = "m"});
  mqtt.subscribe({{"#", 1}});

  TcpSocket lines(port);
  lines.send("HEL");  // not enough to say: the hook asks for more
  CHECK(watched.saw("conn.detect HEL [|]"));
  lines.send("LO gate\n");
  CHECK(lines.receive(3).starts_with("OK"));
  CHECK(watched.saw("conn.detect HELLO [|]"));
  CHECK(watched.saw("proto.opened tcp:default [line]"));
  lines.send("PUB a/b from lines\n");
  CHECK(mqtt.receive().payload == "from lines");

  TcpSocket refused(port);
  refused.send("X nothing that is known");
  CHECK(refused.closed_by_peer());
  lines.send("BYE\n");
  CHECK(lines.closed_by_peer());
  CHECK(watched.saw("proto.closed tcp:default [line]"));
  mqtt.ping();
  CHECK(watched.broker.stop() == 0);
}

TEST_CASE("hooks: conn.tls_psk gives a device its key, and none to others") {
  const SecureSetting secure;
  WatchedBroker watched("]\n" + secure.text);
  watched.broker.start();
  const Finished device = run(
      secure.publish({"--psk-identity", "sensor", "--psk", "30313233343536373839616263646566", "-i", "psk-sensor"}));
  CHECK(device.exit_code == 0);
  CHECK(watched.saw("conn.tls_psk sensor [ssl:default]"));
  CHECK(watched.saw("connected psk-sensor"));
  // Where only a key will do; otherwise a client without one is served with the listener's certificate.
  const auto shakes_hands = [&](const std::string& identity, const std::string& key) {
    return run({"openssl", "s_client", "-connect", "127.0.0.1:" + std::to_string(secure.port), "-tls1_2", "-cipher",
                "PSK-AES128-GCM-SHA256", "-psk_identity", identity, "-psk", key})
               .exit_code == 0;
  };
  CHECK(shakes_hands("sensor", "30313233343536373839616263646566"));
  CHECK_FALSE(shakes_hands("sensor", "00000000000000000000000000000000"));
  CHECK_FALSE(shakes_hands("stranger", "30313233343536373839616263646566"));
  CHECK(watched.saw("conn.tls_psk stranger [ssl:default]"));
  CHECK(watched.broker.stop() == 0);
}

TEST_CASE("hooks: conn.tls_cert lets a certificate in under another name, or refuses one that is valid") {
  const TemporaryFolder folder;
  const CertificateAuthority devices(folder, "devices");
  const SecureSetting secure("ssl.cacertfile = \"" + devices.certificate_file() +
                             "\"\nssl.verify = \"peer\"\nssl.fail_if_no_peer_cert = true\n");
  WatchedBroker watched("]\n" + secure.text);
  watched.broker.start();
  const auto with = [&](const std::string& common_name) {
    const Certificate own = devices.issue(common_name);
    return run(secure.publish({"--cafile", secure.authority.certificate_file(), "--cert", own.certificate_file, "--key",
                               own.key_file, "-i", common_name}))
        .exit_code;
  };
  CHECK(with("device-7") == 0);
  CHECK(watched.saw("conn.tls_cert device-7 [1]"));
  CHECK(watched.saw("conn.detect"));
  CHECK(watched.saw("connected device-7"));
  CHECK(with("mallory") != 0);
  CHECK(watched.saw("conn.tls_cert mallory [1]"));
  CHECK_FALSE(watched.has_seen("connected mallory"));
  CHECK(watched.broker.stop() == 0);
}
