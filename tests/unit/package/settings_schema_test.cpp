#include "package/settings_schema.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "unit/package/temporary_folder.h"

using namespace patchbay::package;  // NOLINT: test
using nlohmann::json;

namespace {

SettingsSchema schema_of(const char* text) {
  auto schema = SettingsSchema::parse(text);
  if (!schema) FAIL(problem_lines(schema.error()));
  return *schema;
}

/// "pointer: sentence" of everything that is wrong with the schema.
std::string schema_problems(const char* text) {
  const auto schema = SettingsSchema::parse(text);
  return schema ? "" : problem_lines(schema.error());
}

std::string problems(const SettingsSchema& schema, const char* settings) {
  return problem_lines(schema.check(json::parse(settings)));
}

constexpr const char* kDatabase = R"({
  "type": "object", "required": ["url", "backend"],
  "definitions": { "port": { "type": "integer", "minimum": 1, "maximum": 65535 } },
  "properties": {
    "url": { "type": "string", "format": "uri", "x-restart": true, "x-ui": { "order": 1 } },
    "password": { "type": "string", "x-secret": true, "minLength": 4 },
    "timeout": { "type": "string", "format": "duration", "default": "2s" },
    "port": { "$ref": "#/definitions/port", "default": 3306 },
    "mode": { "type": "string", "enum": ["fast", "safe"], "default": "safe" },
    "ratio": { "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "multipleOf": 0.1 },
    "tags": { "type": "array", "minItems": 1, "maxItems": 3, "uniqueItems": true, "items": { "type": "string" } },
    "pool": { "type": "object", "default": {}, "x-restart": true,
              "properties": { "size": { "type": "integer", "default": 8 } } },
    "labels": { "type": "object", "maxProperties": 2, "propertyNames": { "type": "string", "pattern": "^[a-z]+$" },
                "additionalProperties": { "type": "string", "maxLength": 3 } },
    "users": { "type": "array", "items": { "type": "object", "required": ["name"], "properties": {
                 "name": { "type": "string" }, "key": { "type": "string", "x-secret": true } } } },
    "backend": { "oneOf": [
        { "type": "object", "required": ["kind"], "properties": {
            "kind": { "const": "memory" }, "limit": { "type": "integer", "default": 10 } } },
        { "type": "object", "required": ["kind", "path"], "properties": {
            "kind": { "const": "disk" }, "path": { "type": "string" },
            "key": { "type": "string", "x-secret": true } } } ] }
  } })";

}  // namespace

TEST_CASE("settings that fit have no problems") {
  const SettingsSchema schema = schema_of(kDatabase);
  CHECK(problems(schema, R"({"url":"mysql://db","backend":{"kind":"memory"}})").empty());
  CHECK(problems(schema, R"({"url":"mysql://db","password":"four","timeout":"1m","port":1,"mode":"fast","ratio":0.3,
                             "tags":["a","b"],"pool":{"size":1},"labels":{"a":"xyz"},"users":[{"name":"u","key":"k"}],
                             "backend":{"kind":"disk","path":"/x"}})")
            .empty());
}

TEST_CASE("all problems come at once, each with its pointer and both sides") {
  const SettingsSchema schema = schema_of(kDatabase);
  const std::string found = problems(schema, R"({"url":"no uri","timeout":"2","port":70000,"mode":"slow","ratio":1,
      "tags":["a","a","b","c"],"pool":{"size":"big"},"labels":{"UP":"abcd","b":1,"c":"x"},"users":[{"key":"k"}],
      "typo":1,"backend":{"kind":"mongo"}})");
  for (const char* line : {
           "/url: found \"no uri\", expected a URI such as ",
           "/timeout: found \"2\", expected a duration such as ",
           "/port: found 70000, expected at most 65535\n",
           "/mode: found \"slow\", expected one of \"fast\", \"safe\"\n",
           "/ratio: found 1, expected below 1\n",
           "/tags: found 4 elements, expected at most 3\n",
           "/tags/1: is the same as element 0, but all must differ\n",
           "/pool/size: found \"big\", expected an integer\n",
           "/labels: found 3 members, expected at most 2\n",
           "/labels/UP: found \"UP\", expected something like ^[a-z]+$\n",
           "/labels/UP: found 4 characters, expected at most 3\n",
           "/labels/b: found 1, expected a string\n",
           "/users/0/name: is required and missing\n",
           "/typo: is unknown, expected one of \"backend\", \"labels\"",
           "/backend/kind: found \"mongo\", expected one of \"memory\", \"disk\"\n",
       }) {
    CAPTURE(line, found);
    CHECK(contains(found, line));
  }
}

