#include "package/text_format.h"

#include <catch2/catch.hpp>
#include <vector>

#include "package/pattern.h"
#include "unit/package/temporary_folder.h"

using namespace patchbay::package;  // NOLINT: test

namespace {

struct Row {
  const char* format;
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

const Row kRows[] = {
    {"date-time",
     {"2026-11-26T14:58:03Z", "2026-11-26t14:58:03.123+01:00"},
     {"2026-11-26", "2026-13-26T14:58:03Z", "2026-11-26T24:00:00Z", "2026-11-26T14:58:03"}},
    {"duration", {"3s", "1.5h"}, {"3", "PT3S"}},
    {"email", {"ops@example.org", "a.b+c@x.example"}, {"ops", "@x", "a@", ".a@x", "a b@x", "a@-x"}},
    {"host-port", {"db:5432", "[::1]:80", "10.0.0.1:1"}, {"db", "db:0", "db:65536", "db:x", "::1:80", "[::1]"}},
    {"hostname", {"a", "db.example.org", "x-1.y"}, {"", "-a", "a-", "a..b", "a_b", std::string(64, 'a')}},
    {"interface-id", {"patchbay.publish/1", "svc.http/12"}, {"patchbay/1", "a.b", "a.b/0", "a.b/01", "A.b/1", "a.b/"}},
    {"ipv4", {"192.0.2.1"}, {"192.0.2", "192.0.2.256", "::1"}},
    {"ipv6", {"::1", "2001:db8::1"}, {"192.0.2.1", ":::", "g::1"}},
    {"plugin-id",
     {"com.example.auth-http", "a.b"},
     {"auth", "Com.example", "com..x", "com.x-", "com.example/x", "role:x"}},
    {"plugin-reference", {"com.example.x", "role:authn"}, {"authn", "role:", "role:A"}},
    {"regex", {"^a+$", ""}, {"(", "(?=a)", "\\1"}},
    {"semantic-version", {"1.0.0", "1.0.0-rc.1+x"}, {"1.0", "v1.0.0"}},
    {"size", {"1", "64KiB", "1MiB", "512B"}, {"", "KiB", "1KB", "1.5MiB", "-1"}},
    {"topic-filter", {"a/+/b", "#", "$share/g/a"}, {"", "a#", "a/#/b"}},
    {"topic-name", {"a/b", "/"}, {"", "a/+", "#"}},
    {"uri",
     {"https://example.org/a?b#c", "urn:x", "mysql://u:p@h:1/d"},
     {"", "x", "//a", "http://", "1http://a", "http://a b", "http://ä"}},
};

}  // namespace

TEST_CASE("each format takes what it should and says what it wants otherwise") {
  for (const Row& row : kRows) {
    CAPTURE(row.format);
    CHECK(is_format(row.format));
    for (const std::string& text : row.good) {
      CAPTURE(text);
      CHECK_FALSE(format_problem(row.format, text).has_value());
    }
    for (const std::string& text : row.bad) {
      CAPTURE(text);
      const auto problem = format_problem(row.format, text);
      REQUIRE(problem.has_value());
      CHECK(problem->starts_with("a"));
    }
  }
}

TEST_CASE("every format has a row here") {
  CHECK(format_names().size() == std::size(kRows));
  for (size_t index = 0; index < format_names().size(); ++index) CHECK(format_names()[index] == kRows[index].format);
  CHECK_FALSE(is_format("credit-card"));
}

TEST_CASE("patterns are searched for, and cannot hang") {
  CHECK(pattern_is_found("b+", "abbb"));
  CHECK_FALSE(pattern_is_found("^b", "ab"));
  // Exponential with a backtracking engine.
  CHECK_FALSE(pattern_is_found("^(a+)+$", std::string(100'000, 'a') + "!"));
  CHECK(contains(*pattern_problem("a{" + std::string(2000, '1') + "}"), "at most 1024 are allowed"));
  CHECK(contains(*pattern_problem("("), "not a regular expression"));
  CHECK_FALSE(pattern_problem("^[a-z]+$").has_value());
}

TEST_CASE("a pattern that is kept finds what one finds that is not") {
  const std::string text = "^[a-c]+$";
  const Pattern pattern(text);
  for (const char* one : {"abc", "abcd", "", "c"}) CHECK(pattern.is_found_in(one) == pattern_is_found(text, one));
  CHECK(pattern.text() == text);
}
