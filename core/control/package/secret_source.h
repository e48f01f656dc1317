#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace patchbay::package {

/// Text that is overwritten before its memory goes back. Moves, never copies, never prints.
class SecretText {
 public:
  SecretText() = default;
  explicit SecretText(std::string text) : text_(std::move(text)) {}
  SecretText(SecretText&& other) noexcept;
  SecretText& operator=(SecretText&& other) noexcept;
  ~SecretText() { wipe(); }

  [[nodiscard]] std::string_view view() const { return text_; }
  void wipe();

 private:
  std::string text_;
};

/// Overwrites the text in a way that the compiler keeps. [any-thread]
void wipe(std::string& text);

/// Where `${env:X}` and `${file:/run/secrets/x}` lead. [control]
struct SecretSources {
  std::vector<std::filesystem::path> file_dirs = {"/run/secrets"};  ///< files are read below these only, links resolved
  std::vector<std::string> environment_prefixes;                    ///< {}: any variable; else only those
  size_t value_bytes_max = 64 * 1024;
  /// Value of an environment variable; nothing when it isn't set. Default: the process's own.
  std::function<std::optional<std::string>(const std::string&)> environment;
};

/// Whether the text holds a reference. `$${` is a literal `${`. [any-thread]
[[nodiscard]] bool has_secret_reference(std::string_view text);

/// The text with all references replaced and `$${` made `${`. The error is a sentence that names the reference, never
/// a value. [control], reads files.
[[nodiscard]] base::Result<std::string, std::string> resolve_references(std::string_view text,
                                                                        const SecretSources& sources);

}  // namespace patchbay::package
