#include "json_text.h"

#include <cstdint>
#include <cstring>

namespace patchbay::webhook {

namespace {

bool is_continuation(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

/// How many bytes the sequence at the front of `text` has; 0: it is none (RFC 3629, 4: no overlong forms, no
/// surrogates, nothing above U+10FFFF).
size_t utf8_length(std::string_view text) {
  const auto at = [&](size_t index) {
    return index < text.size() ? static_cast<unsigned char>(text[index]) : static_cast<unsigned char>(0);
  };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return is_continuation(at(1)) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned char lowest = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned char highest = first == 0xED ? 0x9F : 0xBF;
    return at(1) >= lowest && at(1) <= highest && is_continuation(at(2)) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned char lowest = first == 0xF0 ? 0x90 : 0x80;
    const unsigned char highest = first == 0xF4 ? 0x8F : 0xBF;
    return at(1) >= lowest && at(1) <= highest && is_continuation(at(2)) && is_continuation(at(3)) ? 4 : 0;
  }
  return 0;
}

void put_special(TextBuffer& out, char c) {
  static constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"':
      return out.put("\\\"");
    case '\\':
      return out.put("\\\\");
    case '\n':
      return out.put("\\n");
    case '\r':
      return out.put("\\r");
    case '\t':
      return out.put("\\t");
    default:
      break;
  }
  out.put("\\u00");
  out.put(kHex[static_cast<unsigned char>(c) >> 4]);
  out.put(kHex[static_cast<unsigned char>(c) & 0xF]);
}

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\';
}

constexpr uint64_t each_byte(uint8_t value) {
  return 0x0101'0101'0101'0101ULL * value;
}

/// Not 0 where one of eight bytes is less than `limit`, which is at most 128.
constexpr uint64_t has_less(uint64_t bytes, uint8_t limit) {
  return (bytes - each_byte(limit)) & ~bytes & each_byte(0x80);
}

constexpr bool are_plain(uint64_t bytes) {
  const uint64_t others = has_less(bytes, 0x20) | has_less(bytes ^ each_byte('"'), 1) |
                          has_less(bytes ^ each_byte('\\'), 1) | has_less(bytes ^ each_byte(0x7F), 1) |
                          (bytes & each_byte(0x80));
  return others == 0;
}

/// Copies what is plain at the front of `text`; how many bytes that was.
size_t copy_plain(char* to, std::string_view text) {
  size_t done = 0;
  for (uint64_t bytes = 0; text.size() - done >= sizeof bytes; done += sizeof bytes) {
    std::memcpy(&bytes, text.data() + done, sizeof bytes);
    if (!are_plain(bytes)) break;
    std::memcpy(to + done, &bytes, sizeof bytes);
  }
  for (; done < text.size() && is_plain(text[done]); ++done) to[done] = text[done];
  return done;
}

}  // namespace

void put_escaped(TextBuffer& out, std::string_view text) {
  while (!text.empty()) {
    const size_t plain = copy_plain(out.room(text.size()), text);
    out.used(plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    const size_t length = utf8_length(text);
    if (length == 0) {
      out.put("\xEF\xBF\xBD");
    } else if (length == 1) {
      put_special(out, text.front());
    } else {
      out.put(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

}  // namespace patchbay::webhook
