// The plugin's file in the real broker, with a real HTTP or HTTPS server, and real clients.
#include <catch2/catch.hpp>
#include <future>

#include "auth_server.h"
#include "wire/plugin_broker.h"
#include "wire/support/mqtt_client.h"

using namespace patchbay::wire;  // NOLINT: test
using patchbay::auth_http::AuthServer;
using patchbay::auth_http::reply_of;

namespace {

struct AuthBroker : PluginBroker {
  AuthBroker(const std::string& authentication, const std::string& authorization, const std::string& more = {})
      : PluginBroker() {
    std::string text =
        "enabled = [\"auth-http\"]\n[plugin.auth-http]\nsoak_s = 0\n[plugin.auth-http.settings]\n"
        "request_timeout = \"1s\"\n" +
        more + "[plugin.auth-http.settings.authentication]\nurl = \"" + authentication +
        "\"\nbody = { username = \"$${username}\", clientid = \"$${clientid}\", password = "
        "\"$${password}\" }\n";
    if (!authorization.empty())
      text += "[plugin.auth-http.settings.authorization]\nurl = \"" + authorization +
              "\"\nbody = { username = \"$${username}\", action = \"$${action}\", topic = \"$${topic}\" }\n";
    configure(text);
    put("auth-http", "auth-http.so");
    start();
  }
  uint8_t log_in(const std::string& user_name) {
    MqttClient client(port(), {.client_id = "c-" + user_name, .user_name = user_name, .password = "p"});
    return client.connect().reason_code;
  }
};

}  // namespace

TEST_CASE("auth-http: who may log in, publish and subscribe, as the server says") {
  AuthServer server;
  server.start();
  server.replies({{"ann", reply_of({{"result", "allow"}})},
                  {"eve", reply_of({{"result", "deny"}})},
                  {"root", reply_of({{"result", "allow"}, {"is_superuser", true}})},
                  {"ann publish a/b", {{"status", 204}}},
                  {"ann subscribe a/#", reply_of({{"result", "allow"}})},
                  {"*", reply_of({{"result", "deny"}})}});
  AuthBroker broker(server.url("/auth"), server.url("/acl"));
  CHECK(broker.log_in("eve") == 0x86);
  MqttClient ann = MqttClient::connected(broker.port(), {.client_id = "c1", .user_name = "ann", .password = "p"});
  CHECK(ann.subscribe({{"a/#", 1}}).reason_codes == std::vector<uint8_t>{1});
  CHECK(ann.subscribe({{"#", 1}}).reason_codes == std::vector<uint8_t>{0x87});
  CHECK(ann.publish("a/b", "1", 1) == 0);
  CHECK(ann.receive().payload == "1");
  CHECK(ann.publish("c", "2", 1) == 0x87);
  const size_t asked = server.questions().size();
  for (int i = 0; i < 50; ++i) CHECK(ann.publish("a/b", "again", 1) == 0);
  CHECK(server.questions().size() == asked);  // the broker remembers the answers for a while
  MqttClient root = MqttClient::connected(broker.port(), {.client_id = "c2", .user_name = "root", .password = "p"});
  CHECK(root.publish("anything", "x", 1) != 0x87);
  CHECK(broker.stop() == 0);
}

TEST_CASE("auth-http: an ACL in the reply is evaluated by the broker, without further questions") {
  AuthServer server;
  server.start();
  server.replies(
      {{"ann", reply_of({{"result", "allow"},
                         {"client_attrs", {{"tenant", "t1"}}},
                         {"acl", {{"pub", {"up/${clientid}"}}, {"sub", {"t/${client_attrs.tenant}/#"}}}}})}});
  AuthBroker broker(server.url("/auth"), "");
  MqttClient ann = MqttClient::connected(broker.port(), {.client_id = "c1", .user_name = "ann", .password = "p"});
  CHECK(ann.publish("up/c1", "1", 1) != 0x87);
  CHECK(ann.publish("up/c2", "1", 1) == 0x87);
  CHECK(ann.subscribe({{"t/t1/x", 0}, {"t/t2/x", 0}, {"$SYS/#", 0}}).reason_codes ==
        std::vector<uint8_t>{0, 0x87, 0x87});
  CHECK(server.questions().size() == 1);
  CHECK(broker.stop() == 0);
}

