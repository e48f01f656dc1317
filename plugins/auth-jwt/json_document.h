#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

namespace patchbay::auth_jwt {

using Json = nlohmann::json;

/// Deeper than any token or key set needs.
inline constexpr int kMaximumJsonDepth = 16;

/// A JSON object. Nothing where the text is none, is nested deeper than kMaximumJsonDepth, or has a member twice: two
/// readers of such a text may see different values (RFC 7515, section 4; RFC 7519, section 4). [any-thread]
[[nodiscard]] std::optional<Json> parse_object(std::string_view text);

/// The text of a member; nothing: it isn't there, or is no text. Points into `object`. [any-thread]
[[nodiscard]] std::optional<std::string_view> text_member(const Json& object, std::string_view name);

/// The member, or null. [any-thread]
[[nodiscard]] const Json* member(const Json& object, std::string_view name);

}  // namespace patchbay::auth_jwt
