// paho-mqtt, the Python client of Debian, over TCP and WebSocket.
#include <catch2/catch.hpp>

#include "wire/support/broker.h"

namespace patchbay::wire {

TEST_CASE("paho-mqtt: QoS flows, resumed sessions, retained messages, wills and properties of 3.1, 3.1.1 and 5.0") {
  const std::string transport = GENERATE("tcp", "websockets");
  Broker broker;
  const uint16_t port = transport == "tcp" ? broker.tcp_port() : broker.ws_port();
  const Finished done =
      run({"/usr/bin/python3", "-B", PATCHBAY_WIRE_DIR "/paho/flows.py", transport, std::to_string(port)}, 50s);
  INFO(done.output << done.error);
  CHECK(done.exit_code == 0);
  CHECK(done.output == "paho ok\n");
}

}  // namespace patchbay::wire
