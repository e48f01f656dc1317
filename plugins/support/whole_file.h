#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace patchbay::support {

/// What tells one version of a file from the next without reading it.
struct FileStamp {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t bytes = 0;
  int64_t changed_ns = 0;
  bool operator==(const FileStamp&) const = default;
};
/// Nothing where there is no such file. May block. [control], [worker]
[[nodiscard]] std::optional<FileStamp> file_stamp(const std::string& path);

/// The contents of a regular file of at most `maximum_bytes`; nothing, and `problem` says why. [control], [worker]
[[nodiscard]] std::optional<std::string> read_whole_file(const std::string& path, size_t maximum_bytes,
                                                         std::string& problem);
/// Replaces the file as a whole or not at all, also when the power goes: a new file beside it, readable for the owner
/// only, synchronised, renamed. A symbolic link stays, and what it leads to is replaced. False, and `problem` says why.
/// [control], [worker]
[[nodiscard]] bool write_whole_file(const std::string& path, const std::string& text, std::string& problem);

}  // namespace patchbay::support
