#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace patchbay::auth_jwt {

/// Why a token was refused. The names are the values of the label "reason" of the metric "refused".
enum class Refusal : uint8_t {
  none,
  missing,        ///< there is no token, and on_missing is "deny"
  too_large,      ///< longer than max_token_bytes
  malformed,      ///< no JWS, no JSON, a claim of a type that it can't have
  algorithm,      ///< one that the operator has not allowed; "none" among them
  unknown_key,    ///< no key fits "kid" and "alg"
  signature,      ///< not made with the key
  expired,        ///< "exp"
  not_yet_valid,  ///< "nbf" or "iat" is in the future
  claims,         ///< a claim that must be there isn't, or has another value
  permissions,    ///< the ACL claim can't be understood: half of it would be worse than nothing
  unavailable,    ///< there are no keys now
};

inline constexpr std::array<std::string_view, 12> kRefusalNames = {
    "none",      "missing", "too_large",     "malformed", "algorithm",   "unknown_key",
    "signature", "expired", "not_yet_valid", "claims",    "permissions", "unavailable"};

[[nodiscard]] inline std::string_view name_of(Refusal refusal) {
  return kRefusalNames[static_cast<size_t>(refusal)];
}

}  // namespace patchbay::auth_jwt