TEST_CASE("what is missing is told at the place where it should be") {
  const SettingsSchema schema = schema_of(kDatabase);
  const std::string found = problems(schema, R"({"backend":{}})");
  CHECK(contains(found, "/url: is required and missing\n"));
  CHECK(contains(found, "/backend/kind: is required and missing, expected one of \"memory\", \"disk\"\n"));
  CHECK(contains(problems(schema, R"({"url":"a:b","backend":{"kind":"disk"}})"), "/backend/path: is required"));
  CHECK(contains(problems(schema, R"({"url":"a:b","backend":[]})"), "/backend: found [], expected an object"));
  CHECK(contains(problems(schema, "[]"), "document: found [], expected an object"));
}

TEST_CASE("the value of a secret is in no sentence") {
  const SettingsSchema schema = schema_of(kDatabase);
  const std::string found = problems(schema, R"({"url":"a:b","password":"abc","backend":{"kind":"memory"}})");
  CHECK(found == "/password: found 3 characters, expected at least 4\n");
  const std::string wrong_type = problems(schema, R"({"url":"a:b","password":4711,"backend":{"kind":"memory"}})");
  CHECK(wrong_type == "/password: found an integer, expected a string\n");
}

TEST_CASE("a document with thousands of mistakes has a report of a hundred") {
  json settings = {{"url", "a:b"}, {"backend", {{"kind", "memory"}}}};
  for (int index = 0; index < 5000; ++index) settings["wrong" + std::to_string(index)] = index;
  CHECK(schema_of(kDatabase).check(settings).size() == 100);
}

TEST_CASE("defaults are filled in, also behind $ref, in objects that are defaults, and in a oneOf's branch") {
  const SettingsSchema schema = schema_of(kDatabase);
  const json filled = schema.with_defaults(json::parse(R"({"url":"a:b","mode":"fast","backend":{"kind":"memory"}})"));
  CHECK(filled["timeout"] == "2s");
  CHECK(filled["port"] == 3306);
  CHECK(filled["mode"] == "fast");
  CHECK(filled["pool"]["size"] == 8);
  CHECK(filled["backend"]["limit"] == 10);
  CHECK_FALSE(filled.contains("password"));
  CHECK(schema.with_defaults(json::parse(R"({"backend":{"kind":"disk"}})"))["backend"].size() == 1);
  CHECK(schema.with_defaults(json::array()) == json::array());
}

TEST_CASE("an integer may be written with a fraction of zero, as JSON Schema says") {
  const SettingsSchema schema = schema_of(R"({"type":"object","properties":{"n":{"type":"integer"}}})");
  CHECK(problems(schema, R"({"n":3.0})").empty());
  CHECK(contains(problems(schema, R"({"n":3.5})"), "/n: found 3.5, expected an integer"));
  CHECK(problems(schema, R"({"n":18446744073709551615})").empty());
  const SettingsSchema wide =
      schema_of(R"({"type":"object","properties":{"n":{"type":"integer","minimum":18446744073709551615}}})");
  CHECK(contains(problems(wide, R"({"n":18446744073709551614})"), "expected at least 18446744073709551615"));
  CHECK(problems(wide, R"({"n":18446744073709551615})").empty());
}

TEST_CASE("lengths count characters, not bytes") {
  const SettingsSchema schema = schema_of(R"({"type":"object","properties":{"s":{"type":"string","maxLength":2}}})");
  CHECK(problems(schema, R"({"s":"äö"})").empty());
  CHECK_FALSE(problems(schema, R"({"s":"äöü"})").empty());
}

