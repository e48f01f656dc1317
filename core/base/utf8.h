#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace patchbay::base {

/// What one pass over a text found; bits of a mask. ill_formed stops the scan, so that the other bits then describe
/// only the text before the first bad byte.
struct Utf8Finding {
  static constexpr uint8_t ill_formed = 1;        // Not UTF-8: overlong, surrogate, beyond U+10FFFF, cut off.
  static constexpr uint8_t has_nul = 2;           // Contains U+0000.
  static constexpr uint8_t has_plus_or_hash = 4;  // Contains '+' or '#', the wildcards of topic filters.
};

/// Scans `text` once, eight ASCII bytes at a time, and returns the findings; 0 means well-formed without NUL, '+' or
/// '#'. Non-characters and control characters other than NUL are well-formed. [any-thread]
uint8_t scan_utf8(std::string_view text);

/// Well-formed UTF-8 without U+0000.
inline bool is_clean_utf8(std::string_view text) {
  return (scan_utf8(text) & (Utf8Finding::ill_formed | Utf8Finding::has_nul)) == 0;
}

}  // namespace patchbay::base
