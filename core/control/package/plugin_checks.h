#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "package/elf_file.h"
#include "package/manifest.h"

namespace patchbay::package {

/// The one symbol that a plugin exports.
inline constexpr std::string_view kEntrySymbol = "patchbay_plugin_entry";

/// What the host has to give.
struct HostOffer {
  uint32_t sdk_major = 1;
  uint32_t sdk_minor = 0;
  std::vector<std::string> interfaces;  ///< stable ones, "patchbay.publish/1"
  std::vector<std::string> drafts;      ///< those that may still change, "patchbay.draft.cluster/1"
  bool allow_draft = false;             ///< the operator's, for this plugin
  /// What the operator granted this plugin; nothing: not decided yet (inspect), so permissions are listed only.
  std::optional<std::vector<std::string>> granted_permissions;
};

/// One thing that a check found.
struct Finding {
  enum class Level : uint8_t { warn, refuse };
  Level level = Level::warn;
  std::string check;     ///< short and stable, for tools: "machine", "exports", "gnu-unique", "sdk", "permissions", ...
  std::string sentence;  ///< what was found and what is allowed

  bool operator==(const Finding&) const = default;
};

/// What the file's bytes say against loading it. [any-thread]
[[nodiscard]] std::vector<Finding> check_elf(const ElfFile& elf);

/// Symbols that the plugin leaves to the host, which exports none. Looks into the libraries that the file names, as the
/// loader would for a file in `folder`. [control], reads files.
[[nodiscard]] std::vector<Finding> check_undefined(const ElfFile& elf, const std::filesystem::path& folder);

/// What the manifest says against running it on this host. Services of other plugins are a matter of service_order.h.
/// [any-thread]
[[nodiscard]] std::vector<Finding> check_manifest(const Manifest& manifest, const HostOffer& offer);

/// Refusals first, otherwise in the given order. [any-thread]
void sort_by_level(std::vector<Finding>& findings);

[[nodiscard]] bool is_refused(const std::vector<Finding>& findings);

/// All sentences of that level, joined by "; ". [any-thread]
[[nodiscard]] std::string sentences(const std::vector<Finding>& findings, Finding::Level level);

}  // namespace patchbay::package
