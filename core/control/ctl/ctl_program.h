#pragma once

#include <string>
#include <vector>

namespace patchbay::ctl {

/// `patchbay ctl ARGUMENTS`: parses, asks the broker, prints. Returns the exit code.
[[nodiscard]] int ctl_program(const std::vector<std::string>& arguments);

}  // namespace patchbay::ctl
