#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "patchbay/host.h"

namespace patchbay::plugin_host {

/// A plugin file that is mapped into the process. [control]
class Library {
 public:
  virtual ~Library() = default;
  /// The file's one exported object; null: there is none of that name.
  [[nodiscard]] virtual const patchbay_entry* entry() const = 0;
  /// Unmaps the file; afterwards no pointer into it may be used. The error is a sentence: it is still mapped, and why
  /// that can be. Call once.
  [[nodiscard]] virtual base::Result<bool, std::string> close() = 0;
};

/// Maps plugin files: the operating system's way, or a test's. [control]
class LibraryLoader {
 public:
  virtual ~LibraryLoader() = default;
  /// The error is the loader's own text: "undefined symbol: foo".
  [[nodiscard]] virtual base::Result<std::unique_ptr<Library>, std::string> open(const std::filesystem::path& file) = 0;
};

}  // namespace patchbay::plugin_host
