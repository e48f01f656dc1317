#include <catch2/catch.hpp>
#include <deque>

#include "key_source.h"
#include "token_maker.h"

using namespace patchbay::auth_jwt;           // NOLINT: test
using namespace patchbay::auth_jwt::testing;  // NOLINT: test

namespace {

/// A source whose server, clock and worker are the test's.
struct SourceBench {
  uint64_t now_ms = 1'000;
  std::deque<std::function<void()>> work;
  bool worker_free = true;
  std::deque<KeySource::Fetched> answers;
  int fetches = 0;
  std::vector<uint64_t> answered;
  std::vector<std::string> told;
  KeySource source;

  explicit SourceBench(RefreshSchedule::Terms terms = {}) : source(parts(), terms, 7) {}

  KeySource::Parts parts() {
    KeySource::Parts out;
    out.fetch = [this](const std::atomic<bool>&) {
      ++fetches;
      if (answers.empty()) return KeySource::Fetched{false, "down"};
      KeySource::Fetched next = std::move(answers.front());
      answers.pop_front();
      return next;
    };
    out.read = &read_jwks;
    out.run_on_worker = [this](std::function<void()> what) {
      if (worker_free) work.push_back(std::move(what));
      return worker_free;
    };
    out.now_ms = [this] { return now_ms; };
    out.answer = [this](std::vector<WaitingLogin> logins) {
      for (const auto& each : logins) answered.push_back(each.token_id);
    };
    out.tell = [this](const std::string& problem, size_t) { told.push_back(problem); };
    return out;
  }
  void run() {
    while (!work.empty()) {
      const auto next = std::move(work.front());
      work.pop_front();
      next();
    }
  }
  void serve(const std::string& text) { answers.push_back({true, text}); }
  bool wait(uint64_t token_id) {
    WaitingLogin login;
    login.token_id = token_id;
    return source.wait_for_keys(login);
  }
  /// Lets time pass in steps of a second, as the plugin does.
  void pass(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      now_ms += 1'000;
      source.tick();
      run();
    }
  }
};

std::string one_key(const std::string& key_id) {
  return key_set_of(SigningKey::for_algorithm(Algorithm::es256).jwk_with_id(key_id));
}

}  // namespace

TEST_CASE("auth-jwt: a key set gives keys of all kinds, and none that isn't for signatures") {
  const SigningKey& ec = SigningKey::for_algorithm(Algorithm::es256);
  std::string keys = SigningKey::for_algorithm(Algorithm::rs256).jwk(R"(,"kid":"r","use":"sig")");
  for (const Algorithm each : {Algorithm::es256, Algorithm::es384, Algorithm::es512, Algorithm::eddsa})
    keys += "," + SigningKey::for_algorithm(each).jwk_with_id("e");
  keys += "," + SigningKey::edwards("ED448").jwk_with_id("e4");
  keys += "," + ec.jwk(R"(,"use":"enc")");
  keys += "," + ec.jwk(R"(,"key_ops":["sign"])");
  keys += "," + ec.jwk(R"(,"key_ops":"verify")");
  keys += "," + ec.jwk(R"(,"alg":"RS256")");
  keys += "," + ec.jwk(R"(,"alg":"none")");
  keys += R"(,{"kty":"oct","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0","kid":"o"},{"kty":"new"},5,{})";
  const ReadKeys read = read_jwks(key_set_of(keys));
  REQUIRE(read.keys);
  CHECK(read.keys->size() == 6);
  CHECK(read.skipped == 9);
  // A symmetric key in a set that anybody may read is no secret.
  for (const auto& key : read.keys->keys()) CHECK(key.type() != KeyType::secret);
}

TEST_CASE("auth-jwt: keys in a set that are weak, broken or no point of their curve are left out") {
  const std::string good = one_key("a");
  const std::string zeros = base64url(std::string(32, '\0'));
  const std::string n = base64url(std::string(256, '\xFF'));
  const std::string bad[] = {
      SigningKey::rsa(1024).jwk(),
      R"({"kty":"RSA","n":")" + n + R"(","e":"AQ"})",           // exponent 1: everything would be a signature
      R"({"kty":"RSA","n":")" + n + R"(","e":"AAAAAAABAAE"})",  // an exponent that is too long
      R"({"kty":"RSA","n":"AAAA","e":"AQAB"})",
      R"({"kty":"RSA","e":"AQAB"})",
      R"({"kty":"RSA","n":"!!","e":"AQAB"})",
      R"({"kty":"EC","crv":"P-256","x":")" + zeros + R"(","y":")" + zeros + "\"}",
      R"({"kty":"EC","crv":"P-192","x":")" + zeros + R"(","y":")" + zeros + "\"}",
      R"({"kty":"EC","crv":"P-384","x":")" + zeros + R"(","y":")" + zeros + "\"}",
      R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})",
      R"({"kty":"OKP","crv":"X25519","x":")" + zeros + "\"}"};
  for (const std::string& each : bad) {
    INFO(each);
    CHECK_FALSE(read_jwks(key_set_of(each)).keys);
  }
  for (const char* text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[]})", R"({"keys":[],"keys":[]})", "<html>"}) {
    const ReadKeys read = read_jwks(text);
    CHECK_FALSE(read.keys);
    CHECK_FALSE(read.problem.empty());
  }
  std::string many = SigningKey::for_algorithm(Algorithm::es256).jwk();
  for (int i = 0; i < 100; ++i) many += ",{}";
  CHECK_FALSE(read_jwks(key_set_of(many)).keys);
  CHECK(read_jwks(good).keys);
}

