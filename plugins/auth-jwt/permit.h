#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::auth_jwt {

/// The core takes no more than this from one grant; a token with more is refused.
inline constexpr size_t kMaximumRules = 1'000;
inline constexpr size_t kMaximumAttributes = 100;
/// Of the rules that the plugin evaluates itself, written down; the host's limit for a text.
inline constexpr size_t kMaximumLateRulesBytes = 60'000;

inline constexpr uint8_t kPublish = 1;
inline constexpr uint8_t kSubscribe = 2;
inline constexpr uint8_t kAllActions = 3;

/// One rule of an ACL, in the words of patchbay_permission.
struct PermissionRule {
  bool allow = true;
  uint8_t actions = kAllActions;
  uint8_t qos_mask = 7;
  uint8_t retain = 0;  ///< 0 any, 1 retained only, 2 not retained
  /// May begin with "eq " in a late rule. A denying rule with an empty filter is about every topic there is: the core
  /// takes a filter that is none for one that it can't understand, and then denies everything, "$" topics too.
  std::string topic_filter;
};

/// What the ACL claim says, in its order: first `native`, which the core evaluates without asking anybody, then `late`,
/// which begins with the first rule that the core can't express.
struct Permissions {
  bool stated = false;  ///< the token has the claim
  std::vector<PermissionRule> native;
  std::vector<PermissionRule> late;
};

/// What a good token grants.
struct Permit {
  std::string identity;
  bool superuser = false;
  Permissions permissions;
  std::vector<std::pair<std::string, std::string>> attributes;
  uint64_t expires_at_unix_ms = 0;  ///< the connection ends then; 0: it doesn't
};

/// Who brings the token.
struct Bearer {
  std::string_view client_id;
  std::string_view username;
  bool username_is_token = false;  ///< it is no name, then
};

}  // namespace patchbay::auth_jwt
