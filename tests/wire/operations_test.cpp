// Starting, stopping, logging: what an operator sees of the program.
#include <signal.h>

#include <catch2/catch.hpp>

#include "wire/support/broker.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("operations: --version names program and version") {
  const Finished done = run({Broker::program(), "--version"});
  CHECK(done.exit_code == 0);
  CHECK(contains(done.output, "0.1.0"));
}

TEST_CASE("operations: an unknown command or option is refused with its name") {
  const Finished command = run({Broker::program(), "strat"});
  CHECK(command.exit_code != 0);
  CHECK(contains(command.output + command.error, "strat"));
  const Finished option = run({Broker::program(), "start", "--date", "x"});
  CHECK(option.exit_code != 0);
  CHECK(contains(option.output + option.error, "--date"));
}

TEST_CASE("operations: the ready line names the listeners, and each accepts by then") {
  Broker broker;
  std::string line = broker.process().output() + broker.process().error();
  line = line.substr(line.find("patchbay ready"));
  line = line.substr(0, line.find('\n'));
  CHECK(contains(line, std::to_string(broker.tcp_port())));
  CHECK(contains(line, std::to_string(broker.ws_port())));
  TcpSocket tcp(broker.tcp_port());
  TcpSocket ws(broker.ws_port());
}

TEST_CASE("operations: SIGTERM and SIGINT say 0x8B to v5 clients, close v3 clients and end with 0") {
  const int signal = GENERATE(SIGTERM, SIGINT);
  Broker broker;
  MqttClient v5 = MqttClient::connected(broker.tcp_port(), {.client_id = "v5"});
  MqttClient v3 = MqttClient::connected(broker.tcp_port(), {.version = 4, .client_id = "v3"});
  broker.signal(signal);
  CHECK(v5.expect_disconnect().reason_code == 0x8B);
  CHECK(v3.closed());
  CHECK(broker.process().wait_exit() == 0);
}

TEST_CASE("operations: what was sent before the stop arrives before the goodbye") {
  Broker broker;
  MqttClient subscriber = MqttClient::connected(broker.tcp_port(), {.client_id = "subscriber"});
  subscriber.acknowledge_by_hand();  // a PUBACK written to a broker that has gone would be answered with a reset
  subscriber.subscribe({{"last", 1}});
  MqttClient publisher = MqttClient::connected(broker.tcp_port(), {.client_id = "publisher"});
  for (int number = 0; number < 20; ++number) publisher.publish("last", std::to_string(number), 1);
  broker.signal(SIGTERM);
  for (int number = 0; number < 20; ++number) CHECK(subscriber.receive().payload == std::to_string(number));
  CHECK(subscriber.expect_disconnect().reason_code == 0x8B);
}

TEST_CASE("operations: a port that is taken is said, with exit code 1") {
  Broker broker;
  TemporaryFolder folder;
  const Finished done =
      run({Broker::program(), "start", "--data", folder.path("data"), "--set", Broker::bind("tcp", broker.tcp_port()),
           "--set", "listeners.ws.default.bind=\"\"", "--set", "api.bind=\"\""});
  CHECK(done.exit_code == 1);
  CHECK(contains(done.error, std::to_string(broker.tcp_port())));
  CHECK_FALSE(contains(done.output + done.error, "patchbay ready"));
}

TEST_CASE("operations: the broker can be started again at once on the same ports") {
  Broker broker;
  MqttClient client = MqttClient::connected(broker.tcp_port(), {.client_id = "client"});
  CHECK(broker.stop() == 0);
  broker.start();
  MqttClient again = MqttClient::connected(broker.tcp_port(), {.client_id = "client"});
  again.ping();
}

TEST_CASE("operations: SIGHUP changes neither sessions nor connections") {
  Broker broker;
  MqttClient client = MqttClient::connected(broker.tcp_port(), {.client_id = "client"});
  client.subscribe({{"a", 1}});
  for (int times = 0; times < 3; ++times) {
    broker.signal(SIGHUP);
    client.publish("a", "still here", 1);
    CHECK(client.receive().payload == "still here");
  }
  CHECK(broker.stop() == 0);
}

TEST_CASE("operations: logs are text or JSON, one line for each event, without secrets") {
  Broker broker({"log.format=\"json\"", "log.level=\"debug\""});
  MqttClient client = MqttClient::connected(
      broker.tcp_port(), {.client_id = "the-client", .user_name = "someone", .password = "the-secret"});
  client.send(packet(0x00, "never a packet"));
  client.expect_disconnect();
  CHECK(broker.stop() == 0);
  const std::string& log = broker.process().error();
  CHECK(contains(log, "the-client"));
  CHECK_FALSE(contains(log, "the-secret"));
  size_t lines = 0;
  for (size_t begin = 0, end; (end = log.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string line = log.substr(begin, end - begin);
    if (contains(line, "patchbay ready")) continue;
    INFO(line);
    CHECK((line.front() == '{' && line.back() == '}'));
    ++lines;
  }
  CHECK(lines > 0);
}

TEST_CASE("operations: $SYS topics tell of the broker to clients on loopback") {
  Broker broker({"sys_topics.sys_msg_interval_s=1", "sys_topics.sys_heartbeat_interval_s=1"});
  MqttClient client = MqttClient::connected(broker.tcp_port(), {.client_id = "operator"});
  client.subscribe({{"$SYS/brokers/+/version", 0}, {"$SYS/brokers/+/uptime", 0}});
  bool version = false;
  bool uptime = false;
  const Deadline deadline(kPatience);
  while (!(version && uptime) && !deadline.passed()) {
    const Publish message = client.receive();
    version = version || (contains(message.topic, "/version") && message.payload == "0.1.0");
    uptime = uptime || contains(message.topic, "/uptime");
  }
  CHECK(version);
  CHECK(uptime);
}

TEST_CASE("operations: $SYS topics tell what clients do, to those who subscribe, alone or as a group") {
  Broker broker({"sys_topics.sys_event_messages.client_connected=true",
                 "sys_topics.sys_event_messages.client_disconnected=true",
                 "sys_topics.sys_event_messages.client_subscribed=true",
                 "sys_topics.sys_event_messages.client_unsubscribed=true"});
  const std::string filter =
      GENERATE("$SYS/brokers/+/clients/guest/#", "$SYS/brokers/patchbay@127.0.0.1/clients/guest/+", "$share/g/$SYS/#");
  MqttClient watching = MqttClient::connected(broker.tcp_port(), {.client_id = "operator"});
  watching.subscribe({{filter, 0}});
  MqttClient guest = MqttClient::connected(broker.tcp_port(), {.client_id = "guest"});
  guest.subscribe({{"t", 0}});
  guest.unsubscribe({"t"});
  guest.disconnect();
  for (const std::string event : {"connected", "subscribed", "unsubscribed", "disconnected"}) {
    Publish message = watching.receive();
    while (!contains(message.topic, "/clients/guest/")) message = watching.receive();
    CHECK(contains(message.topic, "/clients/guest/" + event));
    CHECK(contains(message.payload, "\"clientid\":\"guest\""));
  }
}

TEST_CASE("operations: $SYS cannot be written by clients") {
  Broker broker;
  MqttClient client = MqttClient::connected(broker.tcp_port(), {.client_id = "liar"});
  CHECK(client.publish("$SYS/brokers/x/version", "9.9.9", 1) >= 0x80);
}

}  // namespace patchbay::wire
