#include "config/config_keys.h"

#include <array>
#include <cstdio>

#include "base/assert.h"
#include "config/toml_string.h"

namespace patchbay::config {

namespace {

struct SizeUnit {
  std::string_view name;
  uint64_t bytes;
};
constexpr SizeUnit kSizeUnits[] = {{"GiB", 1ull << 30}, {"MiB", 1ull << 20}, {"KiB", 1ull << 10}};

std::string number_text(double number) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%g", number);
  return buffer.data();
}

std::string list_text(const std::vector<std::string>& list) {
  std::string result = "[";
  for (const std::string& item : list) {
    if (result.size() > 1) result += ", ";
    result += toml_string(item);
  }
  return result + ']';
}

std::string tables_text(const KeyRow& row, const TableList& tables) {
  std::string result = "[";
  for (size_t index = 0; index < tables.size(tables.list); ++index) {
    result += index == 0 ? "{ " : ", { ";
    bool first = true;
    for (const KeyRow& field : row.element()) {
      if (!first) result += ", ";
      first = false;
      result += std::string(field.name) + " = " + value_text(field, tables.at(tables.list, index));
    }
    result += " }";
  }
  return result + ']';
}

std::string integer_text(const KeyRow& row, uint64_t value) {
  if (row.type == KeyType::size) return value == 0 ? "0" : toml_string(size_text(value));
  if (row.type == KeyType::enumeration) {
    PATCHBAY_ASSERT(value < row.allowed.size());
    return toml_string(row.allowed[value]);
  }
  return std::to_string(value);
}

struct TextOf {
  const KeyRow& row;
  std::string operator()(const std::string* text) const {
    const bool is_set = row.type == KeyType::json ? *text != "{}" : !text->empty();
    if (row.secret && is_set) return "\"(secret)\"";
    return row.type == KeyType::json ? *text : toml_string(*text);
  }
  std::string operator()(const bool* flag) const { return *flag ? "true" : "false"; }
  std::string operator()(const double* number) const { return number_text(*number); }
  std::string operator()(const std::vector<std::string>* list) const { return list_text(*list); }
  std::string operator()(const TableList& tables) const { return tables_text(row, tables); }
  template <class Integer>
  std::string operator()(const Integer* value) const {
    return integer_text(row, *value);
  }
};

std::string joined(std::span<const std::string_view> words) {
  std::string result;
  for (const std::string_view word : words) {
    if (!result.empty()) result += ", ";
    result += word;
  }
  return result;
}

std::string element_text(const KeyRow& row) {
  std::string result = "list of tables with ";
  bool first = true;
  for (const KeyRow& field : row.element()) {
    if (!first) result += ", ";
    first = false;
    result += field.name;
  }
  return result;
}

}  // namespace

std::vector<const KeyRow*> root_keys() {
  std::vector<const KeyRow*> rows;
  for (const std::span<const KeyRow> part :
       {node_keys(), api_keys(), mqtt_keys(), session_keys(), service_keys(), plugin_host_keys()}) {
    for (const KeyRow& row : part) rows.push_back(&row);
  }
  return rows;
}

std::string size_text(uint64_t bytes) {
  for (const SizeUnit& unit : kSizeUnits) {
    if (bytes != 0 && bytes % unit.bytes == 0) return std::to_string(bytes / unit.bytes) + std::string(unit.name);
  }
  return std::to_string(bytes) + "B";
}

std::string allowed_text(const KeyRow& row) {
  const std::string range = std::to_string(row.min) + " to " + std::to_string(row.max);
  switch (row.type) {
    case KeyType::string:
      return row.min > 0 ? "string, not empty" : "string";
    case KeyType::boolean:
      return "true or false";
    case KeyType::integer:
      return "integer, " + range;
    case KeyType::size:
      return "size, " + size_text(row.min) + " to " + size_text(row.max) + " (bytes, or with B, KiB, MiB, GiB)";
    case KeyType::number:
      return "number, " + range;
    case KeyType::enumeration:
      return "one of " + joined(row.allowed);
    case KeyType::string_list:
      return "list of strings";
    case KeyType::table_list:
      return element_text(row);
    case KeyType::json:
      return "table";
  }
  return {};
}

std::string value_text(const KeyRow& row, const void* object) {
  // The rows hand out pointers for writing; nothing is written here.
  return std::visit(TextOf{row}, row.field(const_cast<void*>(object)));
}

}  // namespace patchbay::config
