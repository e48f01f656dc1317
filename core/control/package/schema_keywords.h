#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace patchbay::package {

/// What a schema describes; bits, so that a keyword can say where it belongs.
struct SchemaKind {
  static constexpr uint32_t object = 1;
  static constexpr uint32_t array = 2;
  static constexpr uint32_t string = 4;
  static constexpr uint32_t integer = 8;
  static constexpr uint32_t number = 16;
  static constexpr uint32_t boolean = 32;
  static constexpr uint32_t constants = 64;  ///< enum or const without a type
  static constexpr uint32_t choice = 128;    ///< oneOf
  static constexpr uint32_t reference = 256;
  static constexpr uint32_t all = 511;
};

/// What a keyword's own value must be.
enum class KeywordValue : uint8_t {
  text,
  boolean,
  number,
  positive,
  count,
  pattern,
  format,
  names,
  values,
  anything,
  object,
  schema,
  schema_or_boolean,
  schema_map,
  branches,
};

struct SchemaKeyword {
  std::string_view name;
  uint32_t kinds;  ///< where it may stand
  KeywordValue value;
  bool root_only = false;
};

/// The keywords of the subset. [any-thread]
[[nodiscard]] std::span<const SchemaKeyword> schema_keywords();

/// The kind of schema that the node is, or 0: none that the subset knows. [any-thread]
[[nodiscard]] uint32_t schema_kind(const nlohmann::json& node);

/// "an object", "a oneOf", ... for sentences. [any-thread]
[[nodiscard]] std::string_view schema_kind_name(uint32_t kind);

/// Why the keyword cannot have this value; nothing when it can. Schemas inside are not looked into. [any-thread]
[[nodiscard]] std::optional<std::string> keyword_value_problem(KeywordValue kind, const nlohmann::json& value);

}  // namespace patchbay::package
