#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/json.h"
#include "admin/route.h"
#include "package/compiled_schema.h"
#include "package/problem.h"

/// Schemas of queries, bodies and answers: the subset of JSON Schema that plugin-sdk/schema/README.md describes, whose
/// objects are closed, and, beyond it, a schema without a type, which lets everything pass. [any-thread]
namespace patchbay::admin {

/// Builders: schema::object({{"topic", schema::string()}, {"qos", schema::qos()}}, {"topic"}).
namespace schema {

using Members = std::initializer_list<std::pair<const char*, Json>>;

[[nodiscard]] Json object(Members properties, std::initializer_list<const char*> required = {});
/// An object with any members.
[[nodiscard]] Json open_object();
/// An object whose members all have one schema: {"user": "property"}.
[[nodiscard]] Json map_of(Json values);
[[nodiscard]] Json array(Json items, uint64_t max_items = 10'000);
[[nodiscard]] Json string(std::string_view description = {});
[[nodiscard]] Json text(uint64_t min_length, uint64_t max_length, std::string_view description = {});
[[nodiscard]] Json integer(uint64_t minimum, uint64_t maximum, std::string_view description = {});
[[nodiscard]] Json number(std::string_view description = {});
[[nodiscard]] Json boolean(std::string_view description = {});
[[nodiscard]] Json one_of_words(std::initializer_list<const char*> words, std::string_view description = {});
[[nodiscard]] Json date_time(std::string_view description = {});
/// Anything: for values that come in more than one type, which the handler checks itself.
[[nodiscard]] Json anything(std::string_view description);
[[nodiscard]] Json qos();
/// The same with a default for the document; the handler fills it in.
[[nodiscard]] Json with_default(Json schema, Json value);

}  // namespace schema

/// What keeps a schema from being used, a line each; empty: nothing.
[[nodiscard]] std::vector<std::string> schema_problems(const Json& schema);

/// Everything in which the body differs from the schema.
[[nodiscard]] package::Problems check_body(const Json& schema, const Json& body);

/// One value of a query or path, a text that stands for what its schema describes: "10", "true". The pointer of the
/// problems is "".
[[nodiscard]] package::Problems check_parameter(const Json& schema, std::string_view text);
/// The same with the schema as a route keeps it.
[[nodiscard]] package::Problems check_parameter(const Json& schema, const package::CompiledSchema& compiled,
                                                std::string_view text);

/// Problems in a sentence: "/qos: found 7, expected at most 2; /x: is unknown, ...".
[[nodiscard]] std::string problem_sentence(const package::Problems& problems);

}  // namespace patchbay::admin
