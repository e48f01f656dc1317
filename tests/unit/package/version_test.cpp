#include "package/version.h"

#include <catch2/catch.hpp>

using namespace patchbay::package;  // NOLINT: test

namespace {

Version version(std::string_view text) {
  const auto parsed = Version::parse(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}

}  // namespace

TEST_CASE("a semantic version has three numbers, a pre-release and a build") {
  const Version parsed = version("1.20.3-rc.1+build.7");
  CHECK(parsed.major == 1);
  CHECK(parsed.minor == 20);
  CHECK(parsed.patch == 3);
  CHECK(parsed.pre_release == "rc.1");
  CHECK(parsed.build == "build.7");
  CHECK(parsed.text() == "1.20.3-rc.1+build.7");
  CHECK(version("0.0.0").text() == "0.0.0");
  CHECK(version("1.0.0+1-2").pre_release.empty());
}

TEST_CASE("what is no semantic version") {
  for (const char* text : {"", "1", "1.0", "1.0.0.0", "v1.0.0", "01.0.0", "1.0.0-", "1.0.0+", "1.0.0-a..b", "1.0.0-01",
                           "1.0.0-a_b", " 1.0.0", "1.0.0 ", "1.-1.0", "1..0", "99999999999999999999.0.0", "1.0.0-ä"}) {
    CAPTURE(text);
    CHECK_FALSE(Version::parse(text).has_value());
  }
}

TEST_CASE("precedence is that of the standard") {
  const char* rising[] = {"0.9.9",      "1.0.0-alpha",  "1.0.0-alpha.1", "1.0.0-alpha.beta",
                          "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
                          "1.0.0",      "1.0.1",        "1.2.0",         "1.10.0",
                          "2.0.0"};
  for (size_t left = 0; left < std::size(rising); ++left) {
    for (size_t right = 0; right < std::size(rising); ++right) {
      CAPTURE(rising[left], rising[right]);
      CHECK((version(rising[left]) < version(rising[right])) == (left < right));
      CHECK((version(rising[left]) == version(rising[right])) == (left == right));
    }
  }
}

TEST_CASE("the build counts for nothing") {
  CHECK(version("1.0.0+a") == version("1.0.0+b"));
  CHECK(version("1.0.0+a") == version("1.0.0"));
}
