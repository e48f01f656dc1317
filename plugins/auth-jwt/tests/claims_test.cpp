#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "acl_claim.h"
#include "late_rules.h"
#include "token_check.h"
#include "token_maker.h"

using namespace patchbay::auth_jwt;           // NOLINT: test
using namespace patchbay::auth_jwt::testing;  // NOLINT: test
using patchbay::support::TopicValues;

namespace {

constexpr int64_t kNowS = 1'800'000'000;
const std::string kSecret(32, 's');

Policy usual_policy() {
  Policy policy;
  policy.algorithms.add(Algorithm::hs256);
  policy.leeway_ms = 5'000;
  policy.acl_claim = "acl";
  policy.superuser_claim = "is_superuser";
  policy.attributes_claim = "client_attrs";
  return policy;
}

ClaimCheck expect(const std::string& name, const std::string& value) {
  std::string problem;
  auto parsed = ClaimTemplate::parse(value, problem);
  REQUIRE(parsed);
  return {name, std::move(*parsed)};
}

CheckedToken check(const Policy& policy, const std::string& payload, const Bearer& bearer = {"c1", "ann", false}) {
  KeySet keys;
  keys.ignore_key_ids();
  keys.add(VerificationKey::from_secret(kSecret));
  return check_token(policy, keys, hmac_token(kSecret, payload), bearer, kNowS * 1'000);
}

Refusal refusal_of(const std::string& payload, const Policy& policy = usual_policy()) {
  return check(policy, payload).refusal;
}

std::string at(const std::string& claim, int64_t seconds) {
  return "{\"" + claim + "\":" + std::to_string(kNowS + seconds) + "}";
}

Permissions acl(const std::string& json) {
  const auto read = read_acl(Json::parse(json));
  REQUIRE(read);
  return *read;
}

}  // namespace

TEST_CASE("auth-jwt: exp ends a token, with leeway") {
  CHECK(refusal_of(at("exp", 1)) == Refusal::none);
  CHECK(refusal_of(at("exp", -4)) == Refusal::none);
  CHECK(refusal_of(at("exp", -5)) == Refusal::expired);
  CHECK(refusal_of(at("exp", -500)) == Refusal::expired);
  CHECK(refusal_of(R"({"exp":"1900000000"})") == Refusal::none);
  CHECK(refusal_of(R"({"exp":1900000000.5})") == Refusal::none);
  CHECK(refusal_of(R"({"exp":"17"})") == Refusal::expired);
  CHECK(refusal_of(R"({"exp":0})") == Refusal::expired);
  CHECK(refusal_of(R"({"exp":-1})") == Refusal::expired);
  for (const char* weird : {"null", "true", "[]", "{}", "\"\"", "\"soon\"", "\"19 \"", "\"nan\"", "\"inf\""})
    CHECK(refusal_of(std::string("{\"exp\":") + weird + "}") == Refusal::malformed);
}

TEST_CASE("auth-jwt: nbf and iat in the future refuse, with leeway") {
  for (const char* name : {"nbf", "iat"}) {
    CHECK(refusal_of(at(name, 0)) == Refusal::none);
    CHECK(refusal_of(at(name, 5)) == Refusal::none);
    CHECK(refusal_of(at(name, 6)) == Refusal::not_yet_valid);
    CHECK(refusal_of(std::string("{\"") + name + "\":false}") == Refusal::malformed);
  }
}

TEST_CASE("auth-jwt: the connection ends when the token does") {
  const CheckedToken ends = check(usual_policy(), at("exp", 60));
  CHECK(ends.permit.expires_at_unix_ms == (kNowS + 65) * 1'000);
  CHECK(check(usual_policy(), "{}").permit.expires_at_unix_ms == 0);
  CHECK(check(usual_policy(), R"({"exp":1e300})").permit.expires_at_unix_ms == 253'402'300'799'000 + 5'000);
}

TEST_CASE("auth-jwt: claims must have their values, with the client's own in them") {
  Policy policy = usual_policy();
  policy.verify_claims = {expect("sub", "${clientid}"), expect("who", "u-${username}!"), expect("aud", "mqtt")};
  const auto refusal = [&](const std::string& payload) { return refusal_of(payload, policy); };
  CHECK(refusal(R"({"sub":"c1","who":"u-ann!","aud":"mqtt"})") == Refusal::none);
  CHECK(refusal(R"({"sub":"c1","who":"u-ann!","aud":["x","mqtt"]})") == Refusal::none);
  CHECK(refusal(R"({"sub":"c2","who":"u-ann!","aud":"mqtt"})") == Refusal::claims);
  CHECK(refusal(R"({"sub":"c1","who":"u-eve!","aud":"mqtt"})") == Refusal::claims);
  CHECK(refusal(R"({"sub":"c1","who":"u-ann!","aud":"http"})") == Refusal::claims);
  CHECK(refusal(R"({"sub":"c1","who":"u-ann!","aud":[]})") == Refusal::claims);
  CHECK(refusal(R"({"sub":"c1","who":"u-ann!","aud":[["mqtt"]]})") == Refusal::claims);
  CHECK(refusal(R"({"sub":"c1","who":"u-ann!"})") == Refusal::claims);
  // Only "aud" may be a list.
  CHECK(refusal(R"({"sub":["c1"],"who":"u-ann!","aud":"mqtt"})") == Refusal::claims);
  // A client that doesn't say its name can't have the right one, whatever the token says.
  CHECK(check(policy, R"({"sub":"c1","who":"u-!","aud":"mqtt"})", {"c1", "", false}).refusal == Refusal::claims);
  CHECK(check(policy, R"({"sub":"c1","who":"u-ann!","aud":"mqtt"})", {"c1", "ann", true}).refusal == Refusal::claims);
}

TEST_CASE("auth-jwt: numbers and booleans are compared as written, required claims must be there") {
  Policy policy = usual_policy();
  policy.verify_claims = {expect("level", "3"), expect("on", "true")};
  policy.required_claims = {"exp"};
  CHECK(refusal_of(R"({"exp":1900000000,"level":3,"on":true})", policy) == Refusal::none);
  CHECK(refusal_of(R"({"exp":1900000000,"level":3.0,"on":true})", policy) == Refusal::claims);
  CHECK(refusal_of(R"({"exp":1900000000,"level":{"a":3},"on":true})", policy) == Refusal::claims);
  CHECK(refusal_of(R"({"level":3,"on":true})", policy) == Refusal::claims);
}

TEST_CASE("auth-jwt: templates know two placeholders") {
  std::string problem;
  CHECK(ClaimTemplate::parse("a${clientid}b${username}c", problem));
  CHECK(ClaimTemplate::parse("$5 {}", problem));
  CHECK_FALSE(ClaimTemplate::parse("${password}", problem));
  CHECK(problem.find("${password}") != std::string::npos);
  CHECK_FALSE(ClaimTemplate::parse("${clientid", problem));
}

TEST_CASE("auth-jwt: who it is: the chosen claim, else sub, else the name, else the client id") {
  Policy policy = usual_policy();
  CHECK(check(policy, R"({"sub":"s"})").permit.identity == "s");
  CHECK(check(policy, R"({"sub":5})").permit.identity == "ann");
  CHECK(check(policy, "{}").permit.identity == "ann");
  CHECK(check(policy, "{}", {"c1", "", false}).permit.identity == "c1");
  CHECK(check(policy, "{}", {"c1", "to.k.en", true}).permit.identity == "c1");
  policy.identity_claim = "email";
  CHECK(check(policy, R"({"sub":"s","email":"a@b"})").permit.identity == "a@b");
  CHECK(check(policy, R"({"sub":"s"})").refusal == Refusal::claims);
  CHECK(check(policy, R"({"email":"a\u0000b"})").refusal == Refusal::claims);
}

TEST_CASE("auth-jwt: superusers and attributes") {
  for (const char* yes : {"true", "1", "\"true\"", "\"1\""})
    CHECK(check(usual_policy(), std::string("{\"is_superuser\":") + yes + "}").permit.superuser);
  for (const char* no : {"false", "0", "\"no\"", "null", "[true]", "{}", "2"})
    CHECK_FALSE(check(usual_policy(), std::string("{\"is_superuser\":") + no + "}").permit.superuser);

  const CheckedToken good = check(usual_policy(), R"({"client_attrs":{"site":"a","n":7,"on":true}})");
  REQUIRE(good.refusal == Refusal::none);
  CHECK(good.permit.attributes.size() == 3);
  CHECK(std::pair<std::string, std::string>("site", "a") == good.permit.attributes.back());
  for (const char* bad : {"[]", "\"x\"", R"({"a":{}})", R"({"a":null})", R"({"a.b":"c"})", R"({"":"c"})"})
    CHECK(refusal_of(std::string("{\"client_attrs\":") + bad + "}") == Refusal::malformed);
}

TEST_CASE("auth-jwt: claims of another name count when the operator says so, and none when the name is empty") {
  Policy policy = usual_policy();
  policy.superuser_claim = "admin";
  policy.acl_claim = "";
  policy.attributes_claim = "";
  const CheckedToken checked = check(policy, R"({"admin":true,"acl":17,"client_attrs":17})");
  REQUIRE(checked.refusal == Refusal::none);
  CHECK(checked.permit.superuser);
  CHECK_FALSE(checked.permit.permissions.stated);
}

TEST_CASE("auth-jwt: the ACL as lists is a white list") {
  const Permissions read = acl(R"({"pub":["a/${clientid}","eq b"],"sub":["c/#"],"all":"d/${client_attrs.site}"})");
  REQUIRE(read.native.size() == 5);
  CHECK(read.late.empty());
  CHECK(read.native[0].topic_filter == "a/${clientid}");
  CHECK(read.native[0].actions == kPublish);
  CHECK(read.native[1].topic_filter == "b");
  CHECK(read.native[2].actions == kSubscribe);
  CHECK(read.native[3].actions == kAllActions);
  CHECK(read.native[3].topic_filter == "d/${attr.site}");
  CHECK_FALSE(read.native[4].allow);
  CHECK(read.native[4].topic_filter.empty());
  CHECK(acl("{}").native.size() == 1);
}

TEST_CASE("auth-jwt: the ACL as rules, in order, with QoS and retain") {
  const Permissions read = acl(R"([
    {"permission":"deny","action":"all","topic":"x/#"},
    {"permission":"allow","action":"publish","topic":"y","qos":[0,"2"],"retain":false},
    {"permission":"allow","action":"sub","topics":["z","w"],"qos":"0,1"},
    {"permission":"allow","action":"pub","topic":"v","qos":1,"retain":"1"},
    {"permission":"allow","action":"pub","topic":"u","qos":null,"retain":"all"}])");
  REQUIRE(read.native.size() == 6);
  CHECK_FALSE(read.native[0].allow);
  CHECK(read.native[1].qos_mask == 0b101);
  CHECK(read.native[1].retain == 2);
  CHECK(read.native[2].qos_mask == 0b011);
  CHECK(read.native[3].topic_filter == "w");
  CHECK(read.native[4].qos_mask == 0b010);
  CHECK(read.native[4].retain == 1);
  CHECK(read.native[5].qos_mask == 7);
  CHECK(read.native[5].retain == 0);
  CHECK(acl("[]").native.empty());
}

TEST_CASE("auth-jwt: an ACL of which any part can't be understood is none") {
  const std::string head = R"([{"permission":"allow","action":"all","topic":"a")";
  const std::string bad[] = {"5",
                             "\"a\"",
                             "null",
                             "[5]",
                             R"({"pub":5})",
                             R"({"pub":[5]})",
                             R"({"pub":[""]})",
                             R"({"pub":["eq "]})",
                             R"({"pub":["a\nb"]})",
                             R"([{"action":"all","topic":"a"}])",
                             R"([{"permission":"Allow","action":"all","topic":"a"}])",
                             R"([{"permission":"allow","action":"read","topic":"a"}])",
                             R"([{"permission":"allow","action":"all"}])",
                             R"([{"permission":"allow","action":"all","topic":["a"]}])",
                             head + R"(,"qos":3}])",
                             head + R"(,"qos":"0,"}])",
                             head + R"(,"qos":"01"}])",
                             head + R"(,"qos":true}])",
                             head + R"(,"retain":"maybe"}])",
                             head + R"(,"ipaddr":"10.0.0.1"}])"};
  for (const std::string& each : bad) {
    INFO(each);
    CHECK_FALSE(read_acl(Json::parse(each)));
    CHECK(refusal_of("{\"acl\":" + each + "}") == Refusal::permissions);
  }
  Json many = Json::array();
  for (int i = 0; i < 1'000; ++i) many.push_back({{"permission", "allow"}, {"action", "all"}, {"topic", "t"}});
  CHECK(read_acl(many));
  many.push_back(many.front());
  CHECK_FALSE(read_acl(many));
}

TEST_CASE("auth-jwt: a literal rule that the core can't express, and what comes behind it, is evaluated here") {
  const Permissions read = acl(R"([
    {"permission":"allow","action":"sub","topic":"a/#"},
    {"permission":"deny","action":"sub","topic":"eq #"},
    {"permission":"allow","action":"sub","topic":"eq b/+"},
    {"permission":"deny","action":"all","topic":"b/#"},
    {"permission":"allow","action":"publish","topic":"c/${clientid}/${client_attrs.site}","qos":[1],"retain":true}])");
  CHECK(read.native.size() == 1);
  REQUIRE(read.late.size() == 4);
  const auto written = write_late_rules(read, 2'000);
  REQUIRE(written);
  TopicValues client;
  client.client_id = "c1";
  client.attribute = [](const void*, std::string_view name) {
    return name == "site" ? std::string_view("north") : std::string_view();
  };
  const auto ask = [&](uint8_t action, const char* topic, uint8_t qos = 0, bool retain = false, uint64_t now = 1'000) {
    return ask_late_rules(*written, {action, qos, retain, topic}, client, now);
  };
  CHECK(ask(kSubscribe, "#") == false);
  CHECK(ask(kSubscribe, "+/#") == false);  // overlaps b/#, which is denied
  CHECK(ask(kSubscribe, "b/+") == true);
  CHECK(ask(kSubscribe, "b/1") == false);
  CHECK_FALSE(ask(kSubscribe, "d"));
  CHECK(ask(kPublish, "b/1") == false);
  CHECK(ask(kPublish, "c/c1/north", 1, true) == true);
  CHECK_FALSE(ask(kPublish, "c/c1/north", 0, true));
  CHECK_FALSE(ask(kPublish, "c/c1/north", 1, false));
  CHECK_FALSE(ask(kPublish, "c/c2/north", 1, true));
  // Behind the end of the token everything is denied.
  CHECK(ask(kSubscribe, "b/+", 0, false, 1'999) == true);
  CHECK(ask(kSubscribe, "b/+", 0, false, 2'000) == false);
  client.client_id = "+";
  CHECK_FALSE(ask(kPublish, "c/+/north", 1, true));
}

TEST_CASE("auth-jwt: late rules that can't be read deny, and ones that are too long are not written") {
  for (const char* bad : {"", "x", "\n+170a", "0\nallow a", "0\n+1\n"})
    CHECK(ask_late_rules(bad, {kPublish, 0, false, "a"}, {}, 5) != true);
  Permissions many;
  for (int i = 0; i < 100; ++i) many.late.push_back({true, kAllActions, 7, 0, std::string(1'000, 't')});
  CHECK_FALSE(write_late_rules(many, 0));
}

TEST_CASE("auth-jwt: an ACL that ends before the connection does is evaluated here as a whole") {
  Policy policy = usual_policy();
  policy.disconnect_at_expiry = false;
  const std::string payload = R"({"acl":{"pub":["a"]},"exp":)" + std::to_string(kNowS + 10) + "}";
  const CheckedToken checked = check(policy, payload);
  REQUIRE(checked.refusal == Refusal::none);
  CHECK(checked.permit.permissions.stated);
  CHECK(checked.permit.permissions.native.empty());
  CHECK(checked.permit.permissions.late.size() == 2);
  const auto written = write_late_rules(checked.permit.permissions, checked.permit.expires_at_unix_ms);
  REQUIRE(written);
  const uint64_t end = checked.permit.expires_at_unix_ms;
  CHECK(ask_late_rules(*written, {kPublish, 0, false, "a"}, {}, end - 1) == true);
  CHECK(ask_late_rules(*written, {kPublish, 0, false, "a"}, {}, end) == false);
  CHECK(ask_late_rules(*written, {kPublish, 0, false, "b"}, {}, end - 1) == false);
  CHECK(ask_late_rules(*written, {kSubscribe, 0, false, "$SYS/#"}, {}, end - 1) == false);
}
