#include <catch2/catch.hpp>

#include "admin/schema.h"

using namespace patchbay::admin;

namespace {

Json normal(const Json& schema) {
  return Json::parse(schema.dump());
}

}  // namespace

TEST_CASE("what the builders make can be used") {
  const Json all = schema::object({{"topic", schema::text(1, 100, "a topic")},
                                   {"qos", schema::with_default(schema::qos(), 0)},
                                   {"list", schema::array(schema::one_of_words({"a", "b"}))},
                                   {"map", schema::map_of(schema::string())},
                                   {"open", schema::open_object()},
                                   {"share", schema::number("of all")},
                                   {"at", schema::date_time()},
                                   {"any", schema::anything("a time or a number")},
                                   {"flag", schema::boolean()}},
                                  {"topic"});
  CHECK(schema_problems(normal(all)).empty());
}

TEST_CASE("a schema outside of the subset is told") {
  CHECK_FALSE(schema_problems(normal({{"type", "object"}, {"patternProperties", Json::object()}})).empty());
  CHECK_FALSE(schema_problems(normal({{"type", {"string", "null"}}})).empty());
}

TEST_CASE("bodies are checked, and each problem names its field") {
  const Json body_schema = normal(schema::object({{"topic", schema::text(1, 5)},
                                                  {"qos", schema::qos()},
                                                  {"retain", schema::boolean()},
                                                  {"at", schema::anything("")}},
                                                 {"topic"}));
  CHECK(check_body(body_schema, Json::parse(R"({"topic":"a","qos":2,"retain":true,"at":17})")).empty());
  const auto sentence = [&](const char* text) { return problem_sentence(check_body(body_schema, Json::parse(text))); };
  CHECK(sentence(R"({"qos":1})") == "/topic: is required and missing");
  CHECK(sentence(R"({"topic":"a","qos":7})") == "/qos: found 7, expected at most 2");
  CHECK_THAT(sentence(R"({"topic":"a","qoz":1})"), Catch::Contains("/qoz: is unknown"));
  CHECK_THAT(sentence(R"({"topic":5,"retain":"yes"})"), Catch::Contains("/topic") && Catch::Contains("/retain"));
  CHECK_THAT(sentence("[]"), Catch::Contains("expected an object"));
}

TEST_CASE("an array is a body too") {
  const Json list = normal(schema::array(schema::object({{"topic", schema::string()}}, {"topic"}), 2));
  CHECK(check_body(list, Json::parse(R"([{"topic":"a"}])")).empty());
  CHECK_THAT(problem_sentence(check_body(list, Json::parse(R"([{}])"))), Catch::Contains("/0/topic"));
  CHECK_FALSE(check_body(list, Json::parse(R"([{"topic":"a"},{"topic":"b"},{"topic":"c"}])")).empty());
}

TEST_CASE("parameters stand for what their schema describes") {
  const Json page = normal(schema::integer(1, 100));
  CHECK(check_parameter(page, "1").empty());
  CHECK(check_parameter(page, "100").empty());
  for (const char* text : {"0", "101", "-1", "1.5", "", "x", "1 ", "+1", "18446744073709551616"}) {
    INFO(text);
    CHECK_FALSE(check_parameter(page, text).empty());
  }
  CHECK(check_parameter(normal(schema::boolean()), "true").empty());
  CHECK_FALSE(check_parameter(normal(schema::boolean()), "1").empty());
  CHECK(check_parameter(normal(schema::number()), "1.5").empty());
  CHECK(check_parameter(normal(schema::string()), "15").empty());
  CHECK(check_parameter(normal(schema::one_of_words({"all", "node"})), "node").empty());
  CHECK_FALSE(check_parameter(normal(schema::one_of_words({"all", "node"})), "nodes").empty());
}

TEST_CASE("a sentence about many problems stays short") {
  patchbay::package::Problems problems(25, {"/a", "is wrong"});
  CHECK_THAT(problem_sentence(problems), Catch::EndsWith("and 15 more"));
}
