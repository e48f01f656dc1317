#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "support/password_hash.h"

namespace patchbay::support {

/// PBKDF2 (RFC 8018, 5.2); `length` 0: as much as the function gives. Empty where a limit of password_hash.h forbids
/// it. [any-thread]
[[nodiscard]] std::string derive_key(MacFunction function, std::string_view password, std::string_view salt,
                                     uint32_t iterations, uint32_t length);

/// By the marks in front: "$2a$", "$2b$", "$2y$"; "$argon2id$". [any-thread]
[[nodiscard]] bool is_bcrypt(std::string_view encoded);
[[nodiscard]] bool is_argon2id(std::string_view encoded);

}  // namespace patchbay::support
