#include "access/permission_set.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/random.h"
#include "topic/topic_filter.h"

using namespace patchbay;
using access::PermissionRule;
using access::PermissionSet;
using mqtt::Qos;

namespace {

PermissionRule rule(bool allow, uint8_t actions, std::string filter) {
  PermissionRule result;
  result.allow = allow;
  result.actions = actions;
  result.topic_filter = std::move(filter);
  return result;
}

PermissionSet compile(const std::vector<PermissionRule>& rules, std::string_view client_id = "c1",
                      std::string_view username = "alice") {
  auto set = PermissionSet::compile(rules, {client_id, username, nullptr});
  REQUIRE(set.has_value());
  return std::move(*set);
}

std::optional<bool> publish(const PermissionSet& set, std::string_view topic) {
  return set.may_publish(topic, Qos::at_most_once, false);
}

std::optional<bool> subscribe(const PermissionSet& set, std::string_view filter) {
  return set.may_subscribe(filter, Qos::at_most_once);
}

/// All names of up to three levels of the alphabet.
std::vector<std::string> all_names(const std::vector<std::string>& alphabet) {
  std::vector<std::string> names;
  for (const auto& first : alphabet) {
    names.push_back(first);
    for (const auto& second : alphabet) {
      names.push_back(first + "/" + second);
      for (const auto& third : alphabet) names.push_back(first + "/" + second + "/" + third);
    }
  }
  return names;
}

std::string random_filter(base::Random& random) {
  static const std::vector<std::string> kLevels = {"a", "b", "+", "$x", ""};
  std::string filter;
  const uint64_t levels = 1 + random.below(3);
  for (uint64_t i = 0; i < levels; ++i) {
    if (i > 0) filter += "/";
    if (i + 1 == levels && random.below(3) == 0) return filter + "#";
    filter += kLevels[random.below(kLevels.size())];
  }
  return filter.empty() ? "a" : filter;
}

}  // namespace

TEST_CASE("the first rule that matches decides, and no rule is no opinion") {
  const PermissionSet set =
      compile({rule(false, PermissionRule::publish, "a/secret"), rule(true, PermissionRule::all, "a/#"),
               rule(true, PermissionRule::subscribe, "b/+")});
  CHECK(publish(set, "a/secret") == false);
  CHECK(publish(set, "a/open") == true);
  CHECK(publish(set, "b/1") == std::nullopt);
  CHECK(subscribe(set, "b/1") == true);
  CHECK(subscribe(set, "c") == std::nullopt);
  CHECK(publish(compile({}), "a") == std::nullopt);
}

TEST_CASE("a rule that allows must cover the whole filter; one that denies stands against any overlap") {
  const PermissionSet set =
      compile({rule(false, PermissionRule::subscribe, "a/secret"), rule(true, PermissionRule::subscribe, "a/+")});
  CHECK(subscribe(set, "a/b") == true);
  CHECK(subscribe(set, "a/b/c") == std::nullopt);
  CHECK(subscribe(set, "a/secret") == false);
  CHECK(subscribe(set, "a/+") == false);
  CHECK(subscribe(set, "#") == false);
  CHECK(subscribe(set, "+/secret") == false);
  const PermissionSet narrow = compile({rule(true, PermissionRule::subscribe, "a/b")});
  CHECK(subscribe(narrow, "a/+") == std::nullopt);
  CHECK(subscribe(narrow, "#") == std::nullopt);
}

TEST_CASE("QoS and retain belong to a rule") {
  PermissionRule only_qos_0 = rule(true, PermissionRule::all, "q");
  only_qos_0.qos_mask = 0b001;
  PermissionRule no_retain = rule(true, PermissionRule::publish, "r");
  no_retain.retain = PermissionRule::Retain::not_retained;
  PermissionRule retained = rule(false, PermissionRule::publish, "r");
  retained.retain = PermissionRule::Retain::retained_only;
  const PermissionSet set = compile({only_qos_0, no_retain, retained});
  CHECK(set.may_publish("q", Qos::at_most_once, false) == true);
  CHECK(set.may_publish("q", Qos::at_least_once, false) == std::nullopt);
  CHECK(set.may_subscribe("q", Qos::exactly_once) == std::nullopt);
  CHECK(set.may_publish("r", Qos::at_least_once, false) == true);
  CHECK(set.may_publish("r", Qos::at_least_once, true) == false);
}

