#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "package/file_descriptor.h"

namespace patchbay::package {

/// Which files may become code of the broker.
struct TrustPolicy {
  std::vector<std::filesystem::path> allowed_dirs;  ///< plugins.dirs; a file must lie below one, links resolved
  uint64_t file_bytes_max = uint64_t{64} << 20;
  uid_t owner;  ///< beside root, whose files are taken; default: the broker's user

  TrustPolicy();
};

/// A file that has passed the checks, held open so that it is still the same one when it is copied. [control]
class PluginFile {
 public:
  /// The checks, in order: inside an allowed folder, a regular file, owner, not writable by others (nor its folders up
  /// to the allowed one), size. The error is a sentence that says what was found and what is allowed.
  [[nodiscard]] static base::Result<PluginFile, std::string> open(const std::filesystem::path& path,
                                                                  const TrustPolicy& policy);
  /// The file as it is, unchecked: for tools that look at a file and run nothing of it.
  [[nodiscard]] static base::Result<PluginFile, std::string> open_unchecked(const std::filesystem::path& path,
                                                                            uint64_t file_bytes_max = uint64_t{64}
                                                                                                      << 20);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }  ///< links resolved
  [[nodiscard]] uint64_t size() const { return size_; }
  /// All bytes, from the open descriptor; an error when it has fewer or more than when it was opened.
  [[nodiscard]] base::Result<std::vector<uint8_t>, std::string> read() const;

 private:
  PluginFile(std::filesystem::path path, FileDescriptor descriptor, uint64_t size)
      : path_(std::move(path)), descriptor_(std::move(descriptor)), size_(size) {}

  std::filesystem::path path_;
  FileDescriptor descriptor_;
  uint64_t size_ = 0;
};

}  // namespace patchbay::package
