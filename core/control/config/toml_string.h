#pragma once

#include <string>
#include <string_view>

namespace patchbay::config {

/// The text as a TOML basic string: quotes, backslashes and control characters escaped, so that what an operator or an
/// attacker wrote cannot change the line it is shown in.
[[nodiscard]] std::string toml_string(std::string_view text);

}  // namespace patchbay::config
