#include "base/utf8.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace patchbay::base {
namespace {

// The rules of Unicode 15, table 3-7, written as a decoder of code points: slow and plain, to compare with.
bool decode_plainly(const std::string& text, size_t& at, uint32_t& code_point) {
  const auto byte = [&text](size_t index) { return static_cast<uint32_t>(static_cast<uint8_t>(text[index])); };
  const uint32_t lead = byte(at);
  const size_t length = lead < 0x80             ? 1
                        : (lead & 0xE0) == 0xC0 ? 2
                        : (lead & 0xF0) == 0xE0 ? 3
                        : (lead & 0xF8) == 0xF0 ? 4
                                                : 0;
  if (length == 0 || at + length > text.size()) return false;
  constexpr uint32_t masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  constexpr uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  code_point = lead & masks[length];
  for (size_t index = 1; index < length; ++index) {
    if ((byte(at + index) & 0xC0) != 0x80) return false;
    code_point = code_point << 6 | (byte(at + index) & 0x3F);
  }
  at += length;
  const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  return code_point >= smallest[length] && code_point <= 0x10FFFF && !is_surrogate;
}

uint8_t scan_plainly(const std::string& text) {
  uint8_t found = 0;
  for (size_t at = 0; at < text.size();) {
    uint32_t code_point = 0;
    if (!decode_plainly(text, at, code_point)) return found | Utf8Finding::ill_formed;
    if (code_point == 0) found |= Utf8Finding::has_nul;
    if (code_point == '+' || code_point == '#') found |= Utf8Finding::has_plus_or_hash;
  }
  return found;
}

std::string filled(size_t size) {
  return std::string(size, 'x');
}

}  // namespace

TEST_CASE("utf8: plain ASCII of every length has no findings") {
  for (size_t size = 0; size < 100; ++size) CHECK(scan_utf8(filled(size)) == 0);
}

TEST_CASE("utf8: NUL, plus and hash are found at every place of texts of every length") {
  for (size_t size = 1; size < 40; ++size) {
    for (size_t at = 0; at < size; ++at) {
      INFO(size << " at " << at);
      std::string text = filled(size);
      text[at] = '\0';
      CHECK(scan_utf8(text) == Utf8Finding::has_nul);
      text[at] = '+';
      CHECK(scan_utf8(text) == Utf8Finding::has_plus_or_hash);
      text[at] = '#';
      CHECK(scan_utf8(text) == Utf8Finding::has_plus_or_hash);
    }
  }
}

TEST_CASE("utf8: of all single bytes only NUL, plus and hash are found, and those from 0x80 on are ill-formed") {
  for (int byte = 0; byte < 256; ++byte) {
    INFO(byte);
    for (const size_t size : {size_t{1}, size_t{3}, size_t{7}, size_t{8}, size_t{21}}) {
      std::string text = filled(size);
      text[size / 2] = static_cast<char>(byte);
      CHECK(scan_utf8(text) == scan_plainly(text));
    }
  }
}

TEST_CASE("utf8: well-formed sequences of every length are accepted [MQTT-1.5.4-1]") {
  for (const std::string text : {"\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
                                 "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    CHECK(is_clean_utf8(text));
    CHECK(is_clean_utf8("abcdefg" + text + "hijklmnop"));
    CHECK(is_clean_utf8(text + text + text + text + text));
  }
}

TEST_CASE("utf8: overlong forms, surrogates, values beyond Unicode and cut sequences are ill-formed [MQTT-1.5.4-1]") {
  for (const std::string text : {"\xC0\x80",
                                 "\xC1\xBF",
                                 "\xE0\x80\x80",
                                 "\xE0\x9F\xBF",
                                 "\xED\xA0\x80",
                                 "\xED\xBF\xBF",
                                 "\xF0\x80\x80\x80",
                                 "\xF0\x8F\xBF\xBF",
                                 "\xF4\x90\x80\x80",
                                 "\xF5\x80\x80\x80",
                                 "\xFF",
                                 "\xFE",
                                 "\x80",
                                 "\xBF",
                                 "\xC2",
                                 "\xE1\x80",
                                 "\xF1\x80\x80",
                                 "\xC2\x41",
                                 "\xE1\x41\x80",
                                 "\xE1\x80\x41",
                                 "\xF1\x41\x80\x80",
                                 "\xF1\x80\x41\x80",
                                 "\xF1\x80\x80\x41"}) {
    CHECK_FALSE(is_clean_utf8(text));
    CHECK_FALSE(is_clean_utf8("abcdefgh" + text));
    CHECK_FALSE(is_clean_utf8(text + "abcdefgh"));
    CHECK_FALSE(is_clean_utf8("\xC3\xA4" + text));
  }
}

TEST_CASE("utf8: U+0000 is not clean [MQTT-1.5.4-2], a byte order mark in the middle is [MQTT-1.5.4-3]") {
  CHECK_FALSE(is_clean_utf8(std::string_view("\0", 1)));
  CHECK_FALSE(is_clean_utf8(std::string_view("\xC3\xA4\0", 3)));
  CHECK(
      is_clean_utf8("a\xEF\xBB\xBF"
                    "b"));
  CHECK(is_clean_utf8("a+b"));
}

TEST_CASE("utf8: all sequences of two bytes, and many of three and four, agree with a plain decoder") {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string pair{static_cast<char>(first), static_cast<char>(second)};
      for (const std::string& text : {pair, pair + "\x80", pair + "\xBF\x80", "seven77" + pair + "\x80\x80tail"}) {
        if (scan_utf8(text) != scan_plainly(text)) FAIL_CHECK("bytes " << first << " " << second);
      }
    }
  }
  SUCCEED();
}

}  // namespace patchbay::base
