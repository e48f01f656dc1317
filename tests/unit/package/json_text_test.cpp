#include "package/json_text.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "unit/package/temporary_folder.h"

using namespace patchbay::package;  // NOLINT: test
using nlohmann::json;

namespace {

Problem problem_of(std::string_view text, const JsonLimits& limits = {}) {
  const auto parsed = parse_json(text, "the manifest", limits);
  REQUIRE_FALSE(parsed.has_value());
  return parsed.error();
}

}  // namespace

TEST_CASE("a document is parsed whole") {
  const auto parsed = parse_json(R"({"a":[1,{"b":null}],"c":"ä"})", "the manifest", {});
  REQUIRE(parsed.has_value());
  CHECK((*parsed)["a"][1]["b"].is_null());
  CHECK((*parsed)["c"] == "ä");
}

TEST_CASE("too many bytes: both sizes are named") {
  const Problem problem = problem_of("[1,2,3]", {6, 64});
  CHECK(problem.text == "the manifest is too large: found 7 bytes, at most 6 are allowed");
  CHECK(parse_json("[1,2,3]", "it", {7, 64}).has_value());
}

TEST_CASE("nesting is bounded before anything recurses") {
  const std::string deep = std::string(65, '[') + std::string(65, ']');
  CHECK(contains(problem_of(deep).text, "deeper than the 64 levels"));
  CHECK(parse_json(deep, "it", {1000, 65}).has_value());
  CHECK(contains(problem_of(std::string(1'000'000, '[')).text, "deeper"));
}

TEST_CASE("a member that is there twice is refused with its place") {
  CHECK(problem_of(R"({"a":1,"a":2})").pointer == "/a");
  CHECK(problem_of(R"({"x":[0,{"a/b":{"c":1,"c":1}}]})").pointer == "/x/1/a~1b/c");
  CHECK(problem_of(R"([[{"a":1,"a":2}]])").pointer == "/0/0/a");
  CHECK(parse_json(R"({"a":{"a":1},"b":{"a":1}})", "it", {}).has_value());
}

TEST_CASE("what is no JSON is told with line and column, and nothing of the text is repeated") {
  const Problem problem = problem_of("{\"password\":\n\"secret-word");
  CHECK(contains(problem.text, "the manifest is not JSON: "));
  CHECK(contains(problem.text, "line 2"));
  CHECK_FALSE(contains(problem.text, "secret-word"));
  CHECK_FALSE(parse_json("", "it", {}).has_value());
  CHECK_FALSE(parse_json("{} {}", "it", {}).has_value());
  CHECK_FALSE(parse_json("\"\xC3\x28\"", "it", {}).has_value());
  CHECK_FALSE(parse_json("1e999999", "it", {}).has_value());
}

TEST_CASE("values are shown short, and never cut inside of a character") {
  CHECK(shown_value(json("a")) == "\"a\"");
  CHECK(shown_value(json(std::string(200, 'x'))).size() == 80 + std::string("…").size());
  const std::string cut = shown_value(json("x" + std::string(78, 'y') + "ääää"));
  CHECK(cut.ends_with("y…"));
}

TEST_CASE("pointers escape what RFC 6901 asks for") {
  CHECK(pointer_to("", "a") == "/a");
  CHECK(pointer_to("/a", "b/c~d") == "/a/b~1c~0d");
  CHECK(pointer_to("/a", size_t{3}) == "/a/3");
  CHECK(problem_line({"", "is bad"}) == "document: is bad");
  CHECK(problem_lines({{"/a", "x"}, {"/b", "y"}}) == "/a: x\n/b: y\n");
}

TEST_CASE("types have names for sentences") {
  CHECK(type_with_article(json::object()) == "an object");
  CHECK(type_with_article(json::array()) == "an array");
  CHECK(type_with_article(json(1)) == "an integer");
  CHECK(type_with_article(json(-1)) == "an integer");
  CHECK(type_with_article(json(1.5)) == "a number");
  CHECK(type_with_article(json(true)) == "a boolean");
  CHECK(type_with_article(json()) == "null");
}
