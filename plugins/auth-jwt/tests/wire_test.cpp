// The plugin's file in the real broker, with a real HTTPS server of keys and real clients.
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "jwt_broker.h"
#include "key_server.h"
#include "token_maker.h"
#include "wire/support/fields.h"
#include "wire/support/mqtt_client.h"

using namespace patchbay::wire;               // NOLINT: test
using namespace patchbay::auth_jwt;           // NOLINT: test
using namespace patchbay::auth_jwt::testing;  // NOLINT: test

namespace {

constexpr uint8_t kMaximumConnectTime = 0xA0;
constexpr uint8_t kReAuthenticate = 0x19;

const SigningKey& key_a() {
  return SigningKey::for_algorithm(Algorithm::es256);
}
const SigningKey& key_b() {
  static const SigningKey key = SigningKey::curve("P-256");
  return key;
}
std::string token(const SigningKey& key, const std::string& key_id, const std::string& payload = "{}") {
  return signed_token(key, Algorithm::es256, payload, R"(,"kid":")" + key_id + "\"");
}

}  // namespace

TEST_CASE("auth-jwt wire: mosquitto clients log in with tokens of a key set, and do what their ACL says") {
  KeyServer server;
  server.serve(key_a().jwk_with_id("a"));
  server.start();
  JwtBroker broker(jwks_settings(server));
  const std::string rights =
      R"({"sub":"ann","exp":)" + std::to_string(now_s() + 600) + R"(,"acl":{"pub":["up/${clientid}"],"sub":["up/#"]}})";
  const std::string good = token(key_a(), "a", rights);
  Process subscriber(
      broker.command("mosquitto_sub", {"-d", "-V", "5", "-i", "s", "-u", "ann", "-P", good, "-t", "up/#"}));
  REQUIRE(subscriber.wait_for("Subscribed (mid"));
  for (const std::string version : {"311", "5"}) {
    const auto publish = [&](const std::string& topic, const std::string& password) {
      return run(broker.command("mosquitto_pub", {"-V", version, "-q", "1", "-i", "p", "-u", "ann", "-P", password,
                                                  "-t", topic, "-m", "from-" + version}));
    };
    CHECK(publish("up/p", good).exit_code == 0);
    CHECK(subscriber.wait_for("from-" + version));
    CHECK(publish("up/p", good + "x").exit_code != 0);
    CHECK(publish("up/p", "ann").exit_code != 0);
  }
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c", .user_name = "ann", .password = good});
  CHECK(client.publish("up/c", "1", 1) < 0x80);
  CHECK(client.publish("up/other", "1", 1) == kNotAuthorized);
  CHECK(client.subscribe({{"up/#", 0}, {"#", 0}, {"$share/g/#", 0}, {"$SYS/#", 0}}).reason_codes ==
        std::vector<uint8_t>{0, kNotAuthorized, kNotAuthorized, kNotAuthorized});
  CHECK(broker.stop() == 0);
  CHECK_FALSE(broker.says(good.substr(0, 40)));
}

TEST_CASE("auth-jwt wire: keys change, the server dies and comes back; known keys go on, others wait for nobody") {
  KeyServer server;
  server.serve(key_a().jwk_with_id("a"));
  server.start();
  JwtBroker broker(jwks_settings(server));
  REQUIRE(broker.answers(0, token(key_a(), "a")));
  CHECK(broker.log_in(token(key_b(), "b")) == kBadToken);
  CHECK(broker.log_in(token(key_b(), "a")) == kBadToken);
  MqttClient steady = MqttClient::connected(
      broker.port(), {.client_id = "steady", .user_name = "ann", .password = token(key_a(), "a")});

  server.serve(key_a().jwk_with_id("a") + "," + key_b().jwk_with_id("b"));
  CHECK(broker.answers(0, token(key_b(), "b")));
  CHECK(broker.log_in(token(key_a(), "a")) == 0);
  server.serve(SigningKey::for_algorithm(Algorithm::eddsa).jwk_with_id("d"));
  const SigningKey& edwards = SigningKey::for_algorithm(Algorithm::eddsa);
  CHECK(broker.answers(0, signed_token(edwards, Algorithm::eddsa, "{}", R"(,"kid":"d")")));
  CHECK(broker.log_in(token(key_a(), "a")) == kBadToken);  // it has been withdrawn

  server.kill();
  const std::string known = signed_token(edwards, Algorithm::eddsa, "{}", R"(,"kid":"d")");
  CHECK(broker.answers(kNotAuthorized, token(key_a(), "a")));  // now nobody knows
  CHECK(broker.process().wait_for("the keys can't be fetched, the last good ones stay"));
  CHECK(broker.log_in(known) == 0);
  server.serve(key_a().jwk_with_id("a"));
  server.start();
  CHECK(broker.answers(0, token(key_a(), "a")));
  steady.ping();
  CHECK(broker.stop() == 0);
}

