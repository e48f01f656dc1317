#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace patchbay::config {

struct RawMember;

/// A value as it was written, before the table of keys says what it should be.
struct RawValue {
  enum class Kind : uint8_t { string, integer, number, boolean, list, table, other };

  Kind kind = Kind::string;
  std::string text;  ///< of a string: its content; else the value in TOML's notation, shortened for lists and tables
  int64_t integer = 0;
  double number = 0;
  bool boolean = false;
  std::vector<RawValue> items;     ///< of a list
  std::vector<RawMember> members;  ///< of a table, in alphabetical order
  uint32_t line = 0;               ///< in the file it was read from; 0: none
};

struct RawMember {
  std::string name;
  RawValue value;
  uint32_t line = 0;  ///< of the name
};

}  // namespace patchbay::config
