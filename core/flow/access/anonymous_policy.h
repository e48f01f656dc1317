#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace patchbay::access {

/// access.allow_anonymous: whether a client may connect where no authenticator exists.
enum class AnonymousPolicy : uint8_t {
  automatic,  ///< "auto": only through listeners that are bound to a loopback address
  always,     ///< "true"
  never,      ///< "false"
};

[[nodiscard]] constexpr bool allows_anonymous(AnonymousPolicy policy, bool listener_loopback) {
  return policy == AnonymousPolicy::always || (policy == AnonymousPolicy::automatic && listener_loopback);
}

/// From "auto", "true" or "false".
[[nodiscard]] constexpr std::optional<AnonymousPolicy> anonymous_policy_from(std::string_view text) {
  if (text == "auto") return AnonymousPolicy::automatic;
  if (text == "true") return AnonymousPolicy::always;
  if (text == "false") return AnonymousPolicy::never;
  return std::nullopt;
}

}  // namespace patchbay::access
