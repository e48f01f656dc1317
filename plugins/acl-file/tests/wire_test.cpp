#include <catch2/catch.hpp>

#include "wire/plugin_broker.h"
#include "wire/plugin_operator.h"
#include "wire/support/mqtt_client.h"

using namespace patchbay::wire;  // NOLINT: test

namespace {

std::string configuration(const std::string& rules) {
  return "enabled = [\"acl-file\"]\n[plugin.acl-file]\npermissions = [\"clients\"]\nsettings = { path = \"" + rules +
         "\", trust_claimed_usernames = true, check_interval = \"100ms\" }\n";
}

/// The broker with these rules in force.
class AclBroker : public PluginBroker {
 public:
  explicit AclBroker(const std::string& rules, std::string api_bind = {}) : PluginBroker({}, std::move(api_bind)) {
    folder().write("rules.conf", rules);
    configure(configuration(folder().path("rules.conf")));
    put("acl-file", "acl-file.so");
    start();
    REQUIRE(process().wait_for_error("are in force", 0));  // or change() would take this line for its own
  }
  void change(const std::string& rules) {
    const size_t mark = process().error_mark();
    folder().write("rules.new", rules);
    std::filesystem::rename(folder().path("rules.new"), folder().path("rules.conf"));
    REQUIRE(process().wait_for_error("are in force", mark));
  }
};

MqttClient connect(AclBroker& broker, const std::string& user) {
  return MqttClient::connected(broker.port(), {.client_id = "id-" + user, .user_name = user, .password = "p"});
}

}  // namespace

TEST_CASE("wire acl-file: publishing, subscribing and shared subscriptions by rules") {
  AclBroker broker(
      "deny  all subscribe secret/#\n"
      "allow all all own/${username}/#\n"
      "allow user ann publish qos=0,1 retain=false jobs/+\n"
      "allow user bob subscribe #\n");
  MqttClient ann = connect(broker, "ann");
  CHECK(ann.publish("own/ann/x", "1", 1) == 0x10);  // no matching subscribers
  CHECK(ann.publish("own/bob/x", "1", 1) == 0x87);
  CHECK(ann.publish("jobs/1", "1", 1) == 0x10);
  CHECK(ann.publish("jobs/1", "1", 2) == 0x87);
  CHECK(ann.publish("jobs/1", "1", 1, true) == 0x87);
  const auto granted = ann.subscribe({{"own/ann/#", 1},
                                      {"own/+/x", 1},
                                      {"#", 1},
                                      {"$share/g/own/#", 1},
                                      {"$share/g/own/ann/x", 1},
                                      {"$share/g/secret/x", 0}});
  CHECK(granted.reason_codes == std::vector<uint8_t>{1, 0x87, 0x87, 0x87, 1, 0x87});
  MqttClient bob = connect(broker, "bob");
  // "#" would show what the first rule keeps secret.
  CHECK(bob.subscribe({{"#", 0}, {"own/bob/y", 0}, {"open/+", 0}}).reason_codes == std::vector<uint8_t>{0x87, 0, 0});
  CHECK(broker.stop() == 0);
}

TEST_CASE("wire acl-file: wills and retained messages are checked too") {
  AclBroker broker("allow all publish retain=false ok/#\nallow all subscribe ok/# no/#\n");
  MqttClient watcher = connect(broker, "watcher");
  watcher.subscribe({{"ok/#", 1}, {"no/#", 1}});
  CHECK(watcher.publish("ok/r", "kept", 1, true) == 0x87);
  for (const char* topic : {"no/will", "ok/will"}) {
    ConnectOptions options{.client_id = "dying", .user_name = "dying", .password = "p"};
    options.will = Will{.topic = topic, .payload = "gone", .qos = 1};
    MqttClient dying(broker.port(), options);
    if (dying.connect().reason_code == 0) dying.drop();
  }
  CHECK(watcher.receive().topic == "ok/will");
  CHECK(watcher.quiet());
  CHECK(broker.stop() == 0);
}

