#include "token_check.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <random>
#include <thread>

#include "base64url.h"
#include "token_maker.h"

using namespace patchbay::auth_jwt;           // NOLINT: test
using namespace patchbay::auth_jwt::testing;  // NOLINT: test

namespace {

constexpr int64_t kNow = 1'800'000'000'000;
const std::string kSecret(64, 's');
const std::string kClaims = R"({"sub":"ann"})";

std::vector<Algorithm> all_algorithms() {
  std::vector<Algorithm> all;
  for (size_t i = 0; i < kAlgorithmCount; ++i) all.push_back(static_cast<Algorithm>(i));
  return all;
}

bool is_hmac(Algorithm algorithm) {
  return facts_of(algorithm).key_type == KeyType::secret;
}

Policy policy_for(std::initializer_list<Algorithm> allowed) {
  Policy policy;
  for (const Algorithm each : allowed) policy.algorithms.add(each);
  return policy;
}

KeySet secret_set() {
  KeySet keys;
  keys.ignore_key_ids();
  keys.add(VerificationKey::from_secret(kSecret));
  return keys;
}

std::shared_ptr<const KeySet> pem_set(const SigningKey& key) {
  const ReadKeys read = read_pem(key.public_pem());
  REQUIRE(read.keys);
  return read.keys;
}

Refusal refusal_of(const Policy& policy, const KeySet& keys, const std::string& token) {
  return check_token(policy, keys, token, {"c1", "ann"}, kNow).refusal;
}

std::string token_by(Algorithm algorithm, const std::string& payload = kClaims) {
  return is_hmac(algorithm) ? hmac_token(kSecret, payload, algorithm)
                            : signed_token(SigningKey::for_algorithm(algorithm), algorithm, payload);
}

std::shared_ptr<const KeySet> keys_for(Algorithm algorithm) {
  return is_hmac(algorithm) ? std::make_shared<KeySet>(secret_set()) : pem_set(SigningKey::for_algorithm(algorithm));
}

}  // namespace

TEST_CASE("auth-jwt: a token of every algorithm is taken with its key, and only untouched") {
  for (const Algorithm algorithm : all_algorithms()) {
    INFO(facts_of(algorithm).name);
    const Policy policy = policy_for({algorithm});
    const auto keys = keys_for(algorithm);
    const std::string token = token_by(algorithm);
    const CheckedToken checked = check_token(policy, *keys, token, {"c1", "somebody"}, kNow);
    CHECK(checked.refusal == Refusal::none);
    CHECK(checked.permit.identity == "ann");

    const size_t dot = token.rfind('.');
    std::string bytes = *from_base64url(std::string_view(token).substr(dot + 1));
    for (const size_t at : {size_t{0}, bytes.size() / 2, bytes.size() - 1}) {
      std::string forged = bytes;
      forged[at] = static_cast<char>(forged[at] ^ 1);
      CHECK(refusal_of(policy, *keys, token.substr(0, dot + 1) + base64url(forged)) == Refusal::signature);
    }
    CHECK(refusal_of(policy, *keys, token.substr(0, dot + 1)) == Refusal::signature);
    CHECK(refusal_of(policy, *keys, token.substr(0, dot + 1) + base64url(bytes + "x")) == Refusal::signature);
    CHECK(refusal_of(policy, *keys, token.substr(0, dot + 1) + base64url(bytes.substr(1))) == Refusal::signature);
    const std::string other = token_by(algorithm, R"({"sub":"eve"})");
    const std::string swapped = other.substr(0, other.rfind('.')) + token.substr(dot);
    CHECK(refusal_of(policy, *keys, swapped) == Refusal::signature);
  }
}

TEST_CASE("auth-jwt: the algorithm is the operator's, never the token's") {
  for (const Algorithm allowed : all_algorithms()) {
    for (const Algorithm used : all_algorithms()) {
      if (allowed == used) continue;
      INFO(facts_of(allowed).name << " allowed, " << facts_of(used).name << " used");
      CHECK(refusal_of(policy_for({allowed}), *keys_for(used), token_by(used)) == Refusal::algorithm);
    }
  }
}

