#include "package/library_search.h"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <optional>
#include <set>
#include <string_view>

#include "package/plugin_file.h"

namespace patchbay::package {

namespace {

namespace fs = std::filesystem;

constexpr size_t kLibrariesMax = 64;

void add_folders(std::string_view list, const fs::path& origin, std::vector<fs::path>& folders) {
  while (!list.empty()) {
    const size_t colon = std::min(list.find(':'), list.size());
    std::string folder(list.substr(0, colon));
    list.remove_prefix(std::min(colon + 1, list.size()));
    for (const std::string_view name : {"$ORIGIN", "${ORIGIN}"}) {
      const size_t at = folder.find(name);
      if (at != std::string::npos) folder.replace(at, name.size(), origin.string());
    }
    if (!folder.empty()) folders.emplace_back(folder);
  }
}

std::vector<fs::path> search_folders(const ElfFile& elf, const fs::path& origin) {
  std::vector<fs::path> folders;
  add_folders(elf.rpath, origin, folders);
  if (const char* const variable = std::getenv("LD_LIBRARY_PATH")) add_folders(variable, origin, folders);
  add_folders(elf.runpath, origin, folders);
#if defined(__x86_64__)
  const std::string_view multiarch = "x86_64-linux-gnu";
#else
  const std::string_view multiarch = "aarch64-linux-gnu";
#endif
  for (const std::string_view folder : {"/lib", "/usr/lib", "/usr/local/lib"})
    folders.push_back(fs::path(folder) / multiarch);
  for (const std::string_view folder : {"/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"}) {
    folders.emplace_back(folder);
  }
  return folders;
}

/// The library's symbols; nothing when it isn't there or is none for this machine.
std::optional<ElfFile> read_library(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return std::nullopt;
  const auto file = PluginFile::open_unchecked(path);
  if (!file) return std::nullopt;
  const auto bytes = file->read();
  if (!bytes) return std::nullopt;
  auto elf = ElfFile::read(*bytes);
  if (!elf || elf->machine != host_machine() || elf->elf_class != ElfFile::Class::bits64) return std::nullopt;
  elf->manifest = {};  // The bytes go.
  return std::move(*elf);
}

std::optional<ElfFile> find_library(const std::string& name, const std::vector<fs::path>& folders) {
  if (name.find('/') != std::string::npos) return read_library(name);
  for (const fs::path& folder : folders) {
    if (auto library = read_library(folder / name)) return library;
  }
  return std::nullopt;
}

}  // namespace

SymbolSearch search_symbols(const ElfFile& elf, const fs::path& folder) {
  SymbolSearch search;
  std::set<std::string> wanted(elf.unversioned.begin(), elf.unversioned.end());
  const std::vector<fs::path> folders = search_folders(elf, folder);
  std::deque<std::string> waiting(elf.needed.begin(), elf.needed.end());
  std::set<std::string> seen(elf.needed.begin(), elf.needed.end());
  while (!waiting.empty() && !wanted.empty()) {
    const std::string name = waiting.front();
    waiting.pop_front();
    const auto library = find_library(name, folders);
    if (!library) {
      search.libraries_not_found.push_back(name);
      continue;
    }
    for (const std::string& symbol : library->exported) wanted.erase(symbol);
    for (const std::string& further : library->needed) {
      if (seen.size() < kLibrariesMax && seen.insert(further).second) waiting.push_back(further);
    }
  }
  search.missing.assign(wanted.begin(), wanted.end());
  return search;
}

}  // namespace patchbay::package
