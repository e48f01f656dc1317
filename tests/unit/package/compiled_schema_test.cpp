#include "package/compiled_schema.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "package/schema_compiler.h"
#include "package/settings_check.h"

using namespace patchbay::package;  // NOLINT: test
using nlohmann::json;

namespace {

std::string wrong(const char* schema, const char* value) {
  return problem_lines(CompiledSchema(json::parse(schema)).check(json::parse(value)));
}

struct Case {
  const char* schema;
  const char* fits;
  const char* differs;
  const char* sentence;
};

void check_all(std::initializer_list<Case> cases) {
  for (const Case& one : cases) {
    CAPTURE(one.schema, one.fits, one.differs);
    CHECK(wrong(one.schema, one.fits).empty());
    CHECK(wrong(one.schema, one.differs) == std::string(one.sentence) + "\n");
  }
}

}  // namespace

TEST_CASE("compiled: the type of each kind") {
  check_all({
      {R"({"type":"object"})", "{}", "[]", "document: found [], expected an object"},
      {R"({"type":"array"})", "[]", "{}", "document: found {}, expected an array"},
      {R"({"type":"string"})", R"("")", "1", "document: found 1, expected a string"},
      {R"({"type":"integer"})", "3.0", "3.5", "document: found 3.5, expected an integer"},
      {R"({"type":"number"})", "3.5", R"("3")", "document: found \"3\", expected a number"},
      {R"({"type":"boolean"})", "true", "null", "document: found null, expected a boolean"},
  });
  CHECK(wrong(R"({"description":"anything"})", "[1,null]").empty());
}

TEST_CASE("compiled: constants") {
  check_all({
      {R"({"const":"x"})", R"("x")", R"("y")", "document: found \"y\", expected \"x\""},
      {R"({"enum":["a",1,null]})", "1", "2", "document: found 2, expected one of \"a\", 1, null"},
      {R"({"type":"string","enum":["a","b"]})", R"("b")", R"("c")",
       "document: found \"c\", expected one of \"a\", \"b\""},
  });
}

TEST_CASE("compiled: texts") {
  check_all({
      {R"({"type":"string","minLength":2})", R"("ää")", R"("ä")", "document: found 1 characters, expected at least 2"},
      {R"({"type":"string","maxLength":2})", R"("ää")", R"("aaa")", "document: found 3 characters, expected at most 2"},
      {R"({"type":"string","pattern":"^a+$"})", R"("aa")", R"("ab")",
       "document: found \"ab\", expected something like ^a+$"},
      {R"({"type":"string","format":"duration"})", R"("3s")", R"("3 s")",
       "document: found \"3 s\", expected a duration such as \"250ms\", \"3s\", \"5m\", \"12h\" or \"7d\""},
  });
}

TEST_CASE("compiled: numbers") {
  check_all({
      {R"({"type":"integer","minimum":2})", "2", "1", "document: found 1, expected at least 2"},
      {R"({"type":"integer","maximum":18446744073709551614})", "18446744073709551614", "18446744073709551615",
       "document: found 18446744073709551615, expected at most 18446744073709551614"},
      {R"({"type":"number","exclusiveMinimum":0})", "0.5", "0", "document: found 0, expected above 0"},
      {R"({"type":"number","exclusiveMaximum":2})", "1.5", "2", "document: found 2, expected below 2"},
      {R"({"type":"number","multipleOf":0.1})", "0.3", "0.35", "document: found 0.35, expected a multiple of 0.1"},
  });
}

TEST_CASE("compiled: arrays") {
  check_all({
      {R"({"type":"array","minItems":1})", "[1]", "[]", "document: found 0 elements, expected at least 1"},
      {R"({"type":"array","maxItems":1})", "[1]", "[1,2]", "document: found 2 elements, expected at most 1"},
      {R"({"type":"array","uniqueItems":true})", "[1,2]", "[1,2,1]",
       "/2: is the same as element 0, but all must differ"},
      {R"({"type":"array","items":{"type":"array","items":{"type":"integer"}}})", "[[1],[2]]", R"([[1],[2,"x"]])",
       "/1/1: found \"x\", expected an integer"},
  });
}

