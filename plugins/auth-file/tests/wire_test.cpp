#include <catch2/catch.hpp>
#include <filesystem>

#include "scram_client.h"
#include "support/password_hash.h"
#include "wire/plugin_broker.h"
#include "wire/support/mqtt_client.h"

using namespace patchbay::wire;  // NOLINT: test
using namespace std::chrono_literals;
using patchbay::auth_file::make_scram_credential;
using patchbay::auth_file::scram_hash_from;
using patchbay::auth_file::scram_mechanism;
using patchbay::auth_file::ScramClient;
using patchbay::auth_file::ScramHash;

namespace {

/// A line of a user file, with a password hash that costs little and credentials for SCRAM.
std::string user_line(const std::string& user, const std::string& password, bool superuser = false) {
  patchbay::support::HashCost cost;
  cost.argon2_memory_kib = 64;
  cost.argon2_passes = 1;
  std::string line = R"({"user_id": ")" + user + R"(", "password_hash": ")" +
                     patchbay::support::hash_password(cost, password).value() + "\"";
  for (const ScramHash hash : {ScramHash::sha256, ScramHash::sha512}) {
    line += hash == ScramHash::sha256 ? R"(, "scram_sha256": ")" : R"(, "scram_sha512": ")";
    line += make_scram_credential(hash, password, 4096)->text(hash) + "\"";
  }
  return line + (superuser ? ", \"is_superuser\": true}\n" : "}\n");
}

/// The broker with auth-file, acl-file, and the users ann and root.
class AuthBroker : public PluginBroker {
 public:
  AuthBroker() {
    set_users(user_line("ann", "secret") + user_line("root", "toor", true));
    configure("enabled = [\"auth-file\", \"acl-file\"]\n[plugin.auth-file]\nsettings = { path = \"" +
              folder().path("users") +
              "\", check_interval = \"100ms\" }\n[plugin.acl-file]\nsettings = { rules = ["
              "\"allow user ann all own/$${username}/#\"] }\n");
    put("auth-file", "auth-file.so");
    std::filesystem::copy_file(PATCHBAY_ACL_FILE, plugins() + "/acl-file.so");
    std::filesystem::permissions(plugins() + "/acl-file.so", std::filesystem::perms::owner_all);
    start();
    if (!says("1 rules of settings are in force")) throw std::runtime_error(process().error());
  }
  void set_users(const std::string& text) const {
    folder().write("users.new", text);
    std::filesystem::rename(folder().path("users.new"), folder().path("users"));
  }
};

/// The reason code with which this log-in is answered.
uint8_t login(uint16_t port, const std::string& user, const std::string& password, uint8_t version = 5) {
  MqttClient client(port, {.version = version, .client_id = "c-" + user, .user_name = user, .password = password});
  return client.connect().reason_code;
}

Properties authentication(const std::string& method, const std::string& data) {
  Properties properties;
  properties.add(property::kAuthenticationMethod, method);
  properties.add(property::kAuthenticationData, data);
  return properties;
}

Bytes auth_packet(uint8_t reason, const Properties& properties) {
  return packet(0xF0, std::string(1, static_cast<char>(reason)) + std::string(properties.encoded()));
}

Properties properties_of(const Packet& auth, uint8_t reason) {
  REQUIRE(static_cast<uint8_t>(auth.body[0]) == reason);
  std::string_view rest(auth.body);
  rest.remove_prefix(1);
  return Properties::take(rest);
}

struct ScramLogin {
  uint8_t reason = 0xFF;
  bool server_proven = false;
};

/// CONNECT, AUTH, CONNACK; `client` is then logged in, if the reason says so.
ScramLogin scram_connect(MqttClient& client, ConnectOptions options, const std::string& method, ScramClient scram) {
  options.properties = authentication(method, scram.first());
  client.send(connect_packet(options));
  const Properties challenge = properties_of(client.expect(packet_type::kAuth), 0x18);
  CHECK(challenge.text(property::kAuthenticationMethod) == method);
  const std::string last = scram.last(challenge.text(property::kAuthenticationData));
  client.send(auth_packet(0x18, authentication(method, last)));
  const Connack connack = read_connack(5, client.expect(packet_type::kConnack));
  ScramLogin result{connack.reason_code, false};
  if (connack.reason_code == 0) {
    result.server_proven = connack.properties.text(property::kAuthenticationData) == scram.expected();
  }
  return result;
}

}  // namespace

TEST_CASE("wire auth-file: who is in the file gets in, and rules are about who it is") {
  AuthBroker broker;
  CHECK(login(broker.port(), "ann", "secret") == 0);
  CHECK(login(broker.port(), "ann", "secret") == 0);  // from the cache
  CHECK(login(broker.port(), "ann", "wrong") == 0x86);
  CHECK(login(broker.port(), "nobody", "secret") == 0x86);
  CHECK(login(broker.port(), "ann", "wrong", 4) == 4);  // MQTT 3.1.1: bad user name or password
  MqttClient nameless(broker.port(), {.client_id = "nameless"});
  CHECK(nameless.connect().reason_code >= 0x80);
  const ConnectOptions as_ann{.client_id = "a", .user_name = "ann", .password = "secret"};
  MqttClient ann = MqttClient::connected(broker.port(), as_ann);
  CHECK(ann.subscribe({{"own/ann/#", 1}, {"own/#", 1}}).reason_codes == std::vector<uint8_t>{1, 0x87});
  CHECK(ann.publish("own/ann/x", "hello", 1) == 0);
  CHECK(ann.receive().payload == "hello");
  CHECK(ann.publish("own/root/x", "hello", 1) == 0x87);
  const ConnectOptions as_root{.client_id = "r", .user_name = "root", .password = "toor"};
  MqttClient root = MqttClient::connected(broker.port(), as_root);
  CHECK(root.subscribe({{"#", 1}}).reason_codes == std::vector<uint8_t>{1});
  CHECK_FALSE(broker.says("toor"));
  CHECK(broker.stop() == 0);
}

