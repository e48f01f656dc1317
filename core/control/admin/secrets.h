#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Passwords, tokens and keys: made, hashed, compared. None of them is ever logged. [any-thread]
namespace patchbay::admin {

/// Random text of letters, digits, '-' and '_', six bits a character.
[[nodiscard]] std::string random_text(size_t characters);

/// SHA-256 in hexadecimal digits: for secrets that are random themselves, so that no dictionary helps.
[[nodiscard]] std::string sha256_text(std::string_view secret);

/// Takes as long whatever texts of one length have in common. Their lengths are no secret: tokens and hashes have one.
[[nodiscard]] bool equal_secrets(std::string_view one, std::string_view other);

/// argon2id in its encoded form, with a salt of its own; some tens of milliseconds and 19 MiB.
[[nodiscard]] std::string hash_password(std::string_view password);
/// Whether the password is the one that was hashed. As slow as hash_password().
[[nodiscard]] bool password_matches(const std::string& encoded_hash, std::string_view password);

/// Why a password will not do: 8 to 64 characters, of letters, digits and others at least two kinds; "": it will.
[[nodiscard]] std::string password_problem(std::string_view password);

/// "Basic": decodes base64 (RFC 4648 4); "" where it is none.
[[nodiscard]] std::string base64_decode(std::string_view text);

/// RFC 4648 4, with padding. [any-thread]
[[nodiscard]] std::string base64_encode(std::string_view bytes);

}  // namespace patchbay::admin
