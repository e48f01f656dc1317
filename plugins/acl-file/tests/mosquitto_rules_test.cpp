#include "rules.h"

using namespace patchbay::acl_file;

namespace {

// The example of Mosquitto's manual, in its parts.
constexpr const char* kExample =
    "# This affects access control for clients with no username.\n"
    "topic read $SYS/#\n"
    "\n"
    "user roger\n"
    "topic foo/bar\n"
    "topic read only/read\n"
    "topic write only/write\n"
    "topic readwrite both/ways\n"
    "topic house/#\n"
    "topic deny house/safe\n"
    "topic with space/x\n"
    "\n"
    "pattern write $SYS/broker/connection/%c/state\n"
    "pattern readwrite own/%u/#\n"
    "pattern deny own/+/forbidden\n";

}  // namespace

TEST_CASE("Mosquitto: topics of a user, of clients without one, and patterns") {
  const auto rules = rules_from(kExample, Format::mosquitto);
  CHECK(line_of(*rules, subscribe("$SYS/broker/uptime", "")) == 2);
  CHECK(line_of(*rules, subscribe("$SYS/broker/uptime", "roger")) == 0);
  CHECK(line_of(*rules, publish("foo/bar", "roger")) == 5);
  CHECK(line_of(*rules, publish("foo/bar", "ann")) == 0);
  CHECK(line_of(*rules, subscribe("only/read", "roger")) == 6);
  CHECK(line_of(*rules, publish("only/read", "roger")) == 0);
  CHECK(line_of(*rules, publish("only/write", "roger")) == 7);
  CHECK(line_of(*rules, subscribe("only/write", "roger")) == 0);
  CHECK(line_of(*rules, publish("both/ways", "roger")) == 8);
  CHECK(line_of(*rules, publish("with space/x", "roger")) == 11);
  CHECK(line_of(*rules, publish("$SYS/broker/connection/c1/state", "ann")) == 13);
  CHECK(line_of(*rules, publish("own/ann/x", "ann")) == 14);
  CHECK(line_of(*rules, publish("own/roger/x", "ann")) == 0);
}

TEST_CASE("Mosquitto: a denial counts wherever it stands") {
  const auto rules = rules_from(kExample, Format::mosquitto);
  CHECK(line_of(*rules, publish("house/door", "roger")) == 9);
  CHECK(line_of(*rules, publish("house/safe", "roger")) == -10);
  CHECK(line_of(*rules, publish("own/ann/forbidden", "ann")) == -15);
  CHECK(line_of(*rules, subscribe("house/door/#", "roger")) == 9);
  CHECK(line_of(*rules, subscribe("house/#", "roger")) == -10);
}

TEST_CASE("Mosquitto: names bring no wildcards into patterns") {
  const auto rules = rules_from("pattern readwrite own/%u/#\npattern write dev/%c\n", Format::mosquitto);
  for (const char* bad : {"+", "#", "a/b", ""}) {
    INFO(bad);
    CHECK(line_of(*rules, subscribe("own/x/y", bad)) == 0);
    CHECK(line_of(*rules, subscribe("own/#", bad)) == 0);
    CHECK(line_of(*rules, publish("dev/+", "ann", bad)) == 0);
  }
}

TEST_CASE("Mosquitto: below topic, %c and %u are letters") {
  const auto rules = rules_from("user ann\ntopic write rate/%c\n", Format::mosquitto);
  CHECK(line_of(*rules, publish("rate/%c")) == 2);
  CHECK(line_of(*rules, publish("rate/c1")) == 0);
}

TEST_CASE("Mosquitto: a user may have several sections") {
  const auto rules = rules_from("user a b\ntopic x\nuser c\ntopic y\nuser a b\ntopic z\n", Format::mosquitto);
  CHECK(line_of(*rules, publish("x", "a b")) == 2);
  CHECK(line_of(*rules, publish("z", "a b")) == 6);
  CHECK(line_of(*rules, publish("y", "a b")) == 0);
}

TEST_CASE("Mosquitto: mistakes are named with their lines") {
  for (const char* line : {"user", "topic", "topic read a/#/b", "pattern write", "topics a", "allow all"}) {
    const ParsedRules parsed = parse_rules("topic a\n" + std::string(line) + "\n", Format::mosquitto);
    INFO(line);
    // "pattern write" alone names the topic "write", as Mosquitto has it.
    if (std::string_view(line) == "pattern write") {
      CHECK(parsed.problems.empty());
      continue;
    }
    REQUIRE(parsed.problems.size() == 1);
    CHECK(parsed.problems[0].starts_with("line 2: "));
  }
}
