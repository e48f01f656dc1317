#include "config/value_assign.h"

#include <catch2/catch.hpp>

#include "config/toml_document.h"

using namespace patchbay::config;  // NOLINT: test

TEST_CASE("sizes are bytes with an optional binary unit") {
  CHECK(parse_size("0") == 0u);
  CHECK(parse_size("1024") == 1024u);
  CHECK(parse_size("512B") == 512u);
  CHECK(parse_size("64KiB") == 65536u);
  CHECK(parse_size("1MiB") == 1048576u);
  CHECK(parse_size("2GiB") == 2147483648u);
  CHECK(parse_size("8589934592GiB") == uint64_t{1} << 63);
}

TEST_CASE("anything else is no size") {
  for (const char* text : {"", "MiB", "-1", "1.5MiB", "1 MiB", "1MB", "1mib", "1KiBx", " 1", "0x10",
                           "99999999999999999999", "8589934593GiB", "18446744073709551615KiB"}) {
    INFO(text);
    CHECK_FALSE(parse_size(text).has_value());
  }
}

TEST_CASE("sizes are written in the largest unit that keeps them whole") {
  CHECK(size_text(0) == "0B");
  CHECK(size_text(1500) == "1500B");
  CHECK(size_text(2048) == "2KiB");
  CHECK(size_text(3u << 20) == "3MiB");
  CHECK(size_text(5ull << 30) == "5GiB");
}

TEST_CASE("a TOML value stands alone") {
  CHECK(parse_toml_value("12")->integer == 12);
  CHECK(parse_toml_value("true")->boolean);
  CHECK(parse_toml_value("1.5")->number == 1.5);
  CHECK(parse_toml_value("'a'")->text == "a");
  CHECK(parse_toml_value("[1, 2]")->items.size() == 2);
  CHECK(parse_toml_value("1979-05-27")->kind == RawValue::Kind::other);
  CHECK_FALSE(parse_toml_value("bare").has_value());
  CHECK_FALSE(parse_toml_value("").has_value());
  CHECK_FALSE(parse_toml_value("1\nother = 2").has_value());
}

TEST_CASE("lines of nested values are known") {
  const auto root = parse_toml("[a]\nb = 1\n\n[[c]]\nd = 'x'\n");
  REQUIRE(root.has_value());
  REQUIRE(root->members.size() == 2);
  CHECK(root->members[0].value.members[0].line == 2);
  CHECK(root->members[1].value.items[0].members[0].line == 5);
}

TEST_CASE("an integer beyond 64 bits or a date is refused like any wrong value") {
  Config config;
  std::vector<ConfigProblem> problems;
  const KeyRow& row = mqtt_keys()[0];
  RawValue date = *parse_toml_value("1979-05-27");
  assign(row, &config, std::string(row.name), date, Origin{"--set"}, problems);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].found == "found \"1979-05-27\"");
  CHECK_FALSE(parse_toml_value("99999999999999999999").has_value());
}

TEST_CASE("infinity and nan are no numbers") {
  Config config;
  std::vector<ConfigProblem> problems;
  for (const KeyRow& row : mqtt_keys()) {
    if (row.type != KeyType::number) continue;
    for (const char* text : {"inf", "nan", "-1.0", "11.0"}) {
      assign(row, &config, "k", *parse_toml_value(text), Origin{"--set"}, problems);
    }
  }
  CHECK(problems.size() == 4);
  CHECK(config.mqtt.keepalive_multiplier == 1.5);
}