TEST_CASE("no schema means no settings") {
  const SettingsSchema schema = schema_of("");
  CHECK(problems(schema, "{}").empty());
  CHECK(problems(schema, R"({"a":1})") == "/a: is unknown, nothing is allowed here\n");
}

TEST_CASE("a schema outside of the subset is refused, all reasons at once") {
  const std::string found = schema_problems(R"json({"type":"object","allOf":[],"required":["gone"],"properties":{
      "a":{"type":["string","null"]}, "b":{"title":"nothing"}, "c":{"type":"string","minimum":1},
      "d":{"$ref":"other.json#/x"}, "e":{"type":"string","pattern":"(?=x)"}, "f":{"type":"string","format":"hex"},
      "g":{"type":"integer","minimum":2,"maximum":1}, "h":{"type":"array","items":[{"type":"string"}]},
      "i":{"type":"integer","x-secret":true}, "j":5, "k":{"type":"number","multipleOf":0}, "l":{"type":"string","minLength":-1},
      "m":{"type":"object","definitions":{}}, "n":{"enum":[]}, "o":{
  "type" : "object", "propertyNames" : {
    "type" : "integer"
  }
}
}
})json");
  for (const char* line : {
           "/allOf: is not in the subset",
           "/required/0: \"gone\" is not among the properties",
           "/properties/a/type: found [\"string\",\"null\"], expected one of object, array",
           "/properties/b: needs one of type, enum, const, oneOf or $ref",
           "/properties/c/minimum: does not belong to a string",
           "/properties/d/$ref: found \"other.json#/x\", expected \"#/definitions/<name>\"",
           "/properties/e/pattern: not a regular expression in RE2's syntax",
           "/properties/f/format: found \"hex\", expected one of date-time, duration",
           "/properties/g/minimum: 2 is above maximum 1",
           "/properties/h/items: found [{\"type\":\"string\"}], expected an object",
           "/properties/i/x-secret: does not belong to an integer",
           "/properties/j: found 5, expected a schema",
           "/properties/k/multipleOf: found 0, expected a number above 0",
           "/properties/l/minLength: found -1, expected an integer from 0",
           "/properties/m/definitions: belongs to the root of the schema only",
           "/properties/n/enum: found [], expected an array that isn't empty",
           "/properties/o/propertyNames: describes something else than a string",
       }) {
    CAPTURE(line, found);
    CHECK(contains(found, line));
  }
  CHECK(contains(schema_problems("5"), "document: found an integer, expected a schema: an object"));
  CHECK(contains(schema_problems(R"({"type":"string"})"),
                 "document: describes a string, but the whole must be an object"));
  CHECK(contains(schema_problems("{"), "the schema is not JSON"));
}

TEST_CASE("a definition that contains itself is refused with the circle") {
  CHECK(contains(
      schema_problems(R"({"type":"object","definitions":{
            "a":{"type":"object","properties":{"b":{"$ref":"#/definitions/b"}}},
            "b":{"type":"array","items":{"$ref":"#/definitions/a"}}}})"),
      "/definitions/a: the definition contains itself: #/definitions/a -> #/definitions/b -> #/definitions/a"));
  CHECK(contains(schema_problems(R"({"type":"object","$defs":{"a":{"$ref":"#/$defs/a"}}})"), "contains itself"));
}

TEST_CASE("the branches of a oneOf need a constant that tells them apart") {
  CHECK(contains(schema_problems(R"({"oneOf":[{"type":"object","properties":{"k":{"const":1}}},
                                              {"type":"object","properties":{"k":{"const":1}}}]})"),
                 "/oneOf: needs a property that has another constant (const) in each branch"));
  CHECK(contains(schema_problems(R"({"oneOf":[{"type":"object","properties":{"k":{"const":1}}}]})"),
                 "/oneOf/0: must have \"k\" among required"));
  CHECK(contains(schema_problems(R"({"oneOf":[{"type":"string"}]})"), "/oneOf/0: is a string, expected an object"));
  CHECK(schema_problems(R"({"oneOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"type":"object","required":["k"],
                            "properties":{"k":{"const":"x"}}}}})")
            .empty());
}

