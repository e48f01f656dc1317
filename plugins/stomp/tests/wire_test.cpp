// Debian's python3-stomp and npm's stompjs talk with mosquitto's clients through the real broker; a scripted client
// does what they don't.
#include "stomp_broker.h"
#include "wire/support/certificates.h"
#include "wire/support/mqtt_client.h"

using namespace patchbay::stomp::test;  // NOLINT: test
using namespace patchbay::wire;         // NOLINT: test

namespace {

constexpr const char* kSubprotocols =
    "websocket.path = \"/stomp\"\nwebsocket.subprotocols = [\"v12.stomp\", \"v11.stomp\", \"v10.stomp\"]\n";

void check_flows(const std::vector<std::string>& command, const std::string& says) {
  const Finished done = run(command, 50s);
  INFO(done.output << done.error);
  CHECK(done.exit_code == 0);
  CHECK(done.output == says);
}

std::string certificate_text(const Certificate& certificate) {
  return "ssl.certfile = \"" + certificate.certificate_file + "\"\nssl.keyfile = \"" + certificate.key_file + "\"\n";
}

/// A broker with the plugin, and a door of each kind.
struct Doors {
  TemporaryFolder folder;
  CertificateAuthority authority{folder};
  Certificate certificate = authority.issue("localhost");
  std::uint16_t tcp = free_port();
  std::uint16_t ssl = free_port();
  std::uint16_t ws = free_port();
  std::uint16_t wss = free_port();
  PluginBroker broker{"enabled = [\"stomp\"]\n" + plugin_text() + listener_text("tcp", tcp) +
                      listener_text("ssl", ssl, certificate_text(certificate)) +
                      listener_text("ws", ws, kSubprotocols) +
                      listener_text("wss", wss, certificate_text(certificate) + kSubprotocols)};
  Doors() {
    install(broker, PATCHBAY_STOMP_PLUGIN, "stomp.so");
    broker.start();
  }
};

}  // namespace

TEST_CASE("stomp: python3-stomp and mosquitto's clients talk to each other, over TCP and TLS, in each version") {
  Doors doors;
  const std::string script = std::string(PATCHBAY_STOMP_TESTS) + "/python/flows.py";
  const std::string mqtt = std::to_string(doors.broker.port());
  check_flows({"/usr/bin/python3", "-B", script, std::to_string(doors.tcp), mqtt}, "stomp.py ok\n");
  check_flows({"/usr/bin/python3", "-B", script, std::to_string(doors.ssl), mqtt, doors.authority.certificate_file()},
              "stomp.py ok\n");
  CHECK(doors.broker.stop() == 0);
}

TEST_CASE("stomp: stompjs and mosquitto's clients talk to each other, over WebSocket and secure WebSocket") {
  Doors doors;
  const std::string script = std::string(PATCHBAY_STOMP_TESTS) + "/stompjs/flows.js";
  const std::string mqtt = std::to_string(doors.broker.port());
  check_flows({"node", script, "ws://127.0.0.1:" + std::to_string(doors.ws) + "/stomp", mqtt, PATCHBAY_STOMP_MODULES},
              "stompjs ok\n");
  check_flows({"node", script, "wss://localhost:" + std::to_string(doors.wss) + "/stomp", mqtt, PATCHBAY_STOMP_MODULES,
               doors.authority.certificate_file()},
              "stompjs ok\n");
  CHECK(doors.broker.stop() == 0);
}

TEST_CASE("stomp: what is malformed gets an ERROR with a message, and the connection closes") {
  Doors doors;
  const std::string nul(1, '\0');
  for (const std::string& bytes : std::vector<std::string>{
           "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\x10\x0f", "CONNECT\naccept-version:9\n\n" + nul,
           "SEND\ndestination:a\n\n" + nul, "CONNECT\nno colon\n\n" + nul, "CONNECT\nhost:\xff\n\n" + nul}) {
    INFO(bytes);
    StompSocket client(doors.tcp);
    client.socket().send(bytes);
    const Answer answer = client.receive();
    CHECK(answer.command == "ERROR");
    CHECK(answer.value("message").size() > 8);
    CHECK(client.receive().command == "<closed>");
  }
  for (const std::string& frame : std::vector<std::string>{
           "SEND\ndestination:a\nbad:\\t\n\n", "SEND\ndestination:a\ncontent-length:1\n\nxy", "NONSENSE\n\n",
           "SEND\ndestination:a\ncontent-length:99999999\n\n", "SUBSCRIBE\nid:1\ndestination:a/#/b\n\n"}) {
    INFO(frame);
    StompSocket client = StompSocket::connected(doors.tcp);
    CHECK(client.ask(frame).command == "ERROR");
    CHECK(client.receive().command == "<closed>");
  }
  CHECK(doors.broker.stop() == 0);
}

