#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "patchbay/verdict.hpp"
#include "permit.h"

namespace patchbay::auth_jwt {

/// The verdict that carries what a token grants. `late_rules`: from write_late_rules(), or empty. `enhanced`: for
/// auth.enhanced, which has another form. [any-thread]
[[nodiscard]] patchbay::verdict grant_answer(const patchbay_host* host, const patchbay_answers* answers,
                                             const Permit& permit, const std::string& late_rules, bool disconnects,
                                             bool enhanced);

}  // namespace patchbay::auth_jwt
