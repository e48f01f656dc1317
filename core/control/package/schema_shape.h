#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "package/pattern.h"

namespace patchbay::package {

struct SchemaShape;

/// A place where a schema stands: what `$ref` leads to, and what is said beside the `$ref`.
struct SchemaPlace {
  const SchemaShape* shape = nullptr;  ///< null: there is no schema
  bool is_secret = false;
};

/// What a count of members, elements or characters must keep to.
struct CountBounds {
  uint64_t least = 0;
  uint64_t most = UINT64_MAX;

  [[nodiscard]] bool are_set() const { return least != 0 || most != UINT64_MAX; }
};

/// One of the keywords that bound a number.
struct NumberBound {
  const char* words;  ///< "at least ", for sentences
  bool (*holds)(long double value, long double limit);
  long double limit;
  const nlohmann::json* written;  ///< the limit as the schema has it
};

/// A schema taken apart: what its keywords say, found once, so that a check compares no names of keywords. Made by
/// SchemaCompiler, constant afterwards; views the schema. [any-thread]
struct SchemaShape {
  struct Member {
    std::string_view name;
    SchemaPlace place;
  };
  struct Branch {
    const nlohmann::json* constant;  ///< of the discriminator
    const SchemaShape* shape;
  };

  uint32_t kind = 0;  ///< of SchemaKind, never a reference; 0: anything passes
  CountBounds count;  ///< of members, elements or characters

  const nlohmann::json* constant = nullptr;  ///< const
  const nlohmann::json* allowed = nullptr;   ///< enum

  std::unique_ptr<Pattern> pattern;
  const std::string* format = nullptr;
  std::vector<NumberBound> bounds;

  std::vector<std::string_view> required;
  std::vector<Member> members;  ///< properties, sorted by name
  SchemaPlace others;           ///< additionalProperties, where it is a schema
  bool takes_others = false;    ///< additionalProperties, where it is true
  SchemaPlace names;            ///< propertyNames

  SchemaPlace items;
  bool unique_items = false;

  std::string discriminator;
  std::vector<Branch> branches;

  /// What describes the member of that name; without a shape: nothing does.
  [[nodiscard]] SchemaPlace member(std::string_view name) const;
};

}  // namespace patchbay::package
