#pragma once

#include "plugin_host/library.h"

namespace patchbay::plugin_host {

/// Maps files with dlopen(RTLD_NOW | RTLD_LOCAL). [control]
class SharedLibraryLoader final : public LibraryLoader {
 public:
  [[nodiscard]] base::Result<std::unique_ptr<Library>, std::string> open(const std::filesystem::path& file) override;
};

/// Whether a part of the file is mapped into this process, looked up in /proc/self/maps. [any-thread]
[[nodiscard]] bool is_mapped(const std::filesystem::path& file);

}  // namespace patchbay::plugin_host