TEST_CASE("a default must fit its own schema") {
  CHECK(schema_problems(R"({"type":"object","properties":{"n":{"type":"integer","maximum":5,"default":6}}})") ==
        "/properties/n/default: the default does not fit: found 6, expected at most 5\n");
  CHECK(contains(schema_problems(R"({"type":"object","properties":{"o":{"type":"object","default":{"x":1},
                                     "properties":{"y":{"type":"string"}}}}})"),
                 "/properties/o/default/x: the default does not fit: is unknown"));
  CHECK(contains(
      schema_problems(R"({"type":"object","properties":{"s":{"type":"string","x-secret":true,"default":"pw"}}})"),
      "/properties/s/default: a secret has no default"));
}

TEST_CASE("secrets are masked, references are not") {
  const SettingsSchema schema = schema_of(kDatabase);
  const json masked = schema.masked(json::parse(R"({"password":"hunter2","users":[{"name":"u","key":"k"}],
                                                    "backend":{"kind":"disk","path":"/x","key":"k2"}})"));
  CHECK(masked["password"] == kSecretMask);
  CHECK(masked["users"][0]["key"] == kSecretMask);
  CHECK(masked["users"][0]["name"] == "u");
  CHECK(masked["backend"]["key"] == kSecretMask);
  CHECK(schema.masked(json::parse(R"({"password":"${env:PW}"})"))["password"] == "${env:PW}");
  CHECK(schema.masked(json::parse(R"({"password":"x${env:PW}"})"))["password"] == kSecretMask);
  CHECK(schema.masked(json::parse(R"({"password":"${env:PW}x"})"))["password"] == kSecretMask);
}

TEST_CASE("settings that fit nothing are masked all the same") {
  const SettingsSchema schema = schema_of(kDatabase);
  CHECK(schema.masked(json::parse(R"({"backend":{"kind":"mistyped","key":"k2"}})"))["backend"]["key"] == kSecretMask);
  CHECK(schema.masked(json::parse(R"({"password":["a"]})"))["password"] == kSecretMask);
  CHECK(schema.masked(json::parse(R"({"password":17})"))["password"] == kSecretMask);
}

TEST_CASE("a mask that comes back keeps the old secret") {
  const SettingsSchema schema = schema_of(kDatabase);
  const json current = json::parse(R"({"password":"old","users":[{"name":"a","key":"ka"},{"name":"b","key":"kb"}]})");
  json changed = schema.masked(current);
  changed["mode"] = "fast";
  auto kept = schema.unmasked(changed, current);
  REQUIRE(kept.has_value());
  CHECK((*kept)["password"] == "old");
  CHECK((*kept)["users"][1]["key"] == "kb");
  CHECK((*kept)["mode"] == "fast");
  changed["password"] = "new";
  CHECK((*schema.unmasked(changed, current))["password"] == "new");
}

TEST_CASE("in arrays the secret follows its element") {
  const SettingsSchema schema = schema_of(kDatabase);
  const json current = json::parse(R"({"users":[{"name":"a","key":"ka"},{"name":"b","key":"kb"}]})");
  json swapped = schema.masked(current);
  std::swap(swapped["users"][0], swapped["users"][1]);
  CHECK((*schema.unmasked(swapped, current))["users"][0]["key"] == "kb");
  json shorter = schema.masked(current);
  shorter["users"].erase(0);
  CHECK((*schema.unmasked(shorter, current))["users"][0]["key"] == "kb");
  json renamed = schema.masked(current);
  renamed["users"][0]["name"] = "c";
  CHECK((*schema.unmasked(renamed, current))["users"][0]["key"] == "ka");
  json grown = schema.masked(current);
  grown["users"].push_back({{"name", "c"}, {"key", kSecretMask}});
  const auto refused = schema.unmasked(grown, current);
  REQUIRE_FALSE(refused.has_value());
  CHECK(problem_lines(refused.error()) ==
        "/users/2/key: the mask came back, but there is no secret here that it could stand for\n");
}

