// What the subset says is what JSON Schema says: a validator that others wrote agrees on every document. Our objects
// are closed unless they say otherwise, so every object here says so itself; formats are ours alone.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "package/manifest_schema.h"
#include "package/settings_schema.h"

using namespace patchbay::package;  // NOLINT: test
using nlohmann::json;

namespace {

/// valijson's answer.
class Oracle {
 public:
  explicit Oracle(const json& document) {
    valijson::SchemaParser parser;
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(document), schema_);
  }

  bool accepts(const json& value) {
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    return validator.validate(schema_, valijson::adapters::NlohmannJsonAdapter(value), nullptr);
  }

 private:
  valijson::Schema schema_;
};

const json kSchema = json::parse(R"({
  "type": "object", "required": ["a"], "additionalProperties": false, "minProperties": 1, "maxProperties": 6,
  "definitions": { "small": { "type": "integer", "minimum": 0, "maximum": 3 } },
  "properties": {
    "a": { "$ref": "#/definitions/small" },
    "b": { "type": "string", "minLength": 1, "maxLength": 3, "pattern": "^[a-c]*$" },
    "c": { "type": "array", "minItems": 1, "maxItems": 3, "uniqueItems": true, "items": { "$ref": "#/definitions/small" } },
    "d": { "enum": ["x", 1, true] },
    "e": { "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 2 },
    "f": { "type": "boolean" },
    "g": { "type": "object", "additionalProperties": { "type": "integer", "multipleOf": 2 } },
    "h": { "oneOf": [
      { "type": "object", "required": ["k"], "additionalProperties": false,
        "properties": { "k": { "const": "one" }, "v": { "type": "integer" } } },
      { "type": "object", "required": ["k", "v"], "additionalProperties": false,
        "properties": { "k": { "const": "two" }, "v": { "type": "string" } } } ] }
  } })");

/// Documents that are near to what the schema allows, the same ones every time.
class Documents {
 public:
  json next() {
    json document = json::object();
    for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h", "z"}) {
      if (below(name[0] == 'z' ? 12 : 2) == 0) document[name] = value(name[0]);
    }
    return document;
  }

 private:
  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  json value(char name) {
    if (below(5) == 0) return any();
    switch (name) {
      case 'b':
        return std::string(static_cast<size_t>(below(5)), static_cast<char>('a' + below(4)));
      case 'c':
        return elements();
      case 'e':
        return below(5) * 0.5;
      case 'f':
        return below(2) == 0;
      case 'g':
        return {{"m", below(4)}, {"n", below(4)}};
      case 'h':
        return {{"k", below(2) == 0 ? "one" : "two"}, {"v", any()}};
      default:
        return below(5);
    }
  }

  json elements() {
    json array = json::array();
    for (int count = below(5); count > 0; --count) array.push_back(below(5));
    return array;
  }

  json any() {
    const json values[] = {1,    2.5, "x", "one", true, json(), json::array(), json::object(), -1, json{{"k", "one"}},
                           "abc"};
    return values[below(static_cast<int>(std::size(values)))];
  }

  std::minstd_rand random_{7};
};

}  // namespace

TEST_CASE("our check and valijson agree on thousands of documents") {
  const auto schema = SettingsSchema::from_json(kSchema);
  REQUIRE(schema.has_value());
  Oracle oracle(kSchema);
  Documents documents;
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    const json document = documents.next();
    const Problems problems = schema->check(document, SettingsSchema::References::plain);
    const bool ours = problems.empty();
    accepted += ours ? 1 : 0;
    if (ours == oracle.accepts(document)) continue;
    CAPTURE(document.dump(), problem_lines(problems));
    FAIL("valijson says otherwise");
  }
  CHECK(accepted > 200);
  CHECK(accepted < 19'000);
}

TEST_CASE("valijson takes the manifest's schema and the example of the documents") {
  const json manifest = json::parse(R"({"id":"com.example.auth-http","version":"1.4.0","title":"HTTP authentication",
    "sdk":{"major":1,"minor_min":2},"needs":["patchbay.fd/1"],"wants":["svc.http/1"],"provides":[],
    "hooks":{"auth.authenticate":{"deadline":"3s","fallback":"deny","after":["role:blocklist"]}},
    "role":"authn","instances":"many","isolation":["inprocess","process"],"config":{"type":"object"}})");
  Oracle oracle(json::parse(manifest_schema_text()));
  CHECK(oracle.accepts(manifest));
  CHECK(manifest_schema().check(manifest).empty());
  json wrong = manifest;
  wrong["instances"] = "two";
  CHECK_FALSE(oracle.accepts(wrong));
  CHECK_FALSE(manifest_schema().check(wrong).empty());
}
