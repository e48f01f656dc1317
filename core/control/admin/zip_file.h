#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace patchbay::admin {

/// A zip archive with one file, made in memory: `content` is held twice while it is made. The error is a sentence.
/// [any-thread]
[[nodiscard]] base::Result<std::string, std::string> zip_of(const std::string& file_name, std::string_view content);

}  // namespace patchbay::admin