TEST_CASE("wire auth-file: SCRAM-SHA-256 and SCRAM-SHA-512 by AUTH packets, with the server's proof") {
  AuthBroker broker;
  for (const std::string method : {"SCRAM-SHA-256", "SCRAM-SHA-512"}) {
    const ScramHash hash = *scram_hash_from(method);
    const ConnectOptions options{.client_id = "scram"};
    MqttClient client(broker.port(), options);
    const ScramLogin good = scram_connect(client, options, method, {hash, "ann", "secret"});
    CHECK(good.reason == 0);
    CHECK(good.server_proven);
    // No user name was sent: it is SCRAM's that the rules are about.
    CHECK(client.publish("own/ann/x", "1", 1) == 0x10);
    CHECK(client.publish("own/root/x", "1", 1) == 0x87);
    MqttClient wrong(broker.port(), options);
    CHECK(scram_connect(wrong, options, method, {hash, "ann", "Secret"}).reason == 0x86);
    MqttClient unknown(broker.port(), options);
    CHECK(scram_connect(unknown, options, method, {hash, "nobody", "secret"}).reason == 0x86);
  }
  // A name that is sent besides must be the one that is proven.
  ConnectOptions other{.client_id = "scram", .user_name = "root"};
  other.properties = authentication("SCRAM-SHA-256", ScramClient(ScramHash::sha256, "ann", "secret").first());
  MqttClient liar(broker.port(), other);
  liar.send(connect_packet(other));
  CHECK(read_connack(5, liar.expect(packet_type::kConnack)).reason_code == 0x86);
  CHECK(broker.stop() == 0);
}

TEST_CASE("wire auth-file: SCRAM with letters that can be written in several ways") {
  AuthBroker broker;
  const size_t mark = broker.process().error_mark();
  // SASLprep makes "IX" of the Roman numeral, and takes the soft hyphen out: RFC 4013, section 3.
  broker.set_users(user_line("IX", "pass\u00ADword"));
  REQUIRE(broker.process().wait_for_error("1 users are in force", mark));
  const ConnectOptions options{.client_id = "letters"};
  MqttClient client(broker.port(), options);
  CHECK(scram_connect(client, options, "SCRAM-SHA-256", {ScramHash::sha256, "\u2168", "password"}).reason == 0);
  MqttClient wrong(broker.port(), options);
  CHECK(scram_connect(wrong, options, "SCRAM-SHA-256", {ScramHash::sha256, "\u2168", "passw0rd"}).reason == 0x86);
  CHECK(broker.stop() == 0);
}

TEST_CASE("wire auth-file: re-authentication by SCRAM keeps the session") {
  AuthBroker broker;
  const ConnectOptions options{.client_id = "again"};
  MqttClient client(broker.port(), options);
  const std::string method = "SCRAM-SHA-256";
  REQUIRE(scram_connect(client, options, method, {ScramHash::sha256, "ann", "secret"}).reason == 0);
  ScramClient scram(ScramHash::sha256, "ann", "secret", "anothernonce");
  client.send(auth_packet(0x19, authentication(method, scram.first())));
  const Properties challenge = properties_of(client.expect(packet_type::kAuth), 0x18);
  const std::string last = scram.last(challenge.text(property::kAuthenticationData));
  client.send(auth_packet(0x18, authentication(method, last)));
  const Properties done = properties_of(client.expect(packet_type::kAuth), 0x00);
  CHECK(done.text(property::kAuthenticationData) == scram.expected());
  client.ping();
  CHECK(broker.stop() == 0);
}

TEST_CASE("wire auth-file: mosquitto_pub with a password file of mosquitto_passwd's, and a file that changes") {
  AuthBroker broker;
  const std::string passwords = broker.folder().path("passwd");
  REQUIRE(run({"mosquitto_passwd", "-b", "-c", passwords, "bob", "hello"}).exit_code == 0);
  const size_t mark = broker.process().error_mark();
  std::filesystem::rename(passwords, broker.folder().path("users"));
  REQUIRE(broker.process().wait_for_error("1 users are in force", mark));
  const auto publish = [&](const std::string& password) {
    return run(
        {"mosquitto_pub", "-p", std::to_string(broker.port()), "-u", "bob", "-P", password, "-t", "x", "-m", "y"});
  };
  CHECK(publish("hello").exit_code == 0);
  CHECK(publish("hullo").exit_code != 0);
  CHECK(login(broker.port(), "ann", "secret") == 0x86);
  CHECK(broker.stop() == 0);
}

TEST_CASE("wire auth-file: paho-mqtt with user name and password, MQTT 3.1.1 and 5") {
  AuthBroker broker;
  const auto paho = [&](const char* version, const char* user, const char* password) {
    const std::string port = std::to_string(broker.port());
    const Finished done =
        run({"/usr/bin/python3", "-B", PATCHBAY_WIRE_DIR "/paho/login.py", port, version, user, password}, 20s);
    INFO(done.error);
    CHECK(done.exit_code == 0);
    return done.output;
  };
  CHECK(paho("4", "ann", "secret") == "heard hello\n");
  CHECK(paho("5", "ann", "secret") == "heard hello\n");
  CHECK(paho("4", "ann", "wrong") == "refused 4\n");
  CHECK(paho("5", "ann", "wrong") == "refused 134\n");
  CHECK(paho("5", "nobody", "secret") == "refused 134\n");
  CHECK(broker.stop() == 0);
}
