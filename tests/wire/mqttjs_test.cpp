// mqtt.js, the client of browsers and Node.js, over TCP, TLS, WebSocket and secure WebSocket.
#include <catch2/catch.hpp>

#include "wire/support/broker.h"
#include "wire/support/certificates.h"
#include "wire/support/tcp_socket.h"

namespace patchbay::wire {
namespace {

void run_flows(const std::string& url, const std::string& authority_file = {}) {
  std::vector<std::string> command = {"node", PATCHBAY_WIRE_DIR "/mqttjs/flows.js", url, PATCHBAY_NODE_MODULES};
  if (!authority_file.empty()) command.push_back(authority_file);
  const Finished done = run(std::move(command), 25s);
  INFO(url << "\n" << done.output << done.error);
  CHECK(done.exit_code == 0);
  CHECK(done.output == "mqtt.js ok\n");
}

}  // namespace

TEST_CASE("mqtt.js: QoS flows, resumed sessions and properties over TCP and WebSocket") {
  Broker broker;
  run_flows("mqtt://127.0.0.1:" + std::to_string(broker.tcp_port()));
  run_flows("ws://127.0.0.1:" + std::to_string(broker.ws_port()) + "/mqtt");
}

TEST_CASE("mqtt.js: the same over TLS and secure WebSocket") {
  const TemporaryFolder folder;
  const CertificateAuthority authority(folder);
  const Certificate certificate = authority.issue("localhost");
  const uint16_t ssl_port = free_port();
  const uint16_t wss_port = free_port();
  Broker::Settings settings = {Broker::bind("ssl", ssl_port), Broker::bind("wss", wss_port)};
  for (const std::string& type : Broker::Settings{"ssl", "wss"}) {
    const std::string listener = "listeners." + type + ".default.ssl.";
    settings.push_back(listener + "certfile=\"" + certificate.certificate_file + "\"");
    settings.push_back(listener + "keyfile=\"" + certificate.key_file + "\"");
  }
  Broker broker(settings);
  run_flows("mqtts://localhost:" + std::to_string(ssl_port), authority.certificate_file());
  run_flows("wss://localhost:" + std::to_string(wss_port) + "/mqtt", authority.certificate_file());
}

}  // namespace patchbay::wire
