// Tokens that are wrong in every way that the plugin's file in the real broker may meet, and the client of another
// library.
#include <catch2/catch.hpp>
#include <csignal>

#include "jwt_broker.h"
#include "key_server.h"
#include "token_maker.h"

using namespace patchbay::wire;               // NOLINT: test
using namespace patchbay::auth_jwt;           // NOLINT: test
using namespace patchbay::auth_jwt::testing;  // NOLINT: test

namespace {

constexpr uint8_t kBadToken311 = 4;  // MQTT 3.1.1: bad user name or password

std::string claims(const std::string& more = {}, const std::string& audience = "\"mqtt\"", int64_t ends_in_s = 600) {
  return R"({"sub":"ann","aud":)" + audience + R"(,"exp":)" + std::to_string(now_s() + ends_in_s) + more + "}";
}

std::string signed_with_more(const std::string& more) {
  return hmac_token(kSecret, claims(more));
}

struct Bad {
  const char* what;
  std::string token;
};

std::vector<Bad> forged_and_truncated() {
  const std::string good = hmac_token(kSecret, claims());
  const std::string better = hmac_token(std::string(32, 'x'), claims(R"(,"is_superuser":true)"));
  const size_t dot = good.rfind('.');
  return {{"signed with another secret", better},
          {"other claims below a good signature", better.substr(0, better.rfind('.')) + good.substr(dot)},
          {"algorithm none", raw_token(R"({"alg":"none"})", claims(), "")},
          {"algorithm none, with a signature", raw_token(R"({"alg":"none"})", claims(), good.substr(dot + 1))},
          {"an algorithm that is not pinned", hmac_token(kSecret, claims(), Algorithm::hs512)},
          {"the last letter is missing", good.substr(0, good.size() - 1)},
          {"no signature", good.substr(0, dot + 1)},
          {"no third part", good.substr(0, dot)},
          {"half of it", good.substr(0, good.size() / 2)},
          {"nothing but dots", ".."},
          {"no token", "correct horse battery staple"}};
}

std::vector<Bad> strange() {
  const std::string good = hmac_token(kSecret, claims());
  return {
      {"longer than max_token_bytes, and signed", signed_with_more(",\"pad\":\"" + std::string(2'000, 'p') + '"')},
      {"expired", hmac_token(kSecret, claims("", "\"mqtt\"", -1))},
      {"for another audience", hmac_token(kSecret, claims("", "\"http\""))},
      {"for other audiences", hmac_token(kSecret, claims("", R"(["http","MQTT"])"))},
      {"an object as audience", hmac_token(kSecret, claims("", R"({"mqtt":1})"))},
      {"without audience", hmac_token(kSecret, R"({"exp":9999999999})")},
      {"without end", hmac_token(kSecret, R"({"aud":"mqtt"})")},
      {"not yet", signed_with_more(R"(,"nbf":9999999999)")},
      {"a claim twice", signed_with_more(R"(,"sub":"root")")},
      {"a number as ACL", signed_with_more(R"(,"acl":7)")},
      {"an ACL with an unknown action",
       signed_with_more(R"(,"acl":[{"permission":"allow","action":"own","topic":"a"}])")},
      {"no object", hmac_token(kSecret, "[1]")},
      {"no JSON", hmac_token(kSecret, claims() + "}")},
      {"an extension that must be understood", hmac_token(kSecret, claims(), Algorithm::hs256, R"(,"crit":["b64"])")}};
}

/// By a password of MQTT 5 and of 3.1.1, and as data of enhanced authentication.
void check_refused(const JwtBroker& broker, const std::vector<Bad>& tokens) {
  for (const Bad& each : tokens) {
    INFO(each.what);
    CHECK(broker.log_in(each.token) == kBadToken);
    MqttClient older(broker.port(), {.version = 4, .client_id = "o", .user_name = "ann", .password = each.token});
    CHECK(older.connect().reason_code == kBadToken311);
    CHECK(enhanced_client(broker.port(), each.token).connect().reason_code >= 0x80);
  }
}

}  // namespace

TEST_CASE("auth-jwt wire: forged, truncated, oversized, expired and strange tokens let nobody in and are not told") {
  JwtBroker broker(
      secret_settings("verify_claims = { aud = \"mqtt\" }\nrequired_claims = [\"exp\"]\nmax_token_bytes = 1024\n"));
  const std::string good = hmac_token(kSecret, claims());
  REQUIRE(broker.log_in(good) == 0);
  check_refused(broker, forged_and_truncated());
  check_refused(broker, strange());
  // What is longer than a CONNECT may be is not even read to its end.
  MqttClient endless(broker.port(), {});
  endless.send(connect_packet({.client_id = "l", .password = good + std::string(65'535 - good.size(), 'A')}));
  CHECK_THROWS(endless.expect(packet_type::kConnack));
  CHECK(broker.log_in(good) == 0);  // and nobody is in the way of who is good
  CHECK(broker.stop() == 0);
  CHECK_FALSE(broker.says(good.substr(0, 40)));
  CHECK_FALSE(broker.says(kSecret));
}

TEST_CASE("auth-jwt wire: a topic that is no filter allows nothing, and denies everything") {
  JwtBroker broker(secret_settings());
  const auto answer = [&](const std::string& acl, const std::string& topic) {
    const std::string rights = signed_with_more(",\"acl\":" + acl);
    MqttClient client =
        MqttClient::connected(broker.port(), {.client_id = "n", .user_name = "ann", .password = rights});
    return client.publish(topic, "1", 1);
  };
  CHECK(answer(R"({"pub":["a/#/b","c"]})", "a/x/b") == kNotAuthorized);
  CHECK(answer(R"({"pub":["a/#/b","c"]})", "c") < 0x80);
  const std::string all = R"({"permission":"allow","action":"all","topic":"#"})";
  CHECK(answer("[" + all + "]", "c") < 0x80);
  CHECK(answer(R"([{"permission":"deny","action":"all","topic":"a/#/b"},)" + all + "]", "c") == kNotAuthorized);
  CHECK(broker.stop() == 0);
}

TEST_CASE("auth-jwt wire: a kid with a path, SQL or an address is compared, and goes nowhere") {
  KeyServer server;
  const SigningKey& key = SigningKey::for_algorithm(Algorithm::es256);
  server.serve(key.jwk_with_id("a"));
  server.start();
  JwtBroker broker(jwks_settings(server));
  const auto token_with = [&](const std::string& more) { return signed_token(key, Algorithm::es256, "{}", more); };
  REQUIRE(broker.answers(0, token_with(R"(,"kid":"a")")));
  const std::string elsewhere = server.url("/moved");
  for (const std::string& kid : {std::string("../../../etc/passwd"), std::string("/dev/null"),
                                 std::string("a' OR '1'='1"), std::string("a'; DROP TABLE keys; --"), elsewhere,
                                 std::string("a\\u0000b"), std::string("$(id)"), std::string(256, 'k')}) {
    INFO(kid);
    CHECK(broker.log_in(token_with(",\"kid\":\"" + kid + "\"")) >= 0x80);
  }
  // Addresses that a token brings along are not asked, and keys that it brings are not used.
  const SigningKey own = SigningKey::curve("P-256");
  const std::string brought = ",\"jku\":\"" + elsewhere + "\",\"x5u\":\"" + elsewhere + "\",\"jwk\":" + own.jwk();
  CHECK(broker.log_in(signed_token(own, Algorithm::es256, "{}", brought)) >= 0x80);
  CHECK(broker.log_in(token_with(R"(,"kid":"a")")) == 0);
  CHECK(broker.stop() == 0);
  server.process().signal(SIGTERM);
  REQUIRE(server.process().wait_exit(kPatience).has_value());
  CHECK(server.process().output().find("GET /jwks\n") != std::string::npos);
  CHECK(server.process().output().find("GET /moved") == std::string::npos);
}

TEST_CASE("auth-jwt wire: paho-mqtt with a token as password, MQTT 3.1.1 and 5, and by enhanced authentication") {
  JwtBroker broker(secret_settings());
  const std::string rights = R"(,"acl":{"all":["own/ann/#"]})";
  const std::string good = hmac_token(kSecret, claims(rights));
  const auto paho = [&](std::vector<std::string> words) {
    std::vector<std::string> command = {"/usr/bin/python3", "-B", PATCHBAY_WIRE_DIR "/paho/login.py",
                                        std::to_string(broker.port())};
    command.insert(command.end(), words.begin(), words.end());
    const Finished done = run(command, 20s);
    INFO(done.error);
    CHECK(done.exit_code == 0);
    return done.output;
  };
  CHECK(paho({"4", "ann", good}) == "heard hello\n");
  CHECK(paho({"5", "ann", good}) == "heard hello\n");
  CHECK(paho({"5", "ann", good, "JWT"}) == "heard hello\n");
  CHECK(paho({"4", "ann", good + "x"}) == "refused 4\n");
  CHECK(paho({"5", "ann", hmac_token(kSecret, claims(rights, "\"mqtt\"", -1))}) == "refused 134\n");
  CHECK(paho({"5", "ann", "forged", "JWT"}) == "refused 135\n");
  CHECK(broker.stop() == 0);
}
