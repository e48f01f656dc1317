#include "config/toml_document.h"

#include <toml++/toml.h>

#include <sstream>

namespace patchbay::config {

namespace {

RawValue raw_value(const toml::node& node);

template <class Node>
std::string written(const Node& node) {
  std::ostringstream out;
  out << node;
  return out.str();
}

void fill(RawValue& value, const toml::array& list) {
  value.kind = RawValue::Kind::list;
  value.text = "a list of " + std::to_string(list.size());
  for (const toml::node& item : list) value.items.push_back(raw_value(item));
}

void fill(RawValue& value, const toml::table& table) {
  value.kind = RawValue::Kind::table;
  value.text = "a table";
  for (const auto& [key, node] : table) {
    value.members.push_back({std::string(key.str()), raw_value(node), key.source().begin.line});
  }
}

void fill(RawValue& value, const toml::value<std::string>& text) {
  value.kind = RawValue::Kind::string;
  value.text = text.get();
}

void fill(RawValue& value, const toml::value<int64_t>& integer) {
  value.kind = RawValue::Kind::integer;
  value.integer = integer.get();
  value.text = std::to_string(value.integer);
}

void fill(RawValue& value, const toml::value<double>& number) {
  value.kind = RawValue::Kind::number;
  value.number = number.get();
  value.text = written(number);
}

void fill(RawValue& value, const toml::value<bool>& flag) {
  value.kind = RawValue::Kind::boolean;
  value.boolean = flag.get();
  value.text = value.boolean ? "true" : "false";
}

template <class DateOrTime>
void fill(RawValue& value, const toml::value<DateOrTime>& moment) {
  value.kind = RawValue::Kind::other;
  value.text = written(moment);
}

RawValue raw_value(const toml::node& node) {
  RawValue value;
  value.line = node.source().begin.line;
  node.visit([&value](const auto& concrete) { fill(value, concrete); });
  return value;
}

}  // namespace

base::Result<RawValue, TomlError> parse_toml(std::string_view text) {
  try {
    return raw_value(toml::parse(text));
  } catch (const toml::parse_error& error) {
    return base::fail(TomlError{std::string(error.description()), error.source().begin.line});
  }
}

std::optional<RawValue> parse_toml_value(std::string_view text) {
  // A line break could bring further keys along; a value never needs one.
  if (text.find_first_of("\r\n") != std::string_view::npos) return std::nullopt;
  base::Result<RawValue, TomlError> root = parse_toml("v = " + std::string(text));
  if (!root || root->members.size() != 1) return std::nullopt;
  return std::move(root->members.front().value);
}

}  // namespace patchbay::config