TEST_CASE("auth-jwt: \"none\" is no algorithm, however it is written") {
  const Policy policy = policy_for({Algorithm::hs256, Algorithm::rs256, Algorithm::eddsa});
  const KeySet keys = secret_set();
  for (const char* name : {"none", "None", "NONE", "nOnE", "", "HS256 ", "hs256", "HS257", "RS256\\u0000"}) {
    INFO(name);
    const std::string header = std::string(R"({"alg":")") + name + "\"}";
    CHECK(refusal_of(policy, keys, raw_token(header, kClaims, "")) == Refusal::algorithm);
    CHECK(refusal_of(policy, keys, raw_token(header, kClaims, "x")) == Refusal::algorithm);
  }
  CHECK_FALSE(algorithm_named("none"));
}

TEST_CASE("auth-jwt: a public key is never an HMAC secret, even where both kinds are allowed") {
  const SigningKey& rsa = SigningKey::for_algorithm(Algorithm::rs256);
  // The attack: the public key's text as the secret of HS256.
  const Policy both = policy_for({Algorithm::rs256, Algorithm::hs256, Algorithm::es256});
  for (const std::string& secret : {rsa.public_pem(), rsa.jwk(), std::string()}) {
    CHECK(refusal_of(both, *pem_set(rsa), hmac_token(secret, kClaims)) == Refusal::unknown_key);
    CHECK(refusal_of(policy_for({Algorithm::rs256}), *pem_set(rsa), hmac_token(secret, kClaims)) == Refusal::algorithm);
  }
  // A key for one kind is no key for another.
  const auto signed_by_rsa = signed_token(rsa, Algorithm::rs256, kClaims);
  CHECK(refusal_of(both, *pem_set(SigningKey::for_algorithm(Algorithm::es256)), signed_by_rsa) == Refusal::unknown_key);
  CHECK(refusal_of(both, secret_set(), signed_by_rsa) == Refusal::unknown_key);
}

TEST_CASE("auth-jwt: a token can't bring its own key") {
  const SigningKey own = SigningKey::curve("P-256");
  const auto keys = pem_set(SigningKey::for_algorithm(Algorithm::es256));
  const Policy policy = policy_for({Algorithm::es256});
  const std::string more =
      ",\"jwk\":" + own.jwk() + R"(,"jku":"https://evil.example/k","x5u":"https://evil.example/c")";
  CHECK(refusal_of(policy, *keys, signed_token(own, Algorithm::es256, kClaims, more)) == Refusal::signature);
}

TEST_CASE("auth-jwt: an ECDSA signature of zeros, of another curve, or as ASN.1 is none") {
  const Policy policy = policy_for({Algorithm::es256, Algorithm::es384});
  const auto keys = pem_set(SigningKey::for_algorithm(Algorithm::es256));
  const std::string header = R"({"alg":"ES256"})";
  CHECK(refusal_of(policy, *keys, raw_token(header, kClaims, std::string(64, '\0'))) == Refusal::signature);
  CHECK(refusal_of(policy, *keys, raw_token(header, kClaims, std::string(64, '\xFF'))) == Refusal::signature);
  CHECK(refusal_of(policy, *keys, raw_token(header, kClaims, std::string(72, '\x30'))) == Refusal::signature);
  CHECK(refusal_of(policy, *keys, token_by(Algorithm::es384)) == Refusal::unknown_key);
}

TEST_CASE("auth-jwt: Ed448 is EdDSA too") {
  const SigningKey key = SigningKey::edwards("ED448");
  CHECK(refusal_of(policy_for({Algorithm::eddsa}), *pem_set(key), signed_token(key, Algorithm::eddsa, kClaims)) ==
        Refusal::none);
}

