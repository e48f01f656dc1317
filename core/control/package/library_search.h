#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "package/elf_file.h"

namespace patchbay::package {

/// What became of a file's undefined symbols when the libraries that it names were asked.
struct SymbolSearch {
  std::vector<std::string> missing;              ///< given by none of the libraries
  std::vector<std::string> libraries_not_found;  ///< named by the file, but not where libraries usually are
};

/// Looks for `elf.unversioned` in the libraries that the file names and in those that these name: what a library gives
/// under a version was found by the linker already. Searches RPATH, RUNPATH, LD_LIBRARY_PATH and the usual folders,
/// with `$ORIGIN` as `folder`. [control], reads files.
[[nodiscard]] SymbolSearch search_symbols(const ElfFile& elf, const std::filesystem::path& folder);

}  // namespace patchbay::package
