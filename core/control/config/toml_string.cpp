#include "config/toml_string.h"

namespace patchbay::config {

namespace {

void append_control(std::string& result, unsigned char c) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  result += "\\u00";
  result += kHex[c >> 4];
  result += kHex[c & 0xF];
}

}  // namespace

std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      append_control(result, byte);
      continue;
    }
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

}  // namespace patchbay::config
