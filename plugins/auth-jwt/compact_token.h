#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::auth_jwt {

inline constexpr size_t kMaximumKeyIdBytes = 256;

/// A JWS in compact serialization (RFC 7515, 7.1), taken apart. Nothing in it is trusted yet; the views point into the
/// token.
struct CompactToken {
  std::string algorithm;              ///< "alg", as it stands there
  std::optional<std::string> key_id;  ///< "kid"
  std::string_view signed_text;       ///< header and payload with the dot between them
  std::string_view payload;           ///< in base64url
  std::string signature;
};

/// Nothing where it isn't one: not three parts, no base64url, a header that is no JSON object or lacks "alg", a "crit"
/// (RFC 7515, 4.1.11: we know no extension, so any must be refused). Members that bring keys along ("jwk", "jku",
/// "x5c", "x5u") are not looked at. [any-thread]
[[nodiscard]] std::optional<CompactToken> read_compact_token(std::string_view token);

}  // namespace patchbay::auth_jwt
