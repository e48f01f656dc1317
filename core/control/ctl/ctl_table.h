#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "ctl/ctl_command.h"

namespace patchbay::ctl {

/// Objects as a table: a heading and a line for each. Control characters are escaped: a client chooses its own id, and
/// must not be able to write to an operator's terminal.
[[nodiscard]] std::string table_text(const nlohmann::json& rows, std::span<const CtlColumn> columns);

/// An object as lines "member: value", nested ones indented; a list of numbers and texts in one line.
[[nodiscard]] std::string members_text(const nlohmann::json& value);

/// A text of several lines as it is, but for other control characters.
[[nodiscard]] std::string lines_text(std::string_view text);

}  // namespace patchbay::ctl