TEST_CASE("auth-jwt wire: while a login waits for a slow server, others don't") {
  KeyServer server;
  server.serve(key_a().jwk_with_id("a"));
  server.start();
  JwtBroker broker(jwks_settings(server));
  REQUIRE(broker.answers(0, token(key_a(), "a")));
  std::vector<MqttClient> steady;  // on both shards
  for (int i = 0; i < 8; ++i) {
    steady.push_back(MqttClient::connected(
        broker.port(), {.client_id = std::to_string(i), .user_name = "ann", .password = token(key_a(), "a")}));
  }
  std::this_thread::sleep_for(1'100ms);  // minimum_interval
  server.be_slow(true);
  server.serve(key_b().jwk_with_id("b"));
  MqttClient waiting(broker.port(), {.client_id = "w", .user_name = "ann", .password = token(key_b(), "b")});
  waiting.send(connect_packet({.client_id = "w", .user_name = "ann", .password = token(key_b(), "b")}));
  REQUIRE(server.process().wait_for("GET /jwks\nGET /jwks"));
  const auto begin = std::chrono::steady_clock::now();
  for (auto& client : steady) client.ping();
  CHECK(broker.log_in(token(key_a(), "a")) == 0);
  CHECK(std::chrono::steady_clock::now() - begin < 1s);
  CHECK_FALSE(waiting.socket().readable(1ms));
  server.be_slow(false);
  CHECK(read_connack(5, waiting.expect(packet_type::kConnack)).reason_code == 0);
  CHECK(broker.stop() == 0);
}

TEST_CASE("auth-jwt wire: a server that can't be trusted gives no keys") {
  KeyServer server;
  server.serve(key_a().jwk_with_id("a"));
  server.start();
  const std::string good = token(key_a(), "a");
  TemporaryFolder elsewhere;
  const CertificateAuthority stranger(elsewhere, "stranger");
  const auto wrong_authority = [&] {
    std::string settings = jwks_settings(server);
    settings.replace(settings.find(server.ca_file()), server.ca_file().size(), stranger.certificate_file());
    return settings;
  };
  struct Case {
    std::string settings;
    std::string says;
  };
  const Case cases[] = {{wrong_authority(), "SSL certificate problem"},
                        {jwks_settings(server, "/moved"), "status 302"},
                        {jwks_settings(server, "/endless"), "longer than 262144 bytes"},
                        {jwks_settings(server, "/guarded"), "status 403"}};
  JwtBroker broker(cases[0].settings);
  for (const Case& each : cases) {
    INFO(each.says);
    if (&each != cases) {
      broker.configure(each.settings);
      broker.reload_until("plugin unmapped");
    }
    CHECK(broker.log_in(good) == kNotAuthorized);
    CHECK(broker.process().wait_for(each.says));
  }
  broker.configure(jwks_settings(server, "/guarded", ", headers = { X-Key = \"open sesame\" }"));
  broker.reload_until("plugin unmapped");
  CHECK(broker.answers(0, good));
  CHECK(broker.stop() == 0);
  CHECK_FALSE(broker.says("open sesame"));
}

TEST_CASE("auth-jwt wire: the connection ends with the token") {
  JwtBroker broker(secret_settings());
  const std::string brief = hmac_token(kSecret, R"({"exp":)" + std::to_string(now_s() + 2) + "}");
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c", .user_name = "ann", .password = brief});
  client.ping();
  CHECK(client.expect_disconnect().reason_code == kMaximumConnectTime);
  CHECK(broker.log_in(brief) == kBadToken);
  CHECK(broker.stop() == 0);
}

TEST_CASE("auth-jwt wire: enhanced authentication, and again before the token ends") {
  JwtBroker broker(secret_settings());
  const auto ends_in = [](int64_t seconds, const std::string& subject = "ann") {
    return hmac_token(kSecret, R"({"sub":")" + subject + R"(","exp":)" + std::to_string(now_s() + seconds) + "}");
  };
  MqttClient client = enhanced_client(broker.port(), ends_in(2));
  REQUIRE(client.connect().reason_code == 0);
  CHECK(client.connack().properties.text(property::kAuthenticationMethod) == "JWT");
  client.send(auth_packet(kReAuthenticate, ends_in(60)));
  const Packet answer = client.expect(packet_type::kAuth);
  CHECK(answer.body[0] == 0);
  std::this_thread::sleep_for(2'500ms);  // the first token has ended
  client.ping();
  // Somebody else's token: the session stays whose it is.
  client.send(auth_packet(kReAuthenticate, ends_in(60, "eve")));
  CHECK(client.expect_disconnect().reason_code == kNotAuthorized);

  MqttClient again = enhanced_client(broker.port(), ends_in(60));
  REQUIRE(again.connect().reason_code == 0);
  again.send(auth_packet(kReAuthenticate, "forged"));
  CHECK(again.expect_disconnect().reason_code == kNotAuthorized);
  CHECK(enhanced_client(broker.port(), "forged").connect().reason_code == kNotAuthorized);
  CHECK(broker.stop() == 0);
}

TEST_CASE("auth-jwt wire: wills and retained messages are checked against the token's ACL") {
  JwtBroker broker(secret_settings());
  const std::string rights =
      hmac_token(kSecret, R"({"acl":[{"permission":"allow","action":"publish","topic":"a","qos":1,"retain":false},
                                     {"permission":"allow","action":"subscribe","topic":"#"}]})");
  const auto options = [&](const std::string& client_id) {
    return ConnectOptions{.client_id = client_id, .user_name = "ann", .password = rights};
  };
  MqttClient watcher = MqttClient::connected(broker.port(), options("w"));
  watcher.subscribe({{"#", 0}});
  MqttClient client = MqttClient::connected(broker.port(), options("c"));
  CHECK(client.publish("a", "live", 1) == 0);
  CHECK(watcher.receive().payload == "live");
  CHECK(client.publish("a", "kept", 1, true) == kNotAuthorized);
  CHECK(client.publish("a", "qos 2", 2) == kNotAuthorized);
  ConnectOptions with_will = options("x");
  with_will.will = Will{.topic = "b", .payload = "gone", .qos = 1};
  MqttClient dying(broker.port(), with_will);
  static_cast<void>(dying.connect());  // whether the will is refused now or not sent later is the core's choice
  dying.drop();
  CHECK(watcher.quiet(500ms));
  CHECK(broker.stop() == 0);
}