TEST_CASE("stomp: clients are let in, refused and taken over as others are") {
  const std::uint16_t port = free_port();
  PluginBroker broker("enabled = [\"stomp\", \"gate\"]\n" + plugin_text() + "[plugin.gate]\nsoak_s = 0\n" +
                      listener_text("tcp", port));
  install(broker, PATCHBAY_STOMP_PLUGIN, "stomp.so");
  broker.put("gate_v1", "gate.so");  // it lets everybody in but one
  broker.start();
  StompSocket refused(port);
  const Answer answer = refused.ask("STOMP\naccept-version:1.2\nlogin:mallory\npasscode:x\n\n");
  CHECK(answer.command == "ERROR");
  CHECK(answer.value("message") == "Bad CONNECT");
  CHECK(answer.body == "Access refused\n");
  StompSocket client = StompSocket::connected(port, "login:ann\nclient-id:same\n");
  CHECK(client.ask("SEND\ndestination:/topic/x\nreceipt:1\n\n").command == "RECEIPT");
  for (const char* qos : {"0", "1"}) {  // nobody may publish there
    StompSocket denied = StompSocket::connected(port, "login:ann\n");
    const Answer error = denied.ask("SEND\ndestination:$SYS/x\nreceipt:2\nqos:" + std::string(qos) + "\n\n");
    CHECK(error.value("message") == "SEND failed");
    CHECK(error.value("receipt-id") == "2");
    CHECK(error.body == "Access refused\n");
    CHECK(denied.receive().command == "<closed>");
  }
  MqttClient mqtt = MqttClient::connected(broker.port(), {.client_id = "same", .user_name = "ann"});
  CHECK(client.receive().value("message") == "Another connection has taken over the client id");
  CHECK(client.receive().command == "<closed>");
  mqtt.ping();
  CHECK(broker.stop() == 0);
}

TEST_CASE("stomp: clients of all shards get messages of all sizes, and queues share them") {
  Doors doors;
  std::vector<StompSocket> workers;
  for (int i = 0; i < 4; ++i) {
    workers.push_back(StompSocket::connected(doors.tcp, "client-id:worker-" + std::to_string(i) + "\n"));
    CHECK(workers.back().ask("SUBSCRIBE\nid:q\ndestination:/queue/jobs\nreceipt:q\n\n").command == "RECEIPT");
    CHECK(workers.back().ask("SUBSCRIBE\nid:t\ndestination:/topic/all\nreceipt:t\n\n").command == "RECEIPT");
  }
  MqttClient mqtt = MqttClient::connected(doors.broker.port(), {.client_id = "m"});
  for (const size_t size : {size_t{0}, size_t{1}, size_t{5'000}, size_t{300'000}}) {
    const std::string payload(size, 'x');
    mqtt.publish("all", payload, 1);
    for (StompSocket& worker : workers) CHECK(worker.receive().body == payload);
  }
  for (int i = 0; i < 40; ++i) mqtt.publish("jobs", std::to_string(i), 1);
  mqtt.publish("all", "end", 1);
  int jobs = 0;
  for (StompSocket& worker : workers) {
    while (worker.receive().body != "end") ++jobs;
  }
  CHECK(jobs == 40);
  CHECK(doors.broker.stop() == 0);
}

TEST_CASE("stomp: what a SEND says stands in the MESSAGE that comes through the broker") {
  Doors doors;
  StompSocket receiver = StompSocket::connected(doors.tcp);
  CHECK(receiver.ask("SUBSCRIBE\nid:1\ndestination:/topic/all\nreceipt:r\n\n").command == "RECEIPT");
  StompSocket sender = StompSocket::connected(doors.tcp);
  const std::string said =
      "content-type:text/plain\nreply-to:/topic/re.ply\ncorrelation-id:7\npayload-format-indicator:1\ncolour:red\n";
  CHECK(sender.ask("SEND\ndestination:/topic/all\nreceipt:r\nmessage-expiry-interval:600\n" + said + "\nx").command ==
        "RECEIPT");
  const Answer message = receiver.receive();
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"content-type", "text/plain"},
                                                                                    {"reply-to", "/topic/re.ply"},
                                                                                    {"correlation-id", "7"},
                                                                                    {"payload-format-indicator", "1"},
                                                                                    {"qos", "1"},
                                                                                    {"colour", "red"}}) {
    INFO(name);
    CHECK(message.value(name) == value);
  }
  const std::string left = message.value("message-expiry-interval");
  INFO(left);
  CHECK((left == "600" || left == "599" || left == "598"));
  CHECK(doors.broker.stop() == 0);
}
