#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "package/plugin_file.h"
#include "package/version.h"

namespace patchbay::package {

/// The copy of a plugin file that is loaded: in a folder that only the broker writes to, under a name that no other
/// load has had, so that replacing the original never touches running code. Its bytes are read back from the copy;
/// checks and hash speak of what will run. Deletes the file when it goes, unless keep() was called. [control]
class PrivateCopy {
 public:
  /// Copies the file into `dir` (`<data>/plugins/.loaded`, made with mode 0700 when missing) under a temporary name.
  /// `expected_sha256` "": any. Refuses a folder that is mounted noexec or that others may write to.
  [[nodiscard]] static base::Result<PrivateCopy, std::string> make(const PluginFile& file,
                                                                   const std::filesystem::path& dir,
                                                                   std::string_view expected_sha256 = {});

  PrivateCopy(PrivateCopy&& other) noexcept;
  PrivateCopy& operator=(PrivateCopy&& other) noexcept;
  ~PrivateCopy();

  /// Gives the copy its name, `<id>-<version>-<first 12 of the hash>-<generation>.so`; an existing file is an error.
  [[nodiscard]] base::Result<std::filesystem::path, std::string> name(std::string_view id, const Version& version,
                                                                      uint64_t generation);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const std::string& sha256() const { return sha256_; }         ///< of the copy
  [[nodiscard]] const std::vector<uint8_t>& bytes() const { return bytes_; }  ///< of the copy
  /// Frees the bytes; views into them (ElfFile::manifest) end. The file stays.
  void drop_bytes();
  /// The file stays when this object goes: code that could not be unmapped keeps its file for back-traces.
  void keep() { owned_ = false; }

 private:
  PrivateCopy() = default;

  std::filesystem::path path_;
  std::string sha256_;
  std::vector<uint8_t> bytes_;
  bool owned_ = false;
};

/// Deletes what an earlier run left in `dir`; call once at the start, before anything is loaded. Returns how many files
/// went. A missing folder is fine. [control]
[[nodiscard]] base::Result<size_t, std::string> remove_stale_copies(const std::filesystem::path& dir);

}  // namespace patchbay::package
