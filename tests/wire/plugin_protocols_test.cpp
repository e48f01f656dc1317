// Protocols of the SDK's examples on the real broker: lines over TCP, sensors over UDP.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "wire/plugin_broker.h"
#include "wire/support/certificates.h"
#include "wire/support/mqtt_client.h"
#include "wire/support/process.h"
#include "wire/support/tcp_socket.h"
#include "wire/support/temporary_folder.h"

using namespace patchbay::wire;  // NOLINT: test

namespace {

void install(const PluginBroker& broker, const std::string& name) {
  const std::filesystem::path target = std::filesystem::path(broker.plugins()) / (name + ".so");
  std::filesystem::copy_file(std::string(PATCHBAY_EXAMPLES_DIR) + "/" + name + ".so", target);
  std::filesystem::permissions(target, std::filesystem::perms::owner_all);
}

std::string listener(const std::string& type, uint16_t port, const std::string& protocol) {
  return "[listeners." + type + ".gateway]\nbind = \"127.0.0.1:" + std::to_string(port) + "\"\nprotocol = \"" +
         protocol + "\"\n";
}

std::string plugin(const std::string& name) {
  return "enabled = [\"" + name + "\"]\n[plugin." + name + "]\npermissions = [\"protocol\"]\nsoak_s = 0\n";
}

/// A client that speaks lines.
class LineSocket {
 public:
  explicit LineSocket(uint16_t port) : socket_(port) {}
  std::string ask(const std::string& line) {
    socket_.send(line + "\n");
    return receive();
  }
  std::string receive() {
    size_t end = 0;
    while ((end = unread_.find('\n')) == std::string::npos) {
      const Bytes more = socket_.receive_some();
      if (more.empty()) return "<closed>";
      unread_ += more;
    }
    const std::string line = unread_.substr(0, end);
    unread_.erase(0, end + 1);
    return line;
  }
  TcpSocket& socket() { return socket_; }

 private:
  TcpSocket socket_;
  std::string unread_;
};

/// A sensor that speaks datagrams.
class SensorSocket {
 public:
  explicit SensorSocket(uint16_t port) : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{10, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  }
  ~SensorSocket() { close(fd_); }
  void send(const std::string& datagram) const {
    REQUIRE(::send(fd_, datagram.data(), datagram.size(), 0) == static_cast<ssize_t>(datagram.size()));
  }
  std::string receive() const {
    char datagram[2048];
    const ssize_t size = recv(fd_, datagram, sizeof(datagram), 0);
    return size > 0 ? std::string(datagram, static_cast<size_t>(size)) : std::string("<none>");
  }

 private:
  int fd_;
};

}  // namespace

TEST_CASE("protocols: a plugin's clients and MQTT clients talk to each other") {
  const uint16_t port = free_port();
  PluginBroker broker(plugin("line-gateway") + listener("tcp", port, "line"));
  install(broker, "line-gateway");
  broker.start();
  MqttClient mqtt = MqttClient::connected(broker.port(), {.client_id = "m"});
  mqtt.subscribe({{"up/#", 1}});
  for (int i = 0; i < 8; ++i) {  // on all shards
    LineSocket device(port);
    const std::string number = std::to_string(i);
    CHECK(device.ask("HELLO device-" + number).starts_with("OK"));
    CHECK(device.ask("SUB down/" + number).starts_with("OK"));
    CHECK(device.ask("PUB up/" + number + " hello " + number).starts_with("OK"));
    CHECK(mqtt.receive().payload == "hello " + number);
    mqtt.publish("down/" + number, "there", 1);
    CHECK(device.receive() == "MSG down/" + number + " there");
    CHECK(device.ask("PING") == "PONG");
    device.socket().send("BYE\n");
    CHECK(device.socket().closed_by_peer());
  }
  CHECK(broker.stop() == 0);
}

TEST_CASE("protocols: many lines in one segment are all understood, in order") {
  const uint16_t port = free_port();
  PluginBroker broker(plugin("line-gateway") + listener("tcp", port, "line"));
  install(broker, "line-gateway");
  broker.start();
  MqttClient mqtt = MqttClient::connected(broker.port(), {.client_id = "m"});
  mqtt.subscribe({{"up", 1}});
  LineSocket device(port);
  std::string lines = "HELLO d\n";
  for (int i = 0; i < 200; ++i) lines += "PUB up " + std::to_string(i) + "\n";
  device.socket().send(lines);
  for (int i = 0; i < 200; ++i) CHECK(mqtt.receive().payload == std::to_string(i));
  CHECK(broker.stop() == 0);
}