TEST_CASE("equal elements keep their own secrets") {
  const SettingsSchema schema = schema_of(kDatabase);
  const json current = json::parse(R"({"users":[{"name":"a","key":"k1"},{"name":"a","key":"k2"}]})");
  const auto kept = schema.unmasked(schema.masked(current), current);
  REQUIRE(kept.has_value());
  CHECK(*kept == current);
}

TEST_CASE("a mask without a secret behind it is refused") {
  const auto refused = schema_of(kDatabase).unmasked({{"password", kSecretMask}}, json::object());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().front().pointer == "/password");
}

TEST_CASE("which changes need a restart") {
  const SettingsSchema schema = schema_of(kDatabase);
  const json before = json::parse(R"({"url":"a:b","mode":"fast","pool":{"size":8}})");
  using Pointers = std::vector<std::string>;
  CHECK(schema.restart_pointers(before, before).empty());
  CHECK(schema.restart_pointers(before, json::parse(R"({"url":"a:b","mode":"safe"})")).empty());
  CHECK(schema.restart_pointers(before, json::parse(R"({"url":"a:c"})")) == Pointers{"/url"});
  CHECK(schema.restart_pointers(before, json::parse(R"({"pool":{"size":9}})")) == Pointers{"/pool", "/url"});
}

TEST_CASE("restarts inside of arrays and branches are found") {
  const SettingsSchema schema = schema_of(R"({"type":"object","properties":{
      "list":{"type":"array","items":{"type":"object","properties":{"a":{"type":"integer","x-restart":true},
                                                                     "b":{"type":"integer"}}}},
      "kind":{"oneOf":[{"type":"object","required":["k"],"properties":{"k":{"const":1,"x-restart":true}}},
                       {"type":"object","required":["k"],"properties":{"k":{"const":2,"x-restart":true}}}]}}})");
  using Pointers = std::vector<std::string>;
  const json before = json::parse(R"({"list":[{"a":1,"b":1}],"kind":{"k":1}})");
  CHECK(schema.restart_pointers(before, json::parse(R"({"list":[{"a":1,"b":2}],"kind":{"k":1}})")).empty());
  CHECK(schema.restart_pointers(before, json::parse(R"({"list":[{"a":2,"b":1}],"kind":{"k":2}})")) ==
        Pointers{"/kind/k", "/list/0/a"});
  CHECK(schema.restart_pointers(before, json::parse(R"({"list":[{"a":1,"b":1},{"a":3}],"kind":{"k":1}})")) ==
        Pointers{"/list/1/a"});
}

TEST_CASE("where the secrets are") {
  const json settings = json::parse(R"({"password":"x","users":[{"name":"n"},{"key":"k"}]})");
  CHECK(schema_of(kDatabase).secret_pointers(settings) == std::vector<std::string>{"/password", "/users/1/key"});
}

TEST_CASE("large arrays cost what their size says, not its square") {
  const SettingsSchema schema = schema_of(R"({"type":"object","properties":{
      "n":{"type":"array","uniqueItems":true,"items":{"type":"integer"}},
      "u":{"type":"array","items":{"type":"object","properties":{"id":{"type":"integer"},
                                                                 "key":{"type":"string","x-secret":true}}}}}})");
  json settings = {{"n", json::array()}, {"u", json::array()}};
  for (int index = 0; index < 20'000; ++index) {
    settings["n"].push_back(index);
    settings["u"].push_back({{"id", index}, {"key", std::to_string(index)}});
  }
  CHECK(schema.check(settings).empty());
  settings["n"].push_back(7);
  CHECK(problem_lines(schema.check(settings)) == "/n/20000: is the same as element 7, but all must differ\n");
  json reversed = schema.masked(settings);
  std::reverse(reversed["u"].begin(), reversed["u"].end());
  const auto kept = schema.unmasked(reversed, settings);
  REQUIRE(kept.has_value());
  CHECK((*kept)["u"][0]["key"] == "19999");
  CHECK((*kept)["u"][19'999]["key"] == "0");
}
