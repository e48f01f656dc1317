#include "rule_set.h"

#include <catch2/catch.hpp>

#include "scripted_database.h"

using namespace patchbay::acl_mysql;  // NOLINT: test

namespace {

Subject ann() {
  Subject subject;
  subject.client_id = "c1";
  subject.username = "ann";
  subject.certificate_common_name = "ann.example";
  subject.peer_address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 1, 2, 3};
  subject.attributes = {{"site", "north"}};
  return subject;
}

RuleSet rules(std::vector<std::vector<Value>> rows, Subject subject = ann()) {
  RuleSet made(std::move(subject));
  std::string error;
  const bool taken = made.take(acl_rows(std::move(rows)), error);
  INFO(error);
  REQUIRE(taken);
  return made;
}

std::string refusal(std::vector<Value> row) {
  RuleSet made(ann());
  std::string error;
  CHECK_FALSE(made.take(acl_rows({{"allow", "all", "ok", {}, {}, {}}, std::move(row)}), error));
  return error;
}

Decision publish(const RuleSet& set, std::string_view topic, std::uint8_t qos = 0, bool retain = false) {
  return set.decide({Question::Action::publish, qos, retain, topic});
}
Decision subscribe(const RuleSet& set, std::string_view filter, std::uint8_t qos = 0) {
  return set.decide({Question::Action::subscribe, qos, false, filter});
}

constexpr auto kAllow = Decision::allow;
constexpr auto kDeny = Decision::deny;
constexpr auto kNoMatch = Decision::no_match;
const Value kNull;

}  // namespace

TEST_CASE("acl-mysql rules: the first row that matches wins, and none is no match") {
  const RuleSet set = rules({{"deny", "publish", "a/secret", kNull, kNull, kNull},
                             {"allow", "publish", "a/+", kNull, kNull, kNull},
                             {"allow", "subscribe", "b/#", kNull, kNull, kNull}});
  CHECK(publish(set, "a/secret") == kDeny);
  CHECK(publish(set, "a/open") == kAllow);
  CHECK(publish(set, "b/x") == kNoMatch);
  CHECK(subscribe(set, "b/x") == kAllow);
  CHECK(subscribe(set, "a/open") == kNoMatch);
}

TEST_CASE("acl-mysql rules: a subscription wider than what is allowed is not allowed") {
  const RuleSet set = rules({{"allow", "subscribe", "b/+/c", kNull, kNull, kNull}});
  CHECK(subscribe(set, "b/x/c") == kAllow);
  CHECK(subscribe(set, "b/+/c") == kAllow);
  CHECK(subscribe(set, "b/#") == kNoMatch);
  CHECK(subscribe(set, "#") == kNoMatch);
}

TEST_CASE("acl-mysql rules: a wide subscription is no way around a row that denies") {
  const RuleSet set =
      rules({{"deny", "subscribe", "secret/#", kNull, kNull, kNull}, {"allow", "all", "#", kNull, kNull, kNull}});
  CHECK(subscribe(set, "secret/x") == kDeny);
  CHECK(subscribe(set, "#") == kDeny);
  CHECK(subscribe(set, "+/x") == kDeny);
  CHECK(subscribe(set, "open/#") == kAllow);
}

TEST_CASE("acl-mysql rules: 'eq ' means the letters that follow") {
  const RuleSet set = rules(
      {{"allow", "all", "eq a/#", kNull, kNull, kNull}, {"allow", "publish", "eq b/${clientid}", kNull, kNull, kNull}});
  CHECK(subscribe(set, "a/#") == kAllow);
  CHECK(subscribe(set, "a/b") == kNoMatch);
  CHECK(publish(set, "a/b") == kNoMatch);
  CHECK(publish(set, "b/c1") == kNoMatch);
  CHECK(publish(set, "b/${clientid}") == kAllow);
}

TEST_CASE("acl-mysql rules: placeholders in topics stand for what the client is") {
  const RuleSet set = rules({{"allow", "all", "u/${username}/#", kNull, kNull, kNull},
                             {"allow", "all", "c/${clientid}", kNull, kNull, kNull},
                             {"allow", "all", "n/${cert_common_name}", kNull, kNull, kNull},
                             {"allow", "all", "s/${client_attrs.site}/+", kNull, kNull, kNull},
                             {"allow", "all", "ip/${peerhost}", kNull, kNull, kNull}});
  CHECK(publish(set, "u/ann/x") == kAllow);
  CHECK(publish(set, "u/bob/x") == kNoMatch);
  CHECK(publish(set, "c/c1") == kAllow);
  CHECK(publish(set, "n/ann.example") == kAllow);
  CHECK(publish(set, "s/north/1") == kAllow);
  CHECK(publish(set, "s/south/1") == kNoMatch);
  CHECK(publish(set, "ip/10.1.2.3") == kAllow);
}