TEST_CASE("auth-jwt wire: claims must be the client's own") {
  JwtBroker broker(secret_settings("verify_claims = { sub = \"$${username}\", dev = \"d-$${clientid}\" }\n"));
  CHECK(broker.log_in(hmac_token(kSecret, R"({"sub":"ann","dev":"d-c"})")) == 0);
  CHECK(broker.log_in(hmac_token(kSecret, R"({"sub":"ann","dev":"d-c"})"), "other") == kBadToken);
  CHECK(broker.log_in(hmac_token(kSecret, R"({"sub":"eve","dev":"d-c"})")) == kBadToken);
  // Names that mean something elsewhere mean nothing here.
  for (const char* name : {"' OR '1'='1", "$${clientid}", "../../c"}) {
    MqttClient client(broker.port(), {.client_id = "c", .user_name = name, .password = hmac_token(kSecret, "{}")});
    CHECK(client.connect().reason_code == kBadToken);
  }
  CHECK(broker.stop() == 0);
}

TEST_CASE("auth-jwt wire: literal rules, for which the plugin is an authorizer") {
  JwtBroker broker(secret_settings("evaluate_acl = true\n"));
  const std::string rights = hmac_token(kSecret, R"({"acl":[{"permission":"deny","action":"subscribe","topic":"eq #"},
                                     {"permission":"allow","action":"all","topic":"a/${clientid}/#"},
                                     {"permission":"allow","action":"subscribe","topic":"eq b/+"}]})");
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c", .user_name = "ann", .password = rights});
  CHECK(client.subscribe({{"#", 0}, {"a/c/#", 0}, {"b/+", 0}, {"b/1", 0}, {"a/d/#", 0}}).reason_codes ==
        std::vector<uint8_t>{kNotAuthorized, 0, 0, kNotAuthorized, kNotAuthorized});
  CHECK(client.publish("a/c/1", "x", 1) == 0);
  CHECK(client.publish("b/1", "x", 1) == kNotAuthorized);
  CHECK(broker.stop() == 0);
}
