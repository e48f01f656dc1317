#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace patchbay::package {

/// A folder of its own for one test case, gone with all that is in it at the end.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& below = std::filesystem::temp_directory_path().string()) {
    std::string form = below + "/patchbay-package-XXXXXX";
    path_ = ::mkdtemp(form.data()) == nullptr ? "" : std::filesystem::canonical(form);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Writes a file below the folder and returns its path.
  std::filesystem::path write(const std::string& name, std::string_view content) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
    return file;
  }

 private:
  std::filesystem::path path_;
};

/// A test plugin, built by plugins/CMakeLists.txt.
inline std::filesystem::path test_plugin(const std::string& name) {
  return std::filesystem::path(PATCHBAY_PACKAGE_PLUGINS) / (name + ".so");
}

inline std::string file_content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace patchbay::package
