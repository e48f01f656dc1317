#pragma once

#include <string>
#include <string_view>

namespace patchbay::webhook {

/// Appends what stands between the quotes of a JSON string: RFC 8259, 7. Bytes that are no UTF-8 become U+FFFD, one for
/// each byte, so that a payload can't break the document.
void append_escaped(std::string& out, std::string_view text);

inline void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

}  // namespace patchbay::webhook