TEST_CASE("auth-jwt: PS tokens are not RS tokens, and salts have the length of the hash") {
  const SigningKey& key = SigningKey::for_algorithm(Algorithm::ps256);
  const auto keys = pem_set(key);
  const std::string text = base64url(R"({"alg":"PS256"})") + "." + base64url(kClaims);
  const std::string pkcs1 = text + "." + base64url(key.signature(Algorithm::rs256, text));
  CHECK(refusal_of(policy_for({Algorithm::ps256, Algorithm::rs256}), *keys, pkcs1) == Refusal::signature);
}

TEST_CASE("auth-jwt: what is no compact JWS is malformed") {
  const Policy policy = policy_for({Algorithm::hs256});
  const KeySet keys = secret_set();
  const std::string good = hmac_token(kSecret, kClaims);
  REQUIRE(refusal_of(policy, keys, good) == Refusal::none);
  const std::string bad[] = {"",
                             ".",
                             "..",
                             "...",
                             "a.b.c",
                             good + ".",
                             "." + good,
                             good + "=",
                             " " + good,
                             good + "\n",
                             good.substr(0, good.find('.')),
                             raw_token("[]", kClaims, ""),
                             raw_token("{}", kClaims, ""),
                             raw_token(R"({"alg":7})", kClaims, ""),
                             raw_token(R"({"alg":"HS256","alg":"none"})", kClaims, ""),
                             raw_token(R"({"alg":"HS256")", kClaims, ""),
                             raw_token(R"({"alg":"HS256","kid":5})", kClaims, ""),
                             raw_token(R"({"alg":"HS256","kid":")" + std::string(257, 'k') + "\"}", kClaims, "")};
  for (const std::string& each : bad) {
    INFO(each);
    CHECK(refusal_of(policy, keys, each) == Refusal::malformed);
  }
}

TEST_CASE("auth-jwt: extensions that must be understood are refused: we know none") {
  const Policy policy = policy_for({Algorithm::hs256});
  // RFC 7515, 4.1.11, and RFC 7797, which would leave the payload as it is.
  for (const char* more : {R"(,"crit":["b64"],"b64":false)", R"(,"crit":["exp"])", R"(,"crit":[])", R"(,"crit":null)"})
    CHECK(refusal_of(policy, secret_set(), hmac_token(kSecret, kClaims, Algorithm::hs256, more)) == Refusal::malformed);
}

TEST_CASE("auth-jwt: a signed payload that is no object of claims is malformed") {
  const Policy policy = policy_for({Algorithm::hs256});
  std::string deep = "{\"a\":";
  for (int i = 0; i < 100; ++i) deep += "[";
  for (int i = 0; i < 100; ++i) deep += "]";
  deep += "}";
  const std::string payloads[] = {"",     "null", "[]",       "\"x\"",           "{", R"({"sub":"a","sub":"b"})",
                                  "{} x", deep,   "\xff\xfe", R"({"exp":1e999})"};
  for (const std::string& payload : payloads) {
    INFO(payload);
    CHECK(refusal_of(policy, secret_set(), hmac_token(kSecret, payload)) == Refusal::malformed);
  }
}

