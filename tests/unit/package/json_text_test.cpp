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

TEST_CASE("what comes first in the text is told, in the parser's words where it is no JSON") {
  CHECK(problem_of("").text ==
        "the manifest is not JSON: parse error at line 1, column 1: syntax error while parsing value - unexpected end "
        "of input; expected '[', '{', or a literal");
  CHECK(problem_of("[1 2]").text ==
        "the manifest is not JSON: parse error at line 1, column 4: syntax error while parsing array - unexpected "
        "number literal; expected ']'");
  CHECK(problem_of(R"({"a":1,"a":2} x)").text == "this member is there twice");
  CHECK(problem_of(R"({"a":1,"a" x)").text == "this member is there twice");
  CHECK(problem_of(R"({"a":[[],{"a":1}],"a":2})").pointer == "/a");
  CHECK(problem_of(R"([[[1],"x])", {100, 2}).text ==
        "the manifest is nested deeper than the 2 levels that are allowed");
  CHECK(problem_of("1e999999").text == "the manifest is not JSON: number overflow parsing '1e999999'");
}

TEST_CASE("a document is what its text says, whatever stands in what") {
  const std::string text =
      R"({"":[],"a":[[1,-2,1.5,true,false,null,""],{"b":{},"c":[{}]}],"big":18446744073709551615})";
  const auto parsed = parse_json(text, "it", {});
  REQUIRE(parsed.has_value());
  CHECK(parsed->dump() == text);
  CHECK(*parsed == json::parse(text));
  CHECK((*parsed)["a"][0][0].is_number_unsigned());
  CHECK((*parsed)["a"][0][1].is_number_integer());
  for (const char* alone : {"17", "\"x\"", "null", "[]", "{}"}) CHECK(parse_json(alone, "it", {})->dump() == alone);
}
