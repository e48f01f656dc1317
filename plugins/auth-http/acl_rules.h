#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "reply.h"

namespace patchbay::auth_http {

/// More make a reply a failure: the core takes no more.
inline constexpr size_t kAclRulesMax = 1'000;

/// Both of EMQX's forms: a list of rules {permission, action, topic, qos, retain}, where the first that matches counts
/// and the acl hooks are asked when none does; or an object {pub, sub, all} of topic filters, where what matches none
/// is denied. Nothing where a part can't be understood.
[[nodiscard]] std::optional<std::vector<AclRule>> read_acl(const nlohmann::json& acl);

}  // namespace patchbay::auth_http