TEST_CASE("protocols: an MQTT client takes a plugin's client over") {
  const uint16_t port = free_port();
  PluginBroker broker(plugin("line-gateway") + listener("tcp", port, "line"));
  install(broker, "line-gateway");
  broker.start();
  LineSocket device(port);
  CHECK(device.ask("HELLO same").starts_with("OK"));
  MqttClient mqtt = MqttClient::connected(broker.port(), {.client_id = "same"});
  CHECK(device.receive() == "BYE");
  CHECK(device.receive() == "<closed>");
  mqtt.ping();
  CHECK(broker.stop() == 0);
}

TEST_CASE("protocols: when the plugin goes its clients are told; its listener closes until it is back") {
  const uint16_t port = free_port();
  const std::string listeners = listener("tcp", port, "line");
  PluginBroker broker(plugin("line-gateway") + listeners);
  install(broker, "line-gateway");
  broker.start();
  LineSocket device(port);
  CHECK(device.ask("HELLO d").starts_with("OK"));
  broker.configure(listeners);
  broker.reload_until("after=unloaded");
  CHECK(device.receive() == "BYE");
  CHECK(device.receive() == "<closed>");
  LineSocket early(port);
  CHECK(early.socket().closed_by_peer());
  broker.configure(plugin("line-gateway") + listeners);
  broker.reload_until("after=started");
  LineSocket back(port);
  CHECK(back.ask("HELLO d").starts_with("OK"));
  CHECK(broker.stop() == 0);
}

TEST_CASE("protocols: sensors speak datagrams, and are answered by datagrams") {
  const uint16_t port = free_port();
  PluginBroker broker(plugin("udp-sensor") + listener("udp", port, "sensor"));
  install(broker, "udp-sensor");
  broker.start();
  MqttClient mqtt = MqttClient::connected(broker.port(), {.client_id = "m"});
  mqtt.subscribe({{"sensors/+", 1}});
  for (int i = 0; i < 8; ++i) {
    const SensorSocket sensor(port);
    const std::string id = "s" + std::to_string(i);
    sensor.send(id + " 21.5");
    Publish reading = mqtt.receive();
    CHECK(reading.topic == "sensors/" + id);
    CHECK(reading.payload == "21.5");
    sensor.send(id + " 22");
    CHECK(mqtt.receive().payload == "22");
    mqtt.publish("sensors/" + id + "/set", "20", 1);
    CHECK(sensor.receive() == "set 20");
  }
  CHECK(broker.stop() == 0);
}

TEST_CASE("protocols: a sensor of openssl's speaks datagrams inside of DTLS") {
  const uint16_t port = free_port();
  const TemporaryFolder folder;
  const CertificateAuthority authority(folder);
  const Certificate server = authority.issue("server.example");
  PluginBroker broker(plugin("udp-sensor") + listener("dtls", port, "sensor") + "ssl.certfile = \"" +
                      server.certificate_file + "\"\nssl.keyfile = \"" + server.key_file + "\"\n");
  install(broker, "udp-sensor");
  broker.start();
  MqttClient mqtt = MqttClient::connected(broker.port(), {.client_id = "m"});
  mqtt.subscribe({{"sensors/+", 1}});
  Process sensor({"sh", "-c",
                  "(printf 's1 21.5'; sleep 20) | openssl s_client -dtls1_2 -quiet -verify_return_error -CAfile " +
                      authority.certificate_file() + " -connect 127.0.0.1:" + std::to_string(port)});
  const Publish reading = mqtt.receive();
  CHECK(reading.topic == "sensors/s1");
  CHECK(reading.payload == "21.5");
  mqtt.publish("sensors/s1/set", "20", 1);
  CHECK(sensor.wait_for("set 20"));
  CHECK(broker.stop() == 0);
}

TEST_CASE("protocols: MQTT over UDP is refused in the configuration") {
  PluginBroker broker(listener("udp", free_port(), "mqtt"));
  broker.launch();
  CHECK(broker.process().wait_exit(20s) == 1);
  CHECK(broker.says("since MQTT needs a stream"));
}