TEST_CASE("acl-mysql rules: a client's own name brings no wildcard and no level into a topic") {
  for (const char* name : {"#", "+", "a/b", "ann/#", ""}) {
    Subject subject = ann();
    subject.username = name;
    const RuleSet allowing = rules({{"allow", "all", "u/${username}/x", kNull, kNull, kNull}}, subject);
    INFO(name);
    CHECK(publish(allowing, "u/bob/x") == kNoMatch);
    CHECK(publish(allowing, std::string("u/") + name + "/x") == kNoMatch);
    CHECK(subscribe(allowing, "u/#") == kNoMatch);
    CHECK(subscribe(allowing, "u/+/x") == kNoMatch);
    // A row that denies is about all that it could have meant.
    const RuleSet denying = rules(
        {{"deny", "all", "u/${username}/x", kNull, kNull, kNull}, {"allow", "all", "#", kNull, kNull, kNull}}, subject);
    CHECK(publish(denying, "u/bob/x") == kDeny);
    CHECK(publish(denying, "v/bob/x") == kAllow);
  }
}

TEST_CASE("acl-mysql rules: QoS and retain") {
  const RuleSet set = rules({{"allow", "publish", "q", kNull, "0,2", kNull},
                             {"allow", "publish", "r", kNull, kNull, "1"},
                             {"allow", "publish", "n", kNull, "", "0"},
                             {"allow", "subscribe", "s", kNull, "1", "1"}});
  CHECK(publish(set, "q", 0) == kAllow);
  CHECK(publish(set, "q", 1) == kNoMatch);
  CHECK(publish(set, "q", 2) == kAllow);
  CHECK(publish(set, "r", 0, true) == kAllow);
  CHECK(publish(set, "r", 0, false) == kNoMatch);
  CHECK(publish(set, "n", 0, true) == kNoMatch);
  CHECK(publish(set, "n", 0, false) == kAllow);
  // A subscription is neither retained nor not.
  CHECK(subscribe(set, "s", 1) == kAllow);
  CHECK(subscribe(set, "s", 0) == kNoMatch);
}

TEST_CASE("acl-mysql rules: rows of an address, and of a range") {
  const RuleSet set = rules({{"deny", "all", "#", "192.0.2.1", kNull, kNull},
                             {"allow", "all", "one", "10.1.2.3", kNull, kNull},
                             {"allow", "all", "net", "10.1.0.0/16", kNull, kNull},
                             {"allow", "all", "other", "10.2.0.0/16", kNull, kNull},
                             {"allow", "all", "any", "", kNull, kNull}});
  CHECK(publish(set, "one") == kAllow);
  CHECK(publish(set, "net") == kAllow);
  CHECK(publish(set, "other") == kNoMatch);
  CHECK(publish(set, "any") == kAllow);
  CHECK(set.size() == 3);
}

TEST_CASE("acl-mysql rules: the numbers of tables of EMQX 4") {
  const RuleSet set = rules({{"0", "2", "p", kNull, kNull, kNull},
                             {"1", "1", "s", kNull, kNull, kNull},
                             {"1", "3", "b", kNull, kNull, kNull}});
  CHECK(publish(set, "p") == kDeny);
  CHECK(subscribe(set, "s") == kAllow);
  CHECK(publish(set, "s") == kNoMatch);
  CHECK(publish(set, "b") == kAllow);
}

TEST_CASE("acl-mysql rules: a row that can't be understood makes them unusable, and says where") {
  CHECK(refusal({"maybe", "all", "a", kNull, kNull, kNull}) ==
        "row 2 of the rules: permission is neither allow nor deny");
  CHECK_THAT(refusal({kNull, "all", "a", kNull, kNull, kNull}), Catch::Contains("permission"));
  CHECK_THAT(refusal({"allow", "read", "a", kNull, kNull, kNull}), Catch::Contains("action"));
  CHECK_THAT(refusal({"allow", "all", kNull, kNull, kNull, kNull}), Catch::Contains("topic is NULL"));
  CHECK_THAT(refusal({"allow", "all", "a/#/b", kNull, kNull, kNull}), Catch::Contains("topic"));
  CHECK_THAT(refusal({"allow", "all", "a/${nobody}", kNull, kNull, kNull}), Catch::Contains("nobody"));
  CHECK_THAT(refusal({"allow", "all", "a", "10.0.0.0/40", kNull, kNull}), Catch::Contains("ipaddress"));
  CHECK_THAT(refusal({"allow", "all", "a", kNull, "3", kNull}), Catch::Contains("qos"));
  CHECK_THAT(refusal({"allow", "all", "a", kNull, "0,", kNull}), Catch::Contains("qos"));
  CHECK_THAT(refusal({"allow", "all", "a", kNull, kNull, "2"}), Catch::Contains("retain"));
}

TEST_CASE("acl-mysql rules: columns are found by name, and those of the address and the rest may be missing") {
  RuleSet set(ann());
  std::string error;
  REQUIRE(set.take({{"topic", "id", "permission", "action"}, {{"a", "7", "ALLOW", "Publish"}}}, error));
  CHECK(publish(set, "a") == kAllow);
  RuleSet wrong(ann());
  CHECK_FALSE(wrong.take({{"topic", "permission"}, {}}, error));
  CHECK_THAT(error, Catch::Contains("action"));
}

TEST_CASE("acl-mysql rules: a superuser is asked for nothing more") {
  RuleSet set(ann());
  set.make_superuser();
  CHECK(publish(set, "$SYS/x") == kAllow);
  CHECK(subscribe(set, "#") == kAllow);
}
