#pragma once

#include <string>
#include <string_view>

namespace patchbay::base {

/// Appends the text as a JSON string, quotes included. What comes out is well-formed whatever comes in: ill-formed
/// UTF-8 becomes U+FFFD, and characters that could change how a line looks to its reader (controls, line separators,
/// marks of writing direction) become \uXXXX. [any-thread]
void append_json_string(std::string& out, std::string_view text);

/// Appends the text with the same escapes, but without quotes around it. [any-thread]
void append_escaped(std::string& out, std::string_view text);

}  // namespace patchbay::base
