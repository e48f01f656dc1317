#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::auth_jwt {

/// The bytes of base64url text as RFC 7515, section 2 has it: no padding, no white space, no bits behind the last byte.
/// Nothing where it is anything else, so that a signature has one spelling only. [any-thread]
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);

}  // namespace patchbay::auth_jwt
