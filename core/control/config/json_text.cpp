#include "config/json_text.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace patchbay::config {

namespace {

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
      result += escape.data();
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string number_text(double number) {
  if (!std::isfinite(number)) return "null";
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.17g", number);
  return buffer.data();
}

std::string list_text(const RawValue& value) {
  std::string result = "[";
  for (const RawValue& item : value.items) result += (result.size() > 1 ? "," : "") + json_text(item);
  return result + ']';
}

std::string table_text(const RawValue& value) {
  std::string result = "{";
  for (const RawMember& member : value.members) {
    if (result.size() > 1) result += ',';
    result += quoted(member.name) + ':' + json_text(member.value);
  }
  return result + '}';
}

}  // namespace

std::string json_text(const RawValue& value) {
  switch (value.kind) {
    case RawValue::Kind::integer:
      return std::to_string(value.integer);
    case RawValue::Kind::number:
      return number_text(value.number);
    case RawValue::Kind::boolean:
      return value.boolean ? "true" : "false";
    case RawValue::Kind::list:
      return list_text(value);
    case RawValue::Kind::table:
      return table_text(value);
    case RawValue::Kind::string:
    case RawValue::Kind::other:
      break;
  }
  return quoted(value.text);
}

}  // namespace patchbay::config
