// The configuration from file, environment and command line, and what is said of its mistakes.
#include <signal.h>

#include <catch2/catch.hpp>

#include "wire/support/broker.h"
#include "wire/support/mqtt_client.h"
#include "wire/support/temporary_folder.h"

namespace patchbay::wire {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Finished check_config(const std::string& file) {
  return run({Broker::program(), "check-config", "--config", file});
}

}  // namespace

TEST_CASE("configuration: check-config accepts a good file with exit code 0") {
  TemporaryFolder folder;
  const std::string file = folder.write("patchbay.toml",
                                        "[listeners.tcp.default]\nbind = \"127.0.0.1:1884\"\n"
                                        "[mqtt]\nmax_inflight = 16\nmax_mqueue_len = 100\n");
  const Finished done = check_config(file);
  INFO(done.output << done.error);
  CHECK(done.exit_code == 0);
}

TEST_CASE("configuration: all mistakes are told at once, with key, line and what is allowed") {
  TemporaryFolder folder;
  const std::string file = folder.write("patchbay.toml",
                                        "[mqtt]\n"
                                        "max_inflight = \"many\"\n"  // line 2: wrong type
                                        "max_qos_allowed = 3\n"      // line 3: out of range
                                        "max_inflihgt = 4\n"         // line 4: no such key
                                        "[log]\n"
                                        "level = \"loud\"\n");  // line 6: none of the words
  const std::string command = GENERATE("check-config", "start");
  const Finished done = run({Broker::program(), command, "--config", file});
  CHECK(done.exit_code == 1);
  const std::string text = done.output + done.error;
  INFO(text);
  for (const char* key : {"mqtt.max_inflight", "mqtt.max_qos_allowed", "mqtt.max_inflihgt", "log.level"}) {
    CHECK(contains(text, key));
  }
  for (const char* line : {":2", ":3", ":4", ":6"}) {
    // Either "patchbay.toml:2" or "line 2".
    CHECK((contains(text, line) || contains(text, "line " + std::string(line + 1))));
  }
  for (const char* allowed : {"debug", "info", "warning", "error"}) CHECK(contains(text, allowed));
  CHECK_FALSE(contains(text, "patchbay ready"));
}

TEST_CASE("configuration: a file that is no TOML, or is missing, is an error with its place") {
  TemporaryFolder folder;
  const Finished broken = check_config(folder.write("broken.toml", "[mqtt\nmax_inflight = 1\n"));
  CHECK(broken.exit_code == 1);
  CHECK(contains(broken.output + broken.error, "broken.toml"));
  const Finished missing = check_config(folder.path("missing.toml"));
  CHECK(missing.exit_code == 1);
  CHECK(contains(missing.output + missing.error, "missing.toml"));
}

TEST_CASE("configuration: a wrong --set is an error that names the key") {
  TemporaryFolder folder;
  const Finished done = run({Broker::program(), "start", "--data", folder.path("data"), "--set", "mqtt.no_such_key=1",
                             "--set", "mqtt.max_inflight=\"x\""});
  CHECK(done.exit_code == 1);
  CHECK(contains(done.error, "mqtt.no_such_key"));
  CHECK(contains(done.error, "mqtt.max_inflight"));
}

TEST_CASE("configuration: the command line overrules the environment, which overrules the file") {
  TemporaryFolder folder;
  const uint16_t port = free_port();
  const std::string file = folder.write("patchbay.toml",
                                        "[mqtt]\nreceive_maximum = 11\nmax_topic_alias = 3\nmax_keepalive_s = 77\n"
                                        "[listeners.ws.default]\nbind = \"\"\n[api]\nbind = \"\"\n");
  Process broker({"env", "PATCHBAY_MQTT__MAX_TOPIC_ALIAS=5", "PATCHBAY_MQTT__MAX_KEEPALIVE_S=78", Broker::program(),
                  "start", "--config", file, "--data", folder.path("data"), "--set", Broker::bind("tcp", port), "--set",
                  "mqtt.max_keepalive_s=79"});
  const bool ready = broker.wait_for("patchbay ready");
  INFO(broker.output() << broker.error());
  REQUIRE(ready);
  const MqttClient client = MqttClient::connected(port, {.client_id = "client", .keep_alive_s = 1000});
  const Properties& told = client.connack().properties;
  CHECK(told.number(property::kReceiveMaximum) == 11);
  CHECK(told.number(property::kTopicAliasMaximum) == 5);
  CHECK(told.number(property::kServerKeepAlive) == 79);
}

TEST_CASE("configuration: SIGHUP puts a changed file in force for later connections, and a broken one not at all") {
  TemporaryFolder folder;
  const uint16_t port = free_port();
  const auto write = [&folder](const std::string& receive_maximum) {
    return folder.write("patchbay.toml", "[mqtt]\nreceive_maximum = " + receive_maximum +
                                             "\n[listeners.ws.default]\nbind = \"\"\n[api]\nbind = \"\"\n");
  };
  Process broker({Broker::program(), "start", "--config", write("11"), "--data", folder.path("data"), "--set",
                  Broker::bind("tcp", port)});
  REQUIRE(broker.wait_for("patchbay ready"));
  const auto told = [port] {
    return MqttClient::connected(port, {.client_id = "asks"}).connack().properties.number(property::kReceiveMaximum);
  };
  MqttClient before = MqttClient::connected(port, {.client_id = "before"});
  CHECK(before.connack().properties.number(property::kReceiveMaximum) == 11);
  write("12");
  broker.signal(SIGHUP);
  const Deadline deadline(kPatience);
  while (told() != 12 && !deadline.passed()) {
  }
  CHECK(told() == 12);
  const size_t mark = broker.error_mark();
  write("no number");
  broker.signal(SIGHUP);
  CHECK(broker.wait_for_error("patchbay.toml:2", mark));
  CHECK(told() == 12);
  before.ping();
}

TEST_CASE("configuration: a bind that is no loopback address needs an authenticator, and the text says what to add") {
  TemporaryFolder folder;
  const std::string bind = "listeners.tcp.default.bind=\"0.0.0.0:" + std::to_string(free_port()) + "\"";
  const Finished done = run({Broker::program(), "start", "--data", folder.path("data"), "--set", bind});
  CHECK(done.exit_code == 1);
  CHECK(contains(done.error, "access.allow_anonymous"));
  CHECK_FALSE(contains(done.output + done.error, "patchbay ready"));
}

TEST_CASE("configuration: a bind that is no loopback address starts where anonymous clients are allowed by name") {
  // "Any address" includes the loopback one, through which this test talks.
  const uint16_t port = free_port();
  Broker broker({"listeners.tcp.default.bind=\"0.0.0.0:" + std::to_string(port) + "\"", "access.allow_anonymous=true"});
  MqttClient::connected(port, {.client_id = "client"}).ping();
}

TEST_CASE("configuration: anonymous clients can be shut out on loopback too [MQTT-3.1.4-2] [MQTT-3.2.2-7]") {
  Broker broker({"access.allow_anonymous=false"});
  MqttClient v5(broker.tcp_port(), {.client_id = "v5"});
  CHECK(v5.connect().reason_code == 0x87);
  CHECK(v5.closed());
  MqttClient v3(broker.tcp_port(), {.version = 4, .client_id = "v3"});
  CHECK(v3.connect().reason_code == 5);
  CHECK(v3.closed());
}

}  // namespace patchbay::wire
