#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "user_table.h"

namespace patchbay::auth_file {

/// Limits of a user file.
inline constexpr size_t kMaximumFileBytes = 256 * 1024 * 1024;
inline constexpr size_t kMaximumUserIdBytes = 1024;
inline constexpr size_t kSecretBytes = 32;

/// A name that can be a user's: not empty, no NUL or other control character, not too long.
[[nodiscard]] bool is_valid_user_id(std::string_view user_id);

/// Reads the text of a file: a JSON object on each line, as user_file_text() writes them, or Mosquitto's
/// "name:$7$…"; both may stand in one file. Empty lines and those that begin with '#' are passed over. Nothing, and
/// `problem` names the line, where something is wrong. Without a secret in it, the table gets a new one. [any-thread]
[[nodiscard]] std::optional<UserTable> parse_user_file(std::string_view text, std::string& problem);

/// The whole file. [any-thread]
[[nodiscard]] std::string user_file_text(const UserTable& table);

}  // namespace patchbay::auth_file
