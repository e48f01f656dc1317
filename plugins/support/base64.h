#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::support {

/// RFC 4648, section 4, with padding. [any-thread]
[[nodiscard]] std::string base64(std::string_view bytes);
/// The bytes, or nothing where the text isn't exactly what base64() makes of some bytes: no white space, no missing
/// padding, no bits behind the last byte. [any-thread]
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace patchbay::support