TEST_CASE("each client has its own topics by placeholders") {
  const std::vector<PermissionRule> rules = {rule(true, PermissionRule::all, "dev/${clientid}/#"),
                                             rule(true, PermissionRule::subscribe, "user/${username}")};
  const PermissionSet first = compile(rules, "c1", "alice");
  CHECK(publish(first, "dev/c1/state") == true);
  CHECK(publish(first, "dev/c2/state") == std::nullopt);
  CHECK(subscribe(first, "user/alice") == true);
  CHECK(subscribe(first, "user/bob") == std::nullopt);
}

TEST_CASE("a client that calls itself '+' or '#' gets no more topics, and escapes no ban") {
  const std::vector<PermissionRule> rules = {rule(false, PermissionRule::all, "banned/${clientid}/x"),
                                             rule(true, PermissionRule::all, "dev/${clientid}/state"),
                                             rule(true, PermissionRule::all, "banned/#")};
  for (const std::string_view name : {"+", "#", "a/b", ""}) {
    const PermissionSet set = compile(rules, name);
    INFO(name);
    CHECK(publish(set, "dev/c2/state") == std::nullopt);
    CHECK(subscribe(set, "dev/+/state") == std::nullopt);
    CHECK(publish(set, "banned/any/x") == false);
    CHECK(subscribe(set, "banned/#") == false);
  }
}

TEST_CASE("a rule that isn't a topic filter allows nothing and, when it denies, denies everything") {
  const PermissionSet set = compile({rule(true, PermissionRule::all, "a/#/b"), rule(true, PermissionRule::all, "ok")});
  CHECK(publish(set, "a/x/b") == std::nullopt);
  CHECK(publish(set, "ok") == true);
  const PermissionSet closed =
      compile({rule(false, PermissionRule::all, "a/#/b"), rule(true, PermissionRule::all, "#")});
  CHECK(publish(closed, "ok") == false);
  CHECK(publish(closed, "$SYS/x") == false);
  CHECK(subscribe(closed, "$SYS/x") == false);
}

TEST_CASE("too many rules are refused as a whole") {
  const std::vector<PermissionRule> rules(PermissionSet::kMaximumRules + 1, rule(true, PermissionRule::all, "a"));
  CHECK_FALSE(PermissionSet::compile(rules, {}).has_value());
}

TEST_CASE("[MQTT-4.7.2-1] wildcards in front don't reach '$' topics, in rules neither") {
  const PermissionSet set = compile({rule(true, PermissionRule::all, "#")});
  CHECK(publish(set, "$SYS/x") == std::nullopt);
  CHECK(subscribe(set, "$SYS/#") == std::nullopt);
  CHECK_FALSE(access::filters_overlap("#", "$SYS/a"));
  CHECK_FALSE(access::filters_overlap("$SYS/a", "+/a"));
  CHECK(access::filters_overlap("$SYS/#", "$SYS/a"));
}

TEST_CASE("overlap is what a search through all names says") {
  // "c" stands for all names that filters over {a, b, $x, ""} don't spell out.
  const std::vector<std::string> names = all_names({"a", "b", "c", "$x", ""});
  base::SeededRandom random(11);
  for (int i = 0; i < 3'000; ++i) {
    const std::string left = random_filter(random);
    const std::string right = random_filter(random);
    bool expected = false;
    for (const std::string& name : names) {
      expected = expected || (topic::matches(left, name) && topic::matches(right, name));
    }
    INFO(left << " and " << right);
    REQUIRE(access::filters_overlap(left, right) == expected);
    REQUIRE(access::filters_overlap(right, left) == expected);
  }
}

