// mosquitto_pub and mosquitto_sub, the command line clients of Debian, against the real broker.
#include <algorithm>
#include <catch2/catch.hpp>

#include "wire/support/broker.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

using Words = std::vector<std::string>;

Words command(const std::string& program, const Broker& broker, const std::string& version, Words more) {
  // Its output would wait in its buffer until it ends, without the help of stdbuf.
  Words words = {"stdbuf", "-oL", program, "-h", "127.0.0.1", "-p", std::to_string(broker.tcp_port()), "-V", version};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// A subscriber that is subscribed when this returns: it says so on the standard output of its debug mode.
std::unique_ptr<Process> subscriber(const Broker& broker, const std::string& version, Words more) {
  more.insert(more.begin(), "-d");
  auto process = std::make_unique<Process>(command("mosquitto_sub", broker, version, std::move(more)));
  if (!process->wait_for("Subscribed (mid")) {
    throw std::runtime_error("mosquitto_sub: " + process->output() + process->error());
  }
  return process;
}

void publish(const Broker& broker, const std::string& version, const Words& more) {
  const Finished done = run(command("mosquitto_pub", broker, version, more));
  INFO(done.output << done.error);
  REQUIRE(done.exit_code == 0);
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

}  // namespace

TEST_CASE("mosquitto: every version sends to every version with every QoS") {
  const std::string sending = GENERATE("mqttv31", "mqttv311", "mqttv5");
  const std::string receiving = GENERATE("mqttv31", "mqttv311", "mqttv5");
  Broker broker;
  const auto watching = subscriber(broker, receiving, {"-t", "q/+", "-q", "2", "-F", "<%t|%q|%r|%p>"});
  for (const std::string& qos : Words{"0", "1", "2"}) {
    publish(broker, sending, {"-t", "q/" + qos, "-q", qos, "-m", "message " + qos});
    INFO(watching->output());
    CHECK(watching->wait_for("<q/" + qos + "|" + qos + "|0|message " + qos + ">"));
  }
}

TEST_CASE("mosquitto: retained messages are delivered, and cleared by -n") {
  const std::string version = GENERATE("mqttv31", "mqttv311", "mqttv5");
  Broker broker;
  publish(broker, version, {"-t", "kept/a", "-q", "1", "-r", "-m", "kept"});
  const Words one = {"-t", "kept/#", "-C", "1", "-W", "5", "-F", "<%t|%r|%p>"};
  const Finished seen = run(command("mosquitto_sub", broker, version, one));
  CHECK(seen.exit_code == 0);
  CHECK(seen.output == "<kept/a|1|kept>\n");
  publish(broker, version, {"-t", "kept/a", "-r", "-n"});
  const Finished nothing = run(command("mosquitto_sub", broker, version, {"-t", "kept/#", "-C", "1", "-W", "1"}));
  CHECK(nothing.exit_code == 27);  // its code for "timed out"
  CHECK(nothing.output.empty());
}

TEST_CASE("mosquitto: the will of a client that was killed arrives") {
  const std::string version = GENERATE("mqttv31", "mqttv311", "mqttv5");
  Broker broker;
  const auto watching = subscriber(broker, version, {"-t", "wills/#", "-F", "<%t|%p>"});
  {
    const auto dying = subscriber(
        broker, version, {"-t", "nothing", "--will-topic", "wills/a", "--will-payload", "killed", "--will-qos", "1"});
    dying->signal(9);
    CHECK(dying->wait_exit() == 128 + 9);
  }
  CHECK(watching->wait_for("<wills/a|killed>"));
}

TEST_CASE("mosquitto: a session that is kept gets what came meanwhile") {
  const std::string version = GENERATE("mqttv311", "mqttv5");
  Broker broker;
  Words session = {"-t", "missed/#", "-q", "1", "-i", "sleeper", "-c", "-W", "5", "-F", "<%p>"};
  if (version == "mqttv5") session.insert(session.end(), {"-x", "600"});
  Words leaving = session;
  leaving.push_back("-E");  // ends when it is subscribed
  CHECK(run(command("mosquitto_sub", broker, version, leaving)).exit_code == 0);
  for (const char* payload : {"one", "two", "three"}) {
    publish(broker, version, {"-t", "missed/a", "-q", "1", "-m", payload});
  }
  session.insert(session.end(), {"-C", "3"});
  const Finished seen = run(command("mosquitto_sub", broker, version, session));
  CHECK(seen.exit_code == 0);
  CHECK(seen.output == "<one>\n<two>\n<three>\n");
}

TEST_CASE("mosquitto: a shared subscription spreads the messages over its members") {
  Broker broker;
  const auto one = subscriber(broker, "mqttv5", {"-t", "$share/group/jobs", "-q", "1", "-F", "<%p>"});
  const auto two = subscriber(broker, "mqttv311", {"-t", "$share/group/jobs", "-q", "1", "-F", "<%p>"});
  MqttClient publisher = MqttClient::connected(broker.tcp_port(), {.client_id = "publisher"});
  for (int job = 0; job < 10; ++job) publisher.publish("jobs", "job", 1);
  publisher.publish("jobs", "end", 1);
  publisher.publish("jobs", "end", 1);
  CHECK(one->wait_for("<end>"));
  CHECK(two->wait_for("<end>"));
  CHECK(count(one->output(), "<job>") == 5);
  CHECK(count(two->output(), "<job>") == 5);
}

TEST_CASE("mosquitto v5: properties are carried from one client to the other") {
  Broker broker;
  const auto watching = subscriber(broker, "mqttv5", {"-t", "p", "-q", "1", "-F", "<%p|%C|%R|%D|%P|%E|%F>"});
  publish(broker, "mqttv5",
          {"-t",
           "p",
           "-q",
           "1",
           "-m",
           "x",
           "-D",
           "publish",
           "content-type",
           "text/x",
           "-D",
           "publish",
           "response-topic",
           "re/p",
           "-D",
           "publish",
           "correlation-data",
           "corr",
           "-D",
           "publish",
           "user-property",
           "first",
           "1",
           "-D",
           "publish",
           "user-property",
           "second",
           "2",
           "-D",
           "publish",
           "payload-format-indicator",
           "1",
           "-D",
           "publish",
           "message-expiry-interval",
           "100"});
  INFO(watching->output());
  CHECK(watching->wait_for("<x|text/x|re/p|corr|first:1 second:2|"));
  CHECK(watching->wait_for("|1>"));
}

TEST_CASE("mosquitto: a large message and many messages in one connection") {
  Broker broker;
  const TemporaryFolder folder;
  const std::string file = folder.write("large", std::string(900'000, 'm'));
  const auto large = subscriber(broker, "mqttv5", {"-t", "large", "-q", "2", "-F", "<%l>"});
  publish(broker, "mqttv5", {"-t", "large", "-q", "2", "-f", file});
  CHECK(large->wait_for("<900000>"));

  const auto many = subscriber(broker, "mqttv311", {"-t", "many", "-q", "1", "-F", "<%p>"});
  std::string lines;
  for (int number = 0; number < 500; ++number) lines += "line " + std::to_string(number) + "\n";
  const Finished done = run(command("mosquitto_pub", broker, "mqttv311", {"-t", "many", "-q", "1", "-l"}), 20s, lines);
  CHECK(done.exit_code == 0);
  CHECK(many->wait_for("<line 499>"));
  CHECK(count(many->output(), "<line ") == 500);
}

TEST_CASE("mosquitto: a client id of its own, a user name and a password are accepted on loopback") {
  const std::string version = GENERATE("mqttv31", "mqttv311", "mqttv5");
  Broker broker;
  publish(broker, version, {"-t", "a", "-m", "a", "-i", "named-client", "-u", "someone", "-P", "secret"});
  // A password is never written down anywhere.
  CHECK(broker.stop() == 0);
  CHECK(broker.process().error().find("secret") == std::string::npos);
  CHECK(broker.process().output().find("secret") == std::string::npos);
}

}  // namespace patchbay::wire