TEST_CASE("auth-jwt: a token that is too long is not looked at") {
  Policy policy = policy_for({Algorithm::hs256});
  const std::string token = hmac_token(kSecret, kClaims);
  policy.max_token_bytes = token.size();
  CHECK(refusal_of(policy, secret_set(), token) == Refusal::none);
  policy.max_token_bytes = token.size() - 1;
  CHECK(refusal_of(policy, secret_set(), token) == Refusal::too_large);
  CHECK(refusal_of(policy, secret_set(), std::string(65'535, '.')) == Refusal::too_large);
}

TEST_CASE("auth-jwt: base64url has one spelling for each text of bytes") {
  CHECK(from_base64url("") == "");
  CHECK(from_base64url("Zg") == "f");
  CHECK(from_base64url("Zm8") == "fo");
  CHECK(from_base64url("Zm9v") == "foo");
  CHECK(from_base64url("_-8") == "\xff\xef");
  // A bit behind the last byte, padding, the other alphabet, white space, a single digit.
  for (const char* bad : {"Zh", "Zm9", "Zg==", "/+8", "Zm 9v", "Zm9v\n", "Z"}) {
    INFO(bad);
    CHECK_FALSE(from_base64url(bad));
  }
}

TEST_CASE("auth-jwt: no change of a token, small or large, gets in") {
  const Policy policy = policy_for({Algorithm::hs256, Algorithm::es256, Algorithm::rs256});
  KeySet keys = secret_set();
  const std::string good = hmac_token(kSecret, R"({"sub":"ann","acl":{"pub":["a"]},"client_attrs":{"a":"b"}})");
  std::mt19937 random(20'261'126);  // the same each time
  const auto below = [&random](size_t limit) { return std::uniform_int_distribution<size_t>(0, limit - 1)(random); };
  for (int round = 0; round < 20'000; ++round) {
    std::string changed = good;
    for (size_t edits = 1 + below(4); edits != 0; --edits) {
      const size_t at = below(changed.size());
      if (round % 3 == 0) changed[at] = static_cast<char>(below(256));
      if (round % 3 == 1) changed.erase(at, 1 + below(8));
      if (round % 3 == 2) changed.insert(at, good.substr(below(good.size()), 1 + below(8)));
      if (changed.empty()) break;
    }
    if (changed != good) REQUIRE(refusal_of(policy, keys, changed) != Refusal::none);
  }
}

TEST_CASE("auth-jwt: what is signed but strange is refused or harmless, and never crashes") {
  const Policy policy = [] {
    Policy all = policy_for({Algorithm::hs256});
    all.acl_claim = "acl";
    all.attributes_claim = "client_attrs";
    all.superuser_claim = "is_superuser";
    return all;
  }();
  const KeySet keys = secret_set();
  const std::string good =
      R"({"sub":"ann","exp":1900000000,"acl":[{"permission":"deny","action":"all","topics":["a/#","eq b"],"qos":[0,1]}],)"
      R"("client_attrs":{"a":"b"},"is_superuser":false})";
  std::mt19937 random(4'711);
  const auto below = [&random](size_t limit) { return std::uniform_int_distribution<size_t>(0, limit - 1)(random); };
  int taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string changed = good;
    for (size_t edits = 1 + below(3); edits != 0 && !changed.empty(); --edits) {
      const size_t at = below(changed.size());
      if (round % 2 == 0) changed[at] = R"({}[]":,0a\$)"[below(12)];
      if (round % 2 == 1) changed.erase(at, 1 + below(5));
    }
    const CheckedToken checked = check_token(policy, keys, hmac_token(kSecret, changed), {"c", "u"}, kNow);
    if (checked.refusal != Refusal::none) continue;
    ++taken;
    // A denial that is still readable is still there: no change makes less than the whole of it.
    if (checked.permit.permissions.stated) CHECK(checked.permit.permissions.native.size() <= 3);
    CHECK(checked.permit.identity.size() <= good.size());
  }
  CHECK(taken > 0);
  CHECK(taken < 20'000);
}

TEST_CASE("auth-jwt: one key serves several shards at the same time") {
  for (const Algorithm algorithm :
       {Algorithm::hs256, Algorithm::rs256, Algorithm::ps384, Algorithm::es256, Algorithm::eddsa}) {
    const Policy policy = policy_for({algorithm});
    const auto keys = keys_for(algorithm);
    const std::string good = token_by(algorithm);
    const std::string bad = good.substr(0, good.size() - 6) + "AAAAAA";
    std::atomic<int> wrong{0};
    std::vector<std::thread> shards;
    for (int i = 0; i < 4; ++i) {
      shards.emplace_back([&] {
        for (int round = 0; round < 50; ++round) {
          if (refusal_of(policy, *keys, good) != Refusal::none) ++wrong;
          if (refusal_of(policy, *keys, bad) != Refusal::signature) ++wrong;
        }
      });
    }
    for (auto& shard : shards) shard.join();
    CHECK(wrong == 0);
  }
}