TEST_CASE("auth-jwt: kid chooses among keys, and is nothing but a text") {
  const SigningKey other = SigningKey::curve("P-256");
  const SigningKey& ec = SigningKey::for_algorithm(Algorithm::es256);
  const ReadKeys read = read_jwks(key_set_of(ec.jwk_with_id("one") + "," + other.jwk_with_id("two") + "," +
                                             SigningKey::for_algorithm(Algorithm::rs256).jwk_with_id("two")));
  REQUIRE(read.keys);
  const auto count = [&](Algorithm algorithm, std::optional<std::string_view> kid) {
    return read.keys->candidates(algorithm, kid).count;
  };
  CHECK(count(Algorithm::es256, "one") == 1);
  CHECK(count(Algorithm::es256, "two") == 1);
  CHECK(count(Algorithm::rs256, "two") == 1);
  CHECK(count(Algorithm::rs256, "one") == 0);
  CHECK(count(Algorithm::es256, std::nullopt) == 2);
  CHECK(count(Algorithm::hs256, std::nullopt) == 0);
  for (const char* kid : {"", "ONE", "one ", "../../etc/passwd", "' OR 1=1 --", "https://evil.example/key"})
    CHECK(count(Algorithm::es256, kid) == 0);
}

TEST_CASE("auth-jwt: without kid only few keys are tried") {
  std::string keys;
  for (size_t i = 0; i < KeySet::kMaximumTries + 1; ++i) {
    if (i != 0) keys += ",";
    keys += SigningKey::for_algorithm(Algorithm::es256).jwk_with_id(std::to_string(i));
  }
  const ReadKeys read = read_jwks(key_set_of(keys));
  REQUIRE(read.keys);
  CHECK(read.keys->candidates(Algorithm::es256, std::nullopt).count == 0);
  CHECK(read.keys->candidates(Algorithm::es256, "3").count == 1);
}

TEST_CASE("auth-jwt: a key that names its algorithm fits no other") {
  const ReadKeys read = read_jwks(key_set_of(SigningKey::for_algorithm(Algorithm::rs256).jwk(R"(,"alg":"PS256")")));
  REQUIRE(read.keys);
  CHECK(read.keys->candidates(Algorithm::ps256, std::nullopt).count == 1);
  CHECK(read.keys->candidates(Algorithm::rs256, std::nullopt).count == 0);
}

