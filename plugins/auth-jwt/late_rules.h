#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "permit.h"
#include "support/topic_match.h"

namespace patchbay::auth_jwt {

/// The attribute of a client that holds its late rules. Token attributes can't have this name: theirs have no dot.
inline constexpr std::string_view kLateRulesAttribute = "auth-jwt.acl";

/// Late rules as a text that travels with the client, so that they live exactly as long as what else was granted.
/// `end_unix_ms`: from then on everything is denied; 0: never. Nothing: longer than kMaximumLateRulesBytes.
/// [any-thread]
[[nodiscard]] std::optional<std::string> write_late_rules(const Permissions& permissions, uint64_t end_unix_ms);

struct AccessQuestion {
  uint8_t action = kPublish;  ///< or kSubscribe
  uint8_t qos = 0;
  bool retain = false;
  std::string_view topic;  ///< a name, or a filter without $share prefix
};

/// The first rule that matches; nothing: none does. A text that can't be read denies. [any-thread]
[[nodiscard]] std::optional<bool> ask_late_rules(std::string_view written, const AccessQuestion& question,
                                                 const support::TopicValues& client, uint64_t now_unix_ms);

}  // namespace patchbay::auth_jwt