TEST_CASE("auth-http: wills, retained messages and shared subscriptions are asked about like others") {
  AuthServer server;
  server.start();
  const auto allow = reply_of({{"result", "allow"}});
  server.replies({{"ann", allow},
                  {"bob", allow},
                  {"bob subscribe a/#", allow},
                  {"ann publish a/will", allow},
                  {"ann publish a/kept", allow},
                  {"*", reply_of({{"result", "deny"}})}});
  AuthBroker broker(server.url("/auth"), server.url("/acl"));
  MqttClient ann = MqttClient::connected(broker.port(), {.client_id = "c1", .user_name = "ann", .password = "p"});
  CHECK(ann.publish("a/kept", "kept", 1, true) != 0x87);
  CHECK(ann.publish("secret/kept", "hidden", 1, true) == 0x87);
  MqttClient bob = MqttClient::connected(broker.port(), {.client_id = "c2", .user_name = "bob", .password = "p"});
  // The server is asked about the filter behind the group's name, so that a group is no way around it.
  CHECK(bob.subscribe({{"$share/g/#", 1}, {"$share/a/secret/#", 1}, {"+/kept", 1}, {"$share/g/a/#", 1}, {"a/#", 1}})
            .reason_codes == std::vector<uint8_t>{0x87, 0x87, 0x87, 1, 1});
  CHECK(bob.receive().payload == "kept");
  for (const char* topic : {"secret/will", "a/will"}) {
    ConnectOptions options{.client_id = "dying", .user_name = "ann", .password = "p"};
    options.will = Will{.topic = topic, .payload = topic, .qos = 1};
    MqttClient dying(broker.port(), options);
    if (dying.connect().reason_code == 0) dying.drop();
  }
  CHECK(bob.receive().topic == "a/will");
  CHECK(broker.stop() == 0);
}

TEST_CASE("auth-http: names with JSON, SQL and addresses in them are names") {
  AuthServer server;
  server.start();
  const std::string names[] = {R"(ann","password":"p","x":")",
                               "' OR '1'='1' --",
                               "ann&username=root",
                               "../../auth?a=b",
                               "${password}",
                               "\xE2\x82\xAC\t\\"};
  nlohmann::json replies = {{"*", reply_of({{"result", "deny"}})}};
  for (const std::string& name : names) replies[name] = reply_of({{"result", "allow"}});
  server.replies(replies);
  AuthBroker broker(server.url("/auth"), "");
  for (const std::string& name : names) {
    INFO(name);
    MqttClient client(broker.port(), {.client_id = "id " + name, .user_name = name, .password = "p"});
    CHECK(client.connect().reason_code == 0);
    const auto asked = server.questions().back();
    CHECK(asked["asked"] == nlohmann::json{{"username", name}, {"clientid", "id " + name}, {"password", "p"}});
    CHECK(asked["path"] == "/auth");
  }
  CHECK(broker.log_in("root") == 0x86);
  CHECK(broker.stop() == 0);
}

TEST_CASE(
    "auth-http: a server that is slow or away lets nobody in and holds nobody up, and is missed no longer than it is "
    "away") {
  AuthServer server;
  server.start();
  server.replies({{"ann", reply_of({{"result", "allow"}})},
                  {"slow", {{"status", 200}, {"body", R"({"result":"allow"})"}, {"seconds", 3}}}});
  AuthBroker broker(server.url("/auth"), "");
  MqttClient ann = MqttClient::connected(broker.port(), {.client_id = "c1", .user_name = "ann", .password = "p"});
  MqttClient slow(broker.port(), {.client_id = "c2", .user_name = "slow", .password = "p"});
  auto other = std::async(std::launch::async, [&] { return slow.connect().reason_code; });
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 50; ++i) {
    MqttClient again = MqttClient::connected(
        broker.port(), {.client_id = "d" + std::to_string(i), .user_name = "ann", .password = "p"});
    ann.ping();
  }
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  CHECK(other.get() >= 0x80);
  server.stop();
  CHECK(broker.log_in("ann") >= 0x80);
  CHECK(broker.process().wait_for_error("the back end doesn't answer as it should: connect", 0));
  server.start();
  CHECK(broker.log_in("ann") == 0);
  CHECK_FALSE(broker.says("\"p\""));
  CHECK(broker.stop() == 0);
}

TEST_CASE("auth-http: over TLS the server's certificate and name count") {
  const TemporaryFolder folder;
  const CertificateAuthority authority(folder);
  AuthServer server(authority.issue("auth.example"));
  server.start();
  server.replies({{"ann", reply_of({{"result", "allow"}})}});
  const std::string trust = "tls = { ca_file = \"" + authority.certificate_file() + "\" }\n";
  AuthBroker good(server.url("/auth"), "", trust);
  CHECK(good.log_in("ann") == 0);
  CHECK(good.stop() == 0);
  AuthBroker wrong_name(server.url("/auth", "localhost"), "", trust);
  CHECK(wrong_name.log_in("ann") >= 0x80);
  CHECK(wrong_name.stop() == 0);
  AuthBroker untrusted(server.url("/auth"), "");
  CHECK(untrusted.log_in("ann") >= 0x80);
  CHECK(untrusted.stop() == 0);
  CHECK(server.questions().size() == 1);
}
