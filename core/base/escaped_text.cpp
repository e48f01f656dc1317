#include "base/escaped_text.h"

#include <cstdint>

namespace patchbay::base {

namespace {

struct Character {
  uint32_t code = 0;
  size_t length = 1;  ///< bytes that it takes
  bool is_ill_formed = false;
};

constexpr bool is_continuation(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

size_t length_by_first_byte(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

bool is_scalar_value(uint32_t code, size_t length) {
  static constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code >= kLeast[length] && code <= 0x10FFFF && !surrogate;
}

Character next_character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const size_t length = length_by_first_byte(first);
  if (length == 1) return {first, 1, false};
  if (length == 0 || text.size() < length) return {0, 1, true};
  uint32_t code = first & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (!is_continuation(byte)) return {0, 1, true};
    code = code << 6 | (byte & 0x3Fu);
  }
  return is_scalar_value(code, length) ? Character{code, length, false} : Character{0, 1, true};
}

// Controls (C0, DEL, C1), line and paragraph separators, and the marks that turn the direction of writing around.
bool changes_the_line(uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x061C || code == 0x200E || code == 0x200F ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

// What most texts consist of: printable ASCII that stands for itself.
size_t plain_size(std::string_view text) {
  size_t size = 0;
  while (size < text.size() && text[size] >= 0x20 && text[size] < 0x7F && text[size] != '"' && text[size] != '\\')
    ++size;
  return size;
}

void append_code(std::string& out, uint32_t code) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[code >> shift & 0xF];
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  for (;;) {
    const size_t plain = plain_size(text);
    out.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    const Character character = next_character(text);
    if (character.is_ill_formed) {
      out += "\xEF\xBF\xBD";
    } else if (character.code == '"' || character.code == '\\') {
      out += '\\';
      out += static_cast<char>(character.code);
    } else if (character.code == '\n') {
      out += "\\n";
    } else if (changes_the_line(character.code)) {
      append_code(out, character.code);
    } else {
      out.append(text.data(), character.length);
    }
    text.remove_prefix(character.length);
  }
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

}  // namespace patchbay::base
