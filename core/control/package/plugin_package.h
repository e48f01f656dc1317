#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "package/elf_file.h"
#include "package/manifest.h"
#include "package/plugin_checks.h"
#include "package/plugin_file.h"
#include "package/private_copy.h"
#include "package/settings_schema.h"

namespace patchbay::package {

/// A plugin that has passed everything that can be checked without running it: ready for dlopen.
struct PluginPackage {
  std::filesystem::path origin;  ///< the file it was copied from, links resolved
  PrivateCopy copy;              ///< what to load: copy.path()
  ElfFile elf;                   ///< `elf.manifest` views copy.bytes()
  Manifest manifest;
  SettingsSchema settings_schema;
  std::vector<Finding> warnings;  ///< no refusals among them
};

/// Why a file was not taken.
struct PackageRefusal {
  enum class Stage : uint8_t { untrusted, copy, elf, manifest, host };
  Stage stage = Stage::untrusted;
  std::vector<std::string> sentences;  ///< at least one

  [[nodiscard]] std::string text() const;  ///< joined by "; "
};

struct PackageRequest {
  std::filesystem::path file;
  TrustPolicy trust;
  std::filesystem::path loaded_dir;  ///< `<data>/plugins/.loaded`
  std::string expected_sha256;       ///< "": any
  HostOffer offer;
  uint64_t generation = 0;  ///< rises with every load of this process, for the copy's name
};

/// Trust, private copy, hash, ELF, manifest, host, in that order; on refusal nothing is left behind. [control]
[[nodiscard]] base::Result<PluginPackage, PackageRefusal> open_package(const PackageRequest& request);

/// What can be said about a file of any kind without trusting, copying or running it.
struct PackageReport {
  std::filesystem::path file;
  uint64_t size = 0;
  std::string sha256;
  std::optional<ElfFile> elf;  ///< `manifest` in it is empty: its bytes are `manifest_text`
  std::string manifest_text;
  std::optional<Manifest> manifest;
  std::vector<Finding> findings;
};

/// Reads and checks as open_package() does, but goes on after a refusal as far as it can. The error is a sentence: the
/// file cannot be read. [control]
[[nodiscard]] base::Result<PackageReport, std::string> inspect_package(const std::filesystem::path& file,
                                                                       const HostOffer& offer);

}  // namespace patchbay::package
