// The plugin on the fake host: its class as the file has it, with a server that the test plays.
#include <catch2/catch.hpp>
#include <fstream>
#include <patchbay/testing/chaos.hpp>
#include <patchbay/testing/fake_host.hpp>

#include "auth_jwt.h"
#include "token_maker.h"

using namespace patchbay::auth_jwt;           // NOLINT: test
using namespace patchbay::auth_jwt::testing;  // NOLINT: test
using namespace std::chrono_literals;
using patchbay::testing::fake_host;

namespace {

struct PlayedServer {
  std::string keys;  ///< empty: down
  int fetches = 0;
  std::string url = {};
};
PlayedServer server;

KeySource::Fetched play(const JwksLocation& from, const std::atomic<bool>&) {
  ++server.fetches;
  server.url = from.url;
  if (server.keys.empty()) return {false, "connection refused"};
  return {true, server.keys};
}

constexpr patchbay_entry kEntry = patchbay::entry_of<AuthJwt<&play>>("{}");
constexpr int64_t kNowS = 1'800'000'001;  // the fake host's clock at its begin

const std::string kSecret(32, 'k');
const std::string kHmacSettings = R"({"algorithms":["HS256"],"keys":{"from":"secret","secret":")" + kSecret + "\"}";
const std::string kJwksSettings = R"({"algorithms":["ES256"],"keys":{"from":"jwks","url":"https://keys.example/jwks"})";

std::string es256(const std::string& key_id, const std::string& payload = R"({"sub":"ann"})") {
  return signed_token(SigningKey::for_algorithm(Algorithm::es256), Algorithm::es256, payload,
                      R"(,"kid":")" + key_id + "\"");
}
std::string es256_set(const std::string& key_id) {
  return key_set_of(SigningKey::for_algorithm(Algorithm::es256).jwk_with_id(key_id));
}

/// A host on which the plugin runs; checks at the end that nothing is left.
struct Running {
  fake_host host;
  explicit Running(const std::string& settings, patchbay::testing::host_options options = {})
      : host(std::move(options)) {
    host.settings(settings);
    const auto code = host.start(kEntry);
    INFO(host.errors());
    REQUIRE(code == PATCHBAY_OK);
  }
  ~Running() {
    host.stop();
    for (const auto& [what, count] : host.leaks().held) FAIL_CHECK(count << " " << what);
    for (const auto& each : host.violations()) FAIL_CHECK(each);
  }
  patchbay::testing::answer login(const std::string& password, const std::string& username = "ann") {
    return host.authenticate({.client_id = "c1", .username = username, .password = password});
  }
  patchbay::testing::answer enhanced(const std::string& method, const std::string& data, bool again = false) {
    patchbay_enhanced_event event{};
    event.client = host.client("c1", "ann");
    event.method = patchbay::raw_text(method);
    event.data = patchbay::raw_bytes(patchbay::as_bytes(data));
    event.exchange_id = 1;
    event.re_authentication = again ? 1 : 0;
    return host.call(PATCHBAY_HOOK_auth_enhanced, event);
  }
  int64_t metric(const std::string& name) { return host.store.metric(name); }
};

