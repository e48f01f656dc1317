#pragma once

#include <optional>

#include "json_document.h"
#include "permit.h"

namespace patchbay::auth_jwt {

/// The ACL claim in both forms that EMQX has: an object {"pub": [], "sub": [], "all": []} of topic filters, where what
/// matches none is denied; or a list of rules {"permission", "action", "topic" or "topics", "qos", "retain"}, where the
/// first that matches counts, and the acl hooks are asked when none does. Nothing where any part can't be understood:
/// a rule that is left out could be the one that denies. [any-thread]
[[nodiscard]] std::optional<Permissions> read_acl(const Json& claim);

}  // namespace patchbay::auth_jwt
