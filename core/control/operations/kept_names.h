#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace patchbay::operations {

/// A list of names in a file of the data directory: a JSON array of strings, written whole. The errors are sentences.
/// [control], blocks on the disk.
[[nodiscard]] base::Result<bool, std::string> keep_names(const std::filesystem::path& path,
                                                         const std::vector<std::string>& names);
/// Without the file: no names.
[[nodiscard]] base::Result<std::vector<std::string>, std::string> kept_names(const std::filesystem::path& path);

}  // namespace patchbay::operations