std::string errors_for(const std::string& settings) {
  fake_host host;
  REQUIRE(host.create(kEntry) == PATCHBAY_OK);
  return host.check(settings) == PATCHBAY_OK ? std::string() : host.errors();
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("auth-jwt plugin: a good password logs in with all that it grants, a bad one doesn't") {
  Running run(kHmacSettings + "}");
  const auto good = run.login(hmac_token(
      kSecret,
      R"({"sub":"ann","exp":1800000061,"is_superuser":true,"client_attrs":{"site":"n"},"acl":{"pub":["a"]}})"));
  REQUIRE(good.allowed());
  CHECK(good.grant().identity == "ann");
  CHECK(good.grant().superuser);
  CHECK(good.grant().has_permissions);
  REQUIRE(good.grant().permissions.size() == 2);
  CHECK(good.grant().permissions[0].topic_filter == "a");
  CHECK_FALSE(good.grant().permissions[1].allow);
  CHECK(good.grant().attributes.at("site") == "n");
  CHECK(good.grant().expires_at_unix_ms == 1'800'000'066'000);
  CHECK(run.metric("authenticated") == 1);

  const auto bad = run.login(hmac_token(std::string(32, 'x'), "{}"));
  CHECK(bad.denied());
  CHECK_FALSE(bad.failed());
  CHECK(bad.reason() == 0x86);
  CHECK(run.metric("refused{reason=\"signature\"}") == 1);
  CHECK(run.login("no token").reason() == 0x86);
  CHECK(run.metric("refused{reason=\"malformed\"}") == 1);
  CHECK(run.login("").reason() == 0x87);
  CHECK(run.metric("refused{reason=\"missing\"}") == 1);
  CHECK_FALSE(run.host.logged(kSecret));
  CHECK_FALSE(run.host.logged("no token"));
}

TEST_CASE("auth-jwt plugin: a token ends by the host's clock") {
  Running run(kHmacSettings + R"(,"leeway":"0s"})");
  const std::string token = hmac_token(kSecret, R"({"exp":)" + std::to_string(kNowS + 10) + "}");
  run.host.advance(9'999ms);
  CHECK(run.login(token).allowed());
  run.host.advance(1ms);
  CHECK(run.login(token).denied());
  CHECK(run.metric("refused{reason=\"expired\"}") == 1);
}

TEST_CASE("auth-jwt plugin: only an absent token may be left to the next, and only when told so") {
  Running run(kHmacSettings + R"(,"on_missing":"ignore"})");
  CHECK(run.login("").continued());
  CHECK(run.metric("ignored") == 1);
  CHECK(run.login("x").denied());
  CHECK(run.login(hmac_token("other secret of thirty-two bytes", "{}")).denied());
}

TEST_CASE("auth-jwt plugin: the token as user name never becomes a name") {
  Running run(kHmacSettings + R"(,"from":"username"})");
  const auto good = run.login("", hmac_token(kSecret, "{}"));
  REQUIRE(good.allowed());
  CHECK(good.grant().identity == "c1");
  CHECK(run.login(hmac_token(kSecret, "{}"), "ann").denied());
}

TEST_CASE("auth-jwt plugin: without disconnect_at_expiry the connection stays, and its rights end") {
  Running run(kHmacSettings + R"(,"disconnect_at_expiry":false,"evaluate_acl":true,"leeway":"0s"})");
  const auto good = run.login(hmac_token(kSecret, R"({"exp":1800000061,"acl":{"pub":["a"]}})"));
  REQUIRE(good.allowed());
  CHECK(good.grant().expires_at_unix_ms == 0);
  CHECK(good.grant().permissions.empty());
  auto* client = run.host.client("c1");
  client->fields.attributes = good.grant().attributes;
  CHECK(run.host.acl_publish({.topic = "a", .client_id = "c1"}).allowed());
  CHECK(run.host.acl_publish({.topic = "b", .client_id = "c1"}).denied());
  CHECK(run.host.acl_publish({.topic = "a", .client_id = "c2"}).continued());
  run.host.advance(60s);
  CHECK(run.host.acl_publish({.topic = "a", .client_id = "c1"}).denied());
}

TEST_CASE("auth-jwt plugin: literal rules are asked through the acl hooks") {
  Running run(kHmacSettings + R"(,"evaluate_acl":true})");
  const auto good = run.login(hmac_token(kSecret, R"({"acl":[{"permission":"allow","action":"sub","topic":"eq a/#"},
                          {"permission":"deny","action":"sub","topic":"eq b/${clientid}/+"}]})"));
  REQUIRE(good.allowed());
  run.host.client("c1")->fields.attributes = good.grant().attributes;
  CHECK(run.host.acl_subscribe({.topic = "a/#", .client_id = "c1"}).allowed());
  CHECK(run.host.acl_subscribe({.topic = "a/b", .client_id = "c1"}).continued());
  CHECK(run.host.acl_subscribe({.topic = "b/c1/+", .client_id = "c1"}).continued());
}

TEST_CASE("auth-jwt plugin: without the acl hooks a token that needs them is refused") {
  Running run(kHmacSettings + "}");
  const std::string rules = R"({"acl":[{"permission":"deny","action":"sub","topic":"eq #"}]})";
  CHECK(run.login(hmac_token(kSecret, rules)).denied());
  CHECK(run.metric("refused{reason=\"permissions\"}") == 1);
  CHECK(has(errors_for(kHmacSettings + R"(,"disconnect_at_expiry":false})"), "/disconnect_at_expiry: false needs"));
  CHECK(errors_for(kHmacSettings + R"(,"disconnect_at_expiry":false,"acl_claim":""})").empty());
  CHECK(run.host.configure(kHmacSettings + R"(,"evaluate_acl":true})") == PATCHBAY_NEEDS_RESTART);
}

TEST_CASE("auth-jwt plugin: enhanced authentication by its method, also again") {
  Running run(kHmacSettings + R"(,"verify_claims":{"sub":"${username}"}})");
  const std::string token = hmac_token(kSecret, R"({"sub":"ann"})");
  CHECK(run.enhanced("SCRAM-SHA-256", token).continued());
  const auto first = run.enhanced("JWT", token);
  REQUIRE(first.allowed());
  CHECK(first.argument().kind == "enhanced");
  CHECK(first.grant().identity == "ann");
  CHECK(run.enhanced("JWT", token, true).allowed());
  // 0x86 could not stand in the DISCONNECT that ends a failed re-authentication.
  CHECK(run.enhanced("JWT", hmac_token(kSecret, R"({"sub":"eve"})"), true).reason() == 0x87);
  CHECK(run.enhanced("JWT", "").reason() == 0x87);
}

TEST_CASE("auth-jwt plugin: without a method there is no enhanced authentication") {
  Running run(kHmacSettings + R"(,"method":""})");
  CHECK(run.enhanced("", hmac_token(kSecret, "{}")).continued());
  CHECK(run.enhanced("JWT", hmac_token(kSecret, "{}")).continued());
}

TEST_CASE("auth-jwt plugin: keys come from the server, logins wait for the first ones") {
  server = {es256_set("a")};
  Running run(kJwksSettings + "}");
  CHECK(run.host.health().first == PATCHBAY_BUSY);
  const auto early = run.login(es256("a"));
  CHECK(early.deferred());
  CHECK_FALSE(early.done());
  run.host.settle();
  CHECK(server.fetches == 1);
  CHECK(server.url == "https://keys.example/jwks");
  CHECK(early.allowed());
  const auto later = run.login(es256("a"));
  CHECK_FALSE(later.deferred());
  CHECK(later.allowed());
  CHECK(run.metric("keys") == 1);
  CHECK(run.metric("key_refreshes") == 1);
  CHECK(run.metric("deferred") == 1);
  CHECK(run.host.health().first == PATCHBAY_OK);
  run.host.advance(20s);
  CHECK(run.metric("key_set_age_seconds") == 20);
}

TEST_CASE("auth-jwt plugin: an unknown kid waits for one fetch; when that brings nothing it is refused") {
  server = {es256_set("a")};
  Running run(kJwksSettings + "}");
  run.host.settle();
  run.host.advance(10s);
  server.keys = es256_set("b");
  const auto rotated = run.login(es256("b"));
  const auto forged = run.login(es256("c"));
  CHECK(rotated.deferred());
  run.host.settle();
  CHECK(rotated.allowed());
  CHECK(forged.denied());
  CHECK_FALSE(forged.failed());
  CHECK(server.fetches == 2);
  // Who sends such tokens all the time does not make us ask all the time.
  for (int i = 0; i < 50; ++i) CHECK(run.login(es256("x" + std::to_string(i))).denied());
  run.host.settle();
  CHECK(server.fetches == 2);
  CHECK(run.metric("refused{reason=\"unknown_key\"}") == 51);
}

TEST_CASE("auth-jwt plugin: while the server is down the known keys go on, and unknown ones are a failure") {
  server = {es256_set("a")};
  Running run(kJwksSettings + R"(,"leeway":"0s"})");
  run.host.settle();
  server.keys.clear();
  run.host.advance(301s);
  CHECK(run.metric("key_refresh_failures") >= 1);
  CHECK(run.login(es256("a")).allowed());
  CHECK(run.login(es256("b")).failed());
  CHECK(run.host.health().first == PATCHBAY_BUSY);
  CHECK(has(run.host.health().second, "connection refused"));
  CHECK(run.host.store.alarms.contains("keys"));
  server.keys = es256_set("b");
  run.host.advance(61s);
  CHECK(run.login(es256("b")).allowed());
  const auto withdrawn = run.login(es256("a"));
  run.host.settle();
  CHECK(withdrawn.denied());
  CHECK_FALSE(withdrawn.failed());
  CHECK(run.host.health().first == PATCHBAY_OK);
  CHECK(run.host.store.alarms.empty());
}

TEST_CASE("auth-jwt plugin: without any keys every login fails, and none is let in") {
  server = {};
  Running run(kJwksSettings + R"(,"on_missing":"ignore"})");
  run.host.settle();
  CHECK(run.login(es256("a")).failed());
  CHECK(run.metric("refused{reason=\"unavailable\"}") == 1);
  CHECK(run.host.health().first == PATCHBAY_FAILED);
}

TEST_CASE("auth-jwt plugin: who waits when the instance stops is answered; who leaves meanwhile is forgotten") {
  server = {es256_set("a")};
  Running run(kJwksSettings + "}");
  const auto waiting = run.login(es256("a"));
  CHECK(waiting.deferred());
  run.host.stop();
  CHECK(waiting.done());
}

TEST_CASE("auth-jwt plugin: keys of a file are read again") {
  const std::string path = std::string(std::tmpnam(nullptr)) + ".pem";
  const SigningKey fresh = SigningKey::curve("P-256");
  std::ofstream(path) << SigningKey::for_algorithm(Algorithm::es256).public_pem();
  {
    Running run(R"({"algorithms":["ES256"],"keys":{"from":"file","path":")" + path + R"(","refresh_interval":"2s"}})");
    run.host.settle();
    CHECK(run.login(es256("whatever")).allowed());
    std::ofstream(path) << fresh.public_pem();
    run.host.advance(3s);
    CHECK(run.login(es256("whatever")).denied());
    CHECK(run.login(signed_token(fresh, Algorithm::es256, "{}")).allowed());
    std::ofstream(path) << "half a fi";
    run.host.advance(3s);
    CHECK(run.login(signed_token(fresh, Algorithm::es256, "{}")).allowed());
  }
  std::remove(path.c_str());
}

TEST_CASE("auth-jwt plugin: other settings count at once, other keys need a new instance") {
  Running run(kHmacSettings + "}");
  const std::string token = hmac_token(kSecret, "{}");
  CHECK(run.login(token).allowed());
  CHECK(run.host.configure(kHmacSettings + R"(,"required_claims":["exp"]})") == PATCHBAY_OK);
  CHECK(run.login(token).denied());
  CHECK(run.host.configure(R"({"algorithms":["HS256"],"keys":{"from":"secret","secret":")" + std::string(32, 'z') +
                           "\"}}") == PATCHBAY_NEEDS_RESTART);
  CHECK(run.host.configure(R"({"algorithms":["none"]})") == PATCHBAY_INVALID);
  CHECK(run.login(token).denied());
}

