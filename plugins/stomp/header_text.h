// What a header's name or value looks like on the wire. (1.2, "Value Encoding")
//
//          1.0    1.1           1.2
//   \\     -      backslash     backslash
//   \n     -      LF            LF
//   \c     -      colon         colon
//   \r     -      undefined     CR
#pragma once

#include <string>
#include <string_view>

#include "version.h"

namespace patchbay::stomp {

/// Appends the text as it was meant. False: an escape sequence that the version doesn't define, which is fatal.
[[nodiscard]] bool append_unescaped(std::string& out, std::string_view wire, Version version);

/// Appends the text as it is written. False, and nothing is appended: the version has no form for it.
[[nodiscard]] bool append_escaped(std::string& out, std::string_view text, Version version);

}  // namespace patchbay::stomp
