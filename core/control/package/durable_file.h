#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace patchbay::package {

/// Writes the whole file or nothing: to a temporary file beside it, synced, renamed onto `path`, the folder synced.
/// Mode 0600. The error is a sentence. [control], blocks on the disk.
[[nodiscard]] base::Result<bool, std::string> write_durably(const std::filesystem::path& path,
                                                            std::string_view content);

/// The whole file; an error when it is larger than `bytes_max`. [control]
[[nodiscard]] base::Result<std::string, std::string> read_whole(const std::filesystem::path& path, size_t bytes_max);

/// "<path>: <what>: <text of errno>". [any-thread]
[[nodiscard]] std::string errno_sentence(const std::filesystem::path& path, std::string_view what);

}  // namespace patchbay::package
