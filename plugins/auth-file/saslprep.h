#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::auth_file {

/// What the text is for: RFC 3454, section 7. What will be compared with later may hold no code points that Unicode
/// hasn't assigned; what is compared with it may.
enum class SaslprepUse : uint8_t { stored, query };

/// A user name or password in the form in which SCRAM uses it: RFC 4013. Nothing where it isn't UTF-8, holds what is
/// prohibited (control characters, say), mixes directions of writing, or has nothing left. [any-thread]
[[nodiscard]] std::optional<std::string> saslprep(std::string_view text, SaslprepUse use);

}  // namespace patchbay::auth_file