TEST_CASE("auth-jwt: PEM text gives public keys and certificates, and refuses private ones") {
  const SigningKey& rsa = SigningKey::for_algorithm(Algorithm::rs256);
  const SigningKey& ec = SigningKey::for_algorithm(Algorithm::es256);
  CHECK(read_pem(rsa.public_pem()).keys->size() == 1);
  CHECK(read_pem("words in front\n" + rsa.public_pem() + ec.certificate_pem()).keys->size() == 2);
  CHECK(read_pem(ec.private_pem()).problem.find("private key") != std::string::npos);
  CHECK_FALSE(read_pem(ec.public_pem() + rsa.private_pem()).keys);
  CHECK(read_pem(SigningKey::rsa(1024).public_pem()).problem.find("1024 bits") != std::string::npos);
  CHECK_FALSE(read_pem(SigningKey::curve("secp256k1").public_pem()).keys);
  for (const char* text : {"", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"})
    CHECK_FALSE(read_pem(text).keys);
  // Whatever "kid" a token has: these keys have none.
  CHECK(read_pem(ec.public_pem()).keys->candidates(Algorithm::es256, "any").count == 1);
}

TEST_CASE("auth-jwt: back-off doubles up to a limit, with jitter, and ends with success") {
  RefreshSchedule::Terms terms;
  RefreshSchedule schedule(terms, 99);
  CHECK(schedule.is_due(0));
  uint64_t now = 1'000'000;
  for (uint64_t most = 1'000; most <= 256'000; most *= 2) {
    schedule.begins(now);
    schedule.failed(now);
    const uint64_t limit = std::min<uint64_t>(most, terms.longest_retry_ms);
    CHECK(schedule.next_ms() - now >= limit / 2);
    CHECK(schedule.next_ms() - now <= limit);
    CHECK_FALSE(schedule.may_hurry(schedule.next_ms() - 1));  // not even a login
    CHECK(schedule.may_hurry(schedule.next_ms()));
    now = schedule.next_ms();
  }
  for (int i = 0; i < 100; ++i) schedule.failed(now);
  CHECK(schedule.next_ms() <= now + terms.longest_retry_ms);
  schedule.succeeded(now);
  CHECK(schedule.next_ms() == now + terms.interval_ms);
  RefreshSchedule one(terms, 1);
  RefreshSchedule two(terms, 4'711);
  for (int i = 0; i < 6; ++i) one.failed(0), two.failed(0);
  CHECK(one.next_ms() != two.next_ms());
}

TEST_CASE("auth-jwt: keys are fetched again after the interval, and the last good ones stay") {
  SourceBench bench({.interval_ms = 60'000});
  bench.serve(one_key("a"));
  bench.source.tick();
  CHECK_FALSE(bench.source.keys());
  bench.run();
  REQUIRE(bench.source.keys());
  bench.pass(59);
  CHECK(bench.fetches == 1);
  bench.pass(1);
  CHECK(bench.fetches == 2);  // nobody answers
  CHECK(bench.source.state().failures == 1);
  CHECK(bench.source.keys()->candidates(Algorithm::es256, "a").count == 1);
  CHECK(bench.source.state().age_ms == 60'000);
  bench.serve("<html>sign in</html>");  // answers, but no keys
  bench.pass(1);
  CHECK(bench.fetches == 3);
  CHECK(bench.source.state().failures == 2);
  CHECK(bench.source.keys()->candidates(Algorithm::es256, "a").count == 1);
  bench.serve(one_key("b"));
  bench.pass(5);
  CHECK(bench.source.state().failures == 0);
  CHECK(bench.source.keys()->candidates(Algorithm::es256, "b").count == 1);
  CHECK(bench.source.keys()->candidates(Algorithm::es256, "a").count == 0);
  CHECK(bench.told.size() == 4);
}

TEST_CASE("auth-jwt: an hour without the server costs few fetches") {
  SourceBench bench;
  bench.source.tick();
  bench.run();
  bench.pass(3'600);
  CHECK(bench.fetches > 60);
  CHECK(bench.fetches < 140);
}

TEST_CASE("auth-jwt: an unknown kid causes one fetch, and the next not before its time") {
  SourceBench bench;
  bench.serve(one_key("a"));
  bench.source.tick();
  bench.run();
  bench.now_ms += 9'999;
  CHECK_FALSE(bench.wait(1));  // ten seconds since the last
  bench.now_ms += 1;
  bench.serve(one_key("b"));
  CHECK(bench.wait(2));
  CHECK(bench.wait(3));  // the same fetch
  CHECK(bench.answered.empty());
  bench.run();
  CHECK(bench.fetches == 2);
  CHECK(bench.answered == std::vector<uint64_t>{2, 3});
  CHECK_FALSE(bench.wait(4));
  CHECK(bench.fetches == 2);
}

TEST_CASE("auth-jwt: no more logins wait than the limit, and one that is void is forgotten") {
  SourceBench bench;
  for (size_t i = 1; i <= KeySource::kMaximumWaiting; ++i) REQUIRE(bench.wait(i));
  CHECK_FALSE(bench.wait(5'000));
  CHECK(bench.source.state().waiting == KeySource::kMaximumWaiting);
  bench.source.forget(7);
  bench.run();
  CHECK(bench.answered.size() == KeySource::kMaximumWaiting - 1);
  CHECK(bench.fetches == 1);
}

TEST_CASE("auth-jwt: without a free worker nobody waits for nothing") {
  SourceBench bench;
  bench.worker_free = false;
  CHECK_FALSE(bench.wait(1));
  CHECK(bench.answered.empty());
  CHECK(bench.source.state().failures == 1);
  bench.worker_free = true;
  bench.serve(one_key("a"));
  bench.pass(2);
  CHECK(bench.source.keys());
}

TEST_CASE("auth-jwt: who waits at the end is answered, and nothing begins any more") {
  SourceBench bench;
  REQUIRE(bench.wait(1));
  bench.source.stop();
  CHECK(bench.answered == std::vector<uint64_t>{1});
  CHECK_FALSE(bench.wait(2));
  bench.run();
  bench.pass(100);
  CHECK(bench.fetches == 1);
  CHECK(bench.told.empty());
}
