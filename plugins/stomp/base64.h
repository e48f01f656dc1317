// Bytes as text, RFC 4648 section 4.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::stomp {

[[nodiscard]] std::string base64(std::string_view bytes);
/// Nothing: not base64 with its padding.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace patchbay::stomp
