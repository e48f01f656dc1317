// Plugin files: whatever the bytes are, the reader comes back with views into them or with a sentence, and the checks
// have something to say about everything that is read.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz/fuzz_target.h"
#include "package/elf_file.h"
#include "package/plugin_checks.h"

namespace patchbay::package {
namespace {

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "elf_file_fuzz: %s\n", what);
  std::abort();
}

void check(std::span<const uint8_t> bytes) {
  const auto elf = ElfFile::read(bytes);
  if (!elf) return require(!elf.error().empty(), "a refusal without a sentence");
  require(elf->manifest.size() <= elf->manifest_size, "the manifest is larger than its section");
  if (!elf->manifest.empty()) {
    const auto* const begin = reinterpret_cast<const uint8_t*>(elf->manifest.data());
    require(begin >= bytes.data() && begin + elf->manifest.size() <= bytes.data() + bytes.size(),
            "the manifest lies outside of the file");
  }
  require(elf->unversioned.size() <= elf->undefined.size(), "more symbols without version than symbols");
  for (const Finding& finding : check_elf(*elf)) require(!finding.sentence.empty(), "a finding without a sentence");
}

}  // namespace
}  // namespace patchbay::package

namespace patchbay::fuzz {

std::vector<std::vector<uint8_t>> fuzz_seeds() {
  std::vector<std::vector<uint8_t>> seeds = {{0x7F, 'E', 'L', 'F', 2, 1, 1}};
  for (const char* name : {"good", "two_exports", "static_tls", "undefined", "runpath"}) {
    std::ifstream file(std::string(PATCHBAY_PACKAGE_PLUGINS) + '/' + name + ".so", std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return seeds;
}

}  // namespace patchbay::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  patchbay::package::check({data, size});
  return 0;
}
