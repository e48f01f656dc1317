#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json_document.h"
#include "permit.h"
#include "refusal.h"

namespace patchbay::auth_jwt {

/// The value that a claim must have: a text with ${clientid} and ${username} in it.
class ClaimTemplate {
 public:
  /// Nothing where a placeholder is unknown or not closed; `problem` says which.
  [[nodiscard]] static std::optional<ClaimTemplate> parse(std::string_view text, std::string& problem);

  /// Nothing where a value that is needed is empty: what a client doesn't say can't be verified. [any-thread]
  [[nodiscard]] std::optional<std::string> fill(const Bearer& bearer) const;
  [[nodiscard]] bool uses_username() const;

 private:
  enum class Kind : uint8_t { text, client_id, username };
  struct Piece {
    Kind kind;
    std::string text;
  };
  std::vector<Piece> pieces_;
};

struct ClaimCheck {
  std::string name;
  ClaimTemplate expected;
};

/// NumericDate (RFC 7519, section 2), as a number or, as EMQX takes it, as a number in a text; in milliseconds, held
/// within what a clock can show. Nothing: neither. [any-thread]
[[nodiscard]] std::optional<int64_t> numeric_date_ms(const Json& value);

/// "exp", "nbf" and "iat" where they are there (RFC 7519, 4.1.4 to 4.1.6). [any-thread]
[[nodiscard]] Refusal check_times(const Json& claims, int64_t now_unix_ms, int64_t leeway_ms);

/// Whether the claim is what was expected. "aud" may be a list that has it among others (RFC 7519, 4.1.3); numbers and
/// booleans are compared as they are written. [any-thread]
[[nodiscard]] bool claim_is(const Json& claims, std::string_view name, std::string_view expected);

}  // namespace patchbay::auth_jwt
