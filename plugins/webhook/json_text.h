#pragma once

#include <string>
#include <string_view>

#include "text_buffer.h"

namespace patchbay::webhook {

/// Appends what stands between the quotes of a JSON string: RFC 8259, 7. Bytes that are no UTF-8 become U+FFFD, one for
/// each byte, so that a payload can't break the document.
void put_escaped(TextBuffer& out, std::string_view text);

inline void put_quoted(TextBuffer& out, std::string_view text) {
  out.put('"');
  put_escaped(out, text);
  out.put('"');
}

inline void append_quoted(std::string& out, std::string_view text) {
  TextBuffer quoted;
  put_quoted(quoted, text);
  out += quoted.view();
}

}  // namespace patchbay::webhook
