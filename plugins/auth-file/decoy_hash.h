#pragma once

#include <string>

#include "settings.h"

namespace patchbay::auth_file {

/// A hash of no password at all, to compare with it costs as much as with one that is made by these settings. Cheap.
/// [any-thread]
[[nodiscard]] std::string decoy_hash(const HashSettings& by);

}  // namespace patchbay::auth_file