TEST_CASE("compiled: objects") {
  check_all({
      {R"({"type":"object","additionalProperties":true,"minProperties":1})", R"({"a":1})", "{}",
       "document: found 0 members, expected at least 1"},
      {R"({"type":"object","additionalProperties":true,"maxProperties":1})", R"({"a":1})", R"({"a":1,"b":1})",
       "document: found 2 members, expected at most 1"},
      {R"({"type":"object","required":["a/b"],"properties":{"a/b":{"type":"integer"}}})", R"({"a/b":1})", "{}",
       "/a~1b: is required and missing"},
      {R"({"type":"object","properties":{"b":{"type":"integer"},"a":{"type":"integer"}}})", R"({"a":1,"b":2})",
       R"({"a":1,"c":2})", "/c: is unknown, expected one of \"a\", \"b\""},
      {R"({"type":"object"})", "{}", R"({"a":1})", "/a: is unknown, nothing is allowed here"},
      {R"({"type":"object","additionalProperties":{"type":"integer"}})", R"({"a":1})", R"({"a":"x"})",
       "/a: found \"x\", expected an integer"},
      {R"({"type":"object","additionalProperties":true,"propertyNames":{"type":"string","maxLength":1}})",
       R"({"a":{}})", R"({"ab":{}})", "/ab: found 2 characters, expected at most 1"},
      {R"({"type":"object","properties":{"o":{"type":"object","properties":{"n":{"type":"integer"}}}}})",
       R"({"o":{"n":1}})", R"({"o":{"n":true}})", "/o/n: found true, expected an integer"},
  });
}

TEST_CASE("compiled: a choice goes by the constant that tells its branches apart") {
  check_all({{R"({"oneOf":[
      {"type":"object","required":["k"],"properties":{"k":{"const":"one"},"v":{"type":"integer"}}},
      {"type":"object","required":["k"],"properties":{"k":{"const":"two"},"v":{"type":"string"}}}]})",
              R"({"k":"two","v":"x"})", R"({"k":"one","v":"x"})", "/v: found \"x\", expected an integer"},
             {R"({"oneOf":[{"type":"object","required":["k"],"properties":{"k":{"const":"one"}}}]})", R"({"k":"one"})",
              R"({"k":"two"})", "/k: found \"two\", expected one of \"one\""},
             {R"({"oneOf":[{"type":"object","required":["k"],"properties":{"k":{"const":"one"}}}]})", R"({"k":"one"})",
              "{}", "/k: is required and missing, expected one of \"one\""}});
}

TEST_CASE("compiled: references lead through several definitions, and say beside them what is secret") {
  const char* const schema = R"({"type":"object",
    "$defs":{"far":{"type":"string","minLength":3},"near":{"$ref":"#/$defs/far"}},
    "properties":{"open":{"$ref":"#/$defs/near"},"hidden":{"$ref":"#/$defs/near","x-secret":true},
                  "list":{"type":"array","items":{"$ref":"#/$defs/near"}}}})";
  CHECK(wrong(schema, R"({"open":"abc","hidden":"abc","list":["abc"]})").empty());
  CHECK(wrong(schema, R"({"list":["abc","ab"]})") == "/list/1: found 2 characters, expected at least 3\n");
  CHECK(wrong(schema, R"({"open":17})") == "/open: found 17, expected a string\n");
  CHECK(wrong(schema, R"({"hidden":17})") == "/hidden: found an integer, expected a string\n");
}

TEST_CASE("compiled: where many references lead is taken apart once") {
  const json root = json::parse(R"({"type":"object","definitions":{"it":{"type":"integer","maximum":3}},
    "properties":{"a":{"$ref":"#/definitions/it"},"b":{"$ref":"#/definitions/it"}}})");
  SchemaCompiler compiler(root);
  const SchemaShape& whole = *compiler.place_of(root).shape;
  CHECK(whole.member("a").shape == whole.member("b").shape);
  CHECK(whole.member("c").shape == nullptr);
  CHECK(compiler.place_of(root["definitions"]["it"]).shape == whole.member("a").shape);
  CHECK(check_place(whole.member("b"), 4).size() == 1);
}

TEST_CASE("compiled: a copy outlives the first, and the schema that it was made of") {
  CompiledSchema copy;
  {
    json schema = json::parse(R"({"type":"string","pattern":"^a+$"})");
    const CompiledSchema first(schema);
    copy = first;
    schema = nullptr;
  }
  CHECK(copy.check("aaa").empty());
  CHECK(copy.check("b").size() == 1);
}

TEST_CASE("compiled: the report of a document with many mistakes has an end") {
  json numbers = json::array();
  for (int count = 0; count < 1000; ++count) numbers.push_back("x");
  const CompiledSchema schema(json::parse(R"({"type":"array","items":{"type":"integer"}})"));
  CHECK(schema.check(numbers).size() == 100);
}