TEST_CASE("auth-jwt plugin: wrong settings name the field") {
  const std::string pem = [] {
    std::string text = SigningKey::for_algorithm(Algorithm::rs256).public_pem();
    for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) text.replace(at, 1, "\\n");
    return text;
  }();
  const auto with_pem = [&](const std::string& algorithms) {
    return errors_for(R"({"algorithms":[)" + algorithms + R"(],"keys":{"from":"pem","pem":")" + pem + "\"}}");
  };
  CHECK(with_pem(R"("RS256","PS512")").empty());
  CHECK(has(with_pem(R"("RS256","HS256")"), "/algorithms/1: HS256 needs a secret"));
  CHECK(has(with_pem(R"("ES256")"), "/algorithms/0: none of the keys"));
  CHECK(has(with_pem(R"("none")"), "/algorithms/0: there is no algorithm none"));
  CHECK(has(errors_for(R"({"keys":{"from":"secret","secret":"x"}})"), "/algorithms: is missing"));
  const auto with_secret = [&](const std::string& rest) {
    return errors_for(R"({"algorithms":["HS512"],"keys":{"from":"secret",)" + rest + "}}");
  };
  CHECK(has(with_secret(R"("secret":")" + kSecret + "\""), "/keys/secret: has 32 bytes and needs 64"));
  CHECK(errors_for(R"({"algorithms":["HS256"],"keys":{"from":"short_secret","secret":"short"}})").empty());
  CHECK(has(with_secret(R"("secret":"%%%","base64":true)"), "/keys/secret: is no base64"));
  CHECK_FALSE(has(with_secret(R"("secret":"hush-hush")"), "hush"));
  CHECK(has(errors_for(R"({"algorithms":["RS256"],"keys":{"from":"secret","secret":")" + kSecret + "\"}}"),
            "/algorithms/0: RS256 needs public keys"));
  const auto with_url = [&](const std::string& rest) {
    return errors_for(R"({"algorithms":["RS256"],"keys":{"from":"jwks",)" + rest + "}}");
  };
  CHECK(with_url(R"("url":"https://a.example/k")").empty());
  CHECK(has(with_url(R"("url":"http://a.example/k")"), "/keys/url: must begin with https"));
  CHECK(has(with_url(R"("url":"file:///etc/passwd")"), "/keys/url"));
  CHECK(has(with_url(R"("url":"https://u:p@a.example/k")"), "/keys/url: must have no user"));
  CHECK(has(with_url(R"("url":"https://a.example/k","ca_file":"/nowhere.pem")"), "/keys/ca_file"));
  CHECK(has(with_url(R"("url":"https://a.example/k","headers":{"A":"b\r\nc"})"), "/keys/headers"));
  CHECK(has(with_url(R"("url":"https://a.example/k","refresh_interval":"0s")"), "/keys/refresh_interval"));
  CHECK(has(errors_for(kHmacSettings + R"(,"verify_claims":{"a":"${x}"}})"), "/verify_claims/a"));
  CHECK(has(errors_for(kHmacSettings + R"(,"from":"username","verify_claims":{"a":"${username}"}})"),
            "/verify_claims/a"));
  CHECK(has(errors_for(R"({"algorithms":["RS256"],"keys":{"from":"file","path":"/nowhere"}})"), "/keys/path"));
}

TEST_CASE("auth-jwt plugin: what the host refuses never lets anybody in") {
  server = {es256_set("a")};
  const std::string token = es256("a", R"({"acl":{"pub":["a"]}})");
  for (std::uint64_t calls = 0; calls < 30; ++calls) {
    fake_host host;
    host.settings(kJwksSettings + "}");
    if (host.start(kEntry) != PATCHBAY_OK) continue;
    host.settle();
    host.fail_after(calls, PATCHBAY_NOMEM, 3);
    const auto good = host.authenticate({.client_id = "c1", .username = "ann", .password = token});
    const auto bad = host.authenticate({.client_id = "c2", .username = "eve", .password = es256("b")});
    host.advance(10s);
    CHECK(good.done());
    CHECK(bad.denied());
    host.stop();
    CHECK(host.leaks().none());
  }
}
