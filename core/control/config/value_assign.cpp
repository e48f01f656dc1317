#include "config/value_assign.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <type_traits>

#include "base/assert.h"
#include "config/did_you_mean.h"
#include "config/json_text.h"
#include "config/toml_document.h"
#include "config/toml_string.h"

namespace patchbay::config {

namespace {

using Kind = RawValue::Kind;

constexpr size_t kLongestFound = 80;

// Stores into the integer fields of every width; the row's range is known to fit (checked by the test of the table).
bool store(FieldRef field, uint64_t value) {
  return std::visit(
      [value](auto target) {
        using Target = std::remove_pointer_t<decltype(target)>;
        if constexpr (std::is_integral_v<Target> && !std::is_same_v<Target, bool>) {
          *target = static_cast<Target>(value);
          PATCHBAY_ASSERT(*target == value);
          return true;
        }
        return false;
      },
      field);
}

bool in_range(const KeyRow& row, uint64_t value) {
  return value >= row.min && value <= row.max;
}

bool assign_string(const KeyRow& row, void* object, const RawValue& value) {
  if (value.kind != Kind::string || value.text.size() < row.min) return false;
  *std::get<std::string*>(row.field(object)) = value.text;
  return true;
}

bool assign_boolean(const KeyRow& row, void* object, const RawValue& value) {
  if (value.kind != Kind::boolean) return false;
  *std::get<bool*>(row.field(object)) = value.boolean;
  return true;
}

bool assign_integer(const KeyRow& row, void* object, const RawValue& value) {
  if (value.kind != Kind::integer || value.integer < 0) return false;
  const auto integer = static_cast<uint64_t>(value.integer);
  return in_range(row, integer) && store(row.field(object), integer);
}

bool assign_size(const KeyRow& row, void* object, const RawValue& value) {
  if (value.kind == Kind::integer) return assign_integer(row, object, value);
  if (value.kind != Kind::string) return false;
  const std::optional<uint64_t> size = parse_size(value.text);
  return size && in_range(row, *size) && store(row.field(object), *size);
}

bool assign_number(const KeyRow& row, void* object, const RawValue& value) {
  if (value.kind != Kind::number && value.kind != Kind::integer) return false;
  const double number = value.kind == Kind::integer ? static_cast<double>(value.integer) : value.number;
  const bool fits =
      std::isfinite(number) && number >= static_cast<double>(row.min) && number <= static_cast<double>(row.max);
  if (fits) *std::get<double*>(row.field(object)) = number;
  return fits;
}

bool assign_enumeration(const KeyRow& row, void* object, const RawValue& value) {
  // true, 1.2 and the like are names too where the row allows them: people write them without quotes.
  const auto* name = std::find(row.allowed.data(), row.allowed.data() + row.allowed.size(), value.text);
  if (name == row.allowed.data() + row.allowed.size() || value.kind == Kind::list) return false;
  return store(row.field(object), static_cast<uint64_t>(name - row.allowed.data()));
}

bool assign_string_list(const KeyRow& row, void* object, const RawValue& value) {
  if (value.kind != Kind::list) return false;
  std::vector<std::string> list;
  for (const RawValue& item : value.items) {
    if (item.kind != Kind::string) return false;
    list.push_back(item.text);
  }
  *std::get<std::vector<std::string>*>(row.field(object)) = std::move(list);
  return true;
}

bool assign_json(const KeyRow& row, void* object, const RawValue& value) {
  if (value.kind != Kind::table) return false;
  *std::get<std::string*>(row.field(object)) = json_text(value);
  return true;
}

bool assign_scalar(const KeyRow& row, void* object, const RawValue& value) {
  switch (row.type) {
    case KeyType::string:
      return assign_string(row, object, value);
    case KeyType::boolean:
      return assign_boolean(row, object, value);
    case KeyType::integer:
      return assign_integer(row, object, value);
    case KeyType::size:
      return assign_size(row, object, value);
    case KeyType::number:
      return assign_number(row, object, value);
    case KeyType::enumeration:
      return assign_enumeration(row, object, value);
    case KeyType::string_list:
      return assign_string_list(row, object, value);
    case KeyType::json:
      return assign_json(row, object, value);
    case KeyType::table_list:
      break;
  }
  return false;
}

const KeyRow* element_row(const KeyRow& row, std::string_view name) {
  for (const KeyRow& field : row.element()) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

std::string unknown_member(const KeyRow& row, std::string_view name) {
  std::vector<std::string> names;
  for (const KeyRow& field : row.element()) names.emplace_back(field.name);
  const std::optional<std::string> nearest = did_you_mean(name, names);
  return nearest ? "unknown key; did you mean " + *nearest + "?" : "unknown key";
}

// One table of a list: known members are assigned, those that must not be empty are asked for.
void assign_element(const KeyRow& row, void* element, const std::string& key, const RawValue& table,
                    const Origin& origin, std::vector<ConfigProblem>& problems) {
  for (const RawMember& member : table.members) {
    const std::string member_key = key + '.' + member.name;
    const KeyRow* field = element_row(row, member.name);
    if (field != nullptr) {
      assign(*field, element, member_key, member.value, origin, problems);
    } else {
      problems.push_back({member_key, origin.at(member.line), unknown_member(row, member.name), allowed_text(row)});
    }
  }
  for (const KeyRow& field : row.element()) {
    const bool given = std::any_of(table.members.begin(), table.members.end(),
                                   [&field](const RawMember& member) { return member.name == field.name; });
    if (field.type != KeyType::string || field.min == 0 || given) continue;
    problems.push_back({key + '.' + std::string(field.name), origin.at(table.line), "missing", allowed_text(field)});
  }
}

// A later source replaces the whole list: merging tables by position would surprise.
void assign_table_list(const KeyRow& row, void* object, const std::string& key, const RawValue& value,
                       const Origin& origin, std::vector<ConfigProblem>& problems) {
  const bool all_tables =
      value.kind == Kind::list && std::all_of(value.items.begin(), value.items.end(),
                                              [](const RawValue& item) { return item.kind == Kind::table; });
  if (!all_tables) {
    problems.push_back({key, origin.at(value.line), "found " + found_text(value, false), allowed_text(row)});
    return;
  }
  const auto tables = std::get<TableList>(row.field(object));
  tables.clear(tables.list);
  for (size_t index = 0; index < value.items.size(); ++index) {
    const std::string element_key = key + '[' + std::to_string(index) + ']';
    assign_element(row, tables.append(tables.list), element_key, value.items[index], origin, problems);
  }
}

RawValue bare_list(std::string_view text) {
  RawValue list;
  list.kind = Kind::list;
  list.text = std::string(text);
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    RawValue item;
    item.text = std::string(text.substr(0, comma));
    if (!item.text.empty()) list.items.push_back(std::move(item));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return list;
}

bool starts_quoted(std::string_view text) {
  return !text.empty() && (text.front() == '"' || text.front() == '\'');
}

}  // namespace

void assign(const KeyRow& row, void* object, const std::string& key, const RawValue& value, const Origin& origin,
            std::vector<ConfigProblem>& problems) {
  if (row.type == KeyType::table_list) return assign_table_list(row, object, key, value, origin, problems);
  if (assign_scalar(row, object, value)) return;
  problems.push_back({key, origin.at(value.line), "found " + found_text(value, row.secret), allowed_text(row)});
}

RawValue override_value(const KeyRow& row, std::string_view text) {
  RawValue bare;
  bare.text = std::string(text);
  const bool is_text = row.type == KeyType::string || row.type == KeyType::enumeration;
  if (is_text && !starts_quoted(text)) return bare;
  std::optional<RawValue> value = parse_toml_value(text);
  if (value) return *value;
  return row.type == KeyType::string_list ? bare_list(text) : bare;
}

std::optional<uint64_t> parse_size(std::string_view text) {
  uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc()) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
  unsigned shift = 0;
  if (unit == "KiB") {
    shift = 10;
  } else if (unit == "MiB") {
    shift = 20;
  } else if (unit == "GiB") {
    shift = 30;
  } else if (!unit.empty() && unit != "B") {
    return std::nullopt;
  }
  if (count > (uint64_t{1} << 63) >> shift) return std::nullopt;
  return count << shift;
}

std::string found_text(const RawValue& value, bool secret) {
  if (secret) return "(secret)";
  const bool plain = value.kind != Kind::string && value.kind != Kind::other;
  std::string text = value.text;
  if (text.size() > kLongestFound) text = text.substr(0, kLongestFound) + "…";
  return plain ? text : toml_string(text);
}

}  // namespace patchbay::config