TEST_CASE("wire acl-file: a changed file counts for clients that are connected") {
  AclBroker broker("allow all publish a\n");
  MqttClient client = connect(broker, "ann");
  CHECK(client.publish("a", "1", 1) == 0x10);
  CHECK(client.publish("b", "1", 1) == 0x87);
  broker.change("allow all publish b\n");
  CHECK(client.publish("b", "1", 1) == 0x10);
  CHECK(client.publish("a", "1", 1) == 0x87);
  const size_t mark = broker.process().error_mark();
  broker.folder().write("rules.conf", "allow all publish a\nnonsense\n");
  CHECK(broker.process().wait_for_error("line 2: a rule begins with allow or deny", mark));
  CHECK(client.publish("b", "1", 1) == 0x10);
  CHECK(broker.stop() == 0);
}

TEST_CASE("wire acl-file: mosquitto_pub and mosquitto_sub, with an acl file of Mosquitto's") {
  PluginBroker broker;
  const std::string rules =
      broker.folder().write("mosquitto.acl", "user ann\ntopic read news/#\npattern write own/%u/#\n");
  broker.configure("enabled = [\"acl-file\"]\n[plugin.acl-file]\nsettings = { path = \"" + rules +
                   "\", format = \"mosquitto\", trust_claimed_usernames = true }\n");
  broker.put("acl-file", "acl-file.so");
  broker.start();
  const std::string port = std::to_string(broker.port());
  const auto command = [&](const char* program, const std::string& user, const std::string& topic) {
    return std::vector<std::string>{program, "-p", port, "-V", "mqttv5", "-u", user, "-t", topic, "-q", "1"};
  };
  auto subscriber = command("mosquitto_sub", "ann", "own/#");
  subscriber.insert(subscriber.end(), {"-W", "2"});
  const Finished refused = run(subscriber);
  CHECK((refused.output + refused.error).find("denied") != std::string::npos);
  auto publisher = command("mosquitto_pub", "ann", "own/ann/x");
  publisher.insert(publisher.end(), {"-m", "hello"});
  CHECK(run(publisher).error.find("uthoriz") == std::string::npos);
  publisher = command("mosquitto_pub", "bob", "own/ann/x");
  publisher.insert(publisher.end(), {"-m", "hello"});
  const Finished denied = run(publisher);
  CHECK((denied.output + denied.error).find("uthori") != std::string::npos);
  CHECK(broker.stop() == 0);
}

TEST_CASE("wire acl-file: why something was allowed or denied, from the terminal and by curl, as the broker decides") {
  AclBroker broker("deny user ann publish own/ann/secret\nallow user ann all own/${username}/#\n", "127.0.0.1:0");
  const PluginOperator operated(broker);
  MqttClient ann = connect(broker, "ann");
  const std::string ask = "/explain?username=ann&clientid=id-ann&action=publish&topic=";
  const Json denied = operated.call("acl-file", "GET", ask + "own%2Fann%2Fsecret");
  CHECK(denied.at("result") == "deny");
  CHECK(denied.at("line") == 1);
  CHECK(denied.at("file") == broker.folder().path("rules.conf"));
  CHECK(ann.publish("own/ann/secret", "1", 1) == 0x87);
  const Json allowed = operated.call("acl-file", "GET", ask + "own%2Fann%2Fx");
  CHECK(allowed.at("result") == "allow");
  CHECK(allowed.at("line") == 2);
  CHECK(allowed.at("rule") == "allow user ann all own/${username}/#");
  CHECK(ann.publish("own/ann/x", "1", 1) == 0x10);
  const auto unmatched = operated.curl({}, "/plugins/acl-file/api" + ask + "other");
  CHECK(unmatched.first == 200);
  CHECK(Json::parse(unmatched.second).at("by") == "no_match");
  CHECK(ann.publish("other", "1", 1) == 0x87);
  CHECK(operated.curl({}, "/plugins/acl-file/api/explain?action=fly&topic=x").first == 400);

  // What has changed is read when told to, and counts at once.
  broker.folder().write("rules.conf", "allow user ann all other\n");
  CHECK(operated.call("acl-file", "POST", "/reload").at("rules") == 1);
  CHECK(ann.publish("other", "1", 1) == 0x10);
  CHECK(operated.call("acl-file", "GET", ask + "other").at("line") == 1);
  CHECK(operated.call("acl-file", "GET", "/rules").at("meta").at("count") == 1);
  CHECK(broker.stop() == 0);
}
