#pragma once

#include <cstdint>
#include <string_view>

namespace patchbay::package {

/// What REST shows instead of a secret, and what it may send back to leave the secret as it is.
inline constexpr std::string_view kSecretMask = "••••";

/// How a check takes a string that holds a secret reference (`${env:X}`).
enum class References : uint8_t {
  accept,  ///< not resolved yet: only its type is checked
  plain,   ///< text like any other
};

}  // namespace patchbay::package
