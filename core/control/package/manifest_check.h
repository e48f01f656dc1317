#pragma once

#include <string>
#include <vector>

#include "package/manifest.h"
#include "package/problem.h"

namespace patchbay::package {

/// What a schema cannot say: names used twice, panels of metrics that aren't there, a settings schema outside of the
/// subset. [any-thread]
[[nodiscard]] Problems check_manifest_rules(const Manifest& manifest);

/// What is odd but not wrong: hooks that this host doesn't know, deadlines of hooks that cannot defer. [any-thread]
[[nodiscard]] std::vector<std::string> manifest_warnings(const Manifest& manifest);

}  // namespace patchbay::package