TEST_CASE("a set answers like a search through its rules and all names") {
  const std::vector<std::string> names = all_names({"a", "b", "c", "$x", ""});
  base::SeededRandom random(12);
  for (int round = 0; round < 150; ++round) {
    std::vector<PermissionRule> rules;
    for (uint64_t i = 0; i < 1 + random.below(5); ++i) {
      rules.push_back(rule(random.below(2) == 0, static_cast<uint8_t>(1 + random.below(3)), random_filter(random)));
    }
    const PermissionSet set = compile(rules);
    for (const std::string& name : names) {
      std::optional<bool> expected;
      for (const PermissionRule& each : rules) {
        if (expected.has_value() || (each.actions & PermissionRule::publish) == 0) continue;
        if (topic::matches(each.topic_filter, name)) expected = each.allow;
      }
      REQUIRE(publish(set, name) == expected);
    }
    const std::string asked = random_filter(random);
    // The promise to the operator: who may subscribe receives nothing that a rule before the allowing one denies.
    if (subscribe(set, asked) != true) continue;
    for (const std::string& name : names) {
      if (!topic::matches(asked, name)) continue;
      std::optional<bool> first;
      for (const PermissionRule& each : rules) {
        if (first.has_value() || (each.actions & PermissionRule::subscribe) == 0) continue;
        if (topic::matches(each.topic_filter, name)) first = each.allow;
      }
      INFO(asked << " receives " << name);
      REQUIRE(first == true);
    }
  }
}

namespace {

/// Text of levels that are as long as, shorter and longer than what a set looks at first.
std::string long_text(base::Random& random, bool filter) {
  static const std::vector<std::string> kLevels = {"a",        "",          "$SYS",        "shared",      "sharee",
                                                   "building", "building7", "temperature", "temperaturf", "12"};
  std::string text;
  const uint64_t count = 1 + random.below(4);
  for (uint64_t i = 0; i < count; ++i) {
    if (i > 0) text += '/';
    if (filter && i + 1 == count && random.below(4) == 0) return text + '#';
    text += filter && random.below(4) == 0 ? std::string("+") : kLevels[random.below(kLevels.size())];
  }
  return text.empty() ? "a" : text;
}

PermissionRule long_rule(base::Random& random) {
  PermissionRule result = rule(random.below(2) == 0, PermissionRule::all, long_text(random, true));
  result.qos_mask = static_cast<uint8_t>(1 + random.below(7));
  result.retain = static_cast<PermissionRule::Retain>(random.below(3));
  return result;
}

std::optional<bool> first_that_matches(const std::vector<PermissionRule>& rules, std::string_view name, Qos qos,
                                       bool retain) {
  for (const PermissionRule& each : rules) {
    if ((each.qos_mask & (1u << static_cast<unsigned>(qos))) == 0) continue;
    if (each.retain == PermissionRule::Retain::retained_only && !retain) continue;
    if (each.retain == PermissionRule::Retain::not_retained && retain) continue;
    if (topic::matches(each.topic_filter, name)) return each.allow;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("many rules with long levels answer like a search through them, also when more are appended") {
  base::SeededRandom random(13);
  size_t answered = 0;
  for (int round = 0; round < 1'500; ++round) {
    std::vector<PermissionRule> rules;
    std::vector<PermissionRule> later;
    for (uint64_t i = random.below(12); i > 0; --i) rules.push_back(long_rule(random));
    for (uint64_t i = random.below(12); i > 0; --i) later.push_back(long_rule(random));
    PermissionSet set = compile(rules);
    set.append(compile(later));
    rules.insert(rules.end(), later.begin(), later.end());
    for (int i = 0; i < 30; ++i) {
      const std::string name = long_text(random, false);
      const auto qos = static_cast<Qos>(random.below(3));
      const bool retain = random.below(2) == 0;
      const auto expected = first_that_matches(rules, name, qos, retain);
      INFO(name << " among " << rules.size());
      REQUIRE(set.may_publish(name, qos, retain) == expected);
      answered += expected.has_value() ? 1 : 0;
    }
  }
  CHECK(answered > 10'000);
}

TEST_CASE("no rule beyond the last one is looked at, whatever the name is") {
  for (size_t count = 0; count < 10; ++count) {
    const PermissionSet set = compile(std::vector<PermissionRule>(count, rule(true, PermissionRule::all, "a/b")));
    INFO(count);
    CHECK(publish(set, "a/b") == (count == 0 ? std::nullopt : std::optional<bool>(true)));
    for (const std::string_view name : {"", "a", "1", "\x01\x00\x00\x00", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"}) {
      CHECK(publish(set, name) == std::nullopt);
    }
  }
}
