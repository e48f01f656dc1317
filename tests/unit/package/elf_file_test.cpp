#include "package/elf_file.h"

#include <elf.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>

#include "package/manifest.h"
#include "unit/package/temporary_folder.h"

using namespace patchbay::package;  // NOLINT: test

namespace {

std::vector<uint8_t> bytes_of(const std::string& name) {
  const std::string content = file_content(test_plugin(name));
  REQUIRE_FALSE(content.empty());
  return {content.begin(), content.end()};
}

ElfFile read(const std::vector<uint8_t>& bytes) {
  auto elf = ElfFile::read(bytes);
  if (!elf) FAIL(elf.error());
  return std::move(*elf);
}

std::string error_of(const std::vector<uint8_t>& bytes) {
  const auto elf = ElfFile::read(bytes);
  return elf ? "" : elf.error();
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <class T>
void patch(std::vector<uint8_t>& bytes, size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof(value));
}

}  // namespace

TEST_CASE("a good plugin: one symbol, a build id, the manifest") {
  const std::vector<uint8_t> bytes = bytes_of("good");
  const ElfFile elf = read(bytes);
  CHECK(elf.elf_class == ElfFile::Class::bits64);
  CHECK(elf.little_endian);
  CHECK(elf.machine == host_machine());
  CHECK(elf.type == ET_DYN);
  CHECK(elf.exported == std::vector<std::string>{"patchbay_plugin_entry"});
  CHECK(elf.gnu_unique.empty());
  CHECK(elf.unversioned.empty());
  CHECK_FALSE(elf.static_tls);
  CHECK_FALSE(elf.executable_stack);
  CHECK(elf.build_id.size() == 40);
  CHECK(elf.has_manifest);
  CHECK(elf.manifest.starts_with("{\"id\":\"com.example.good\""));
  CHECK(elf.manifest.ends_with("}"));
  CHECK(elf.manifest_size == elf.manifest.size() + 1);
}

TEST_CASE("what a plugin does wrong is seen in its bytes") {
  const std::vector<uint8_t> two = bytes_of("two_exports");
  CHECK(has(read(two).exported, "helper_that_leaked"));
  CHECK(has(read(two).exported, "patchbay_plugin_entry"));
  const std::vector<uint8_t> tls = bytes_of("static_tls");
  CHECK(read(tls).static_tls);
  const std::vector<uint8_t> stack = bytes_of("executable_stack");
  CHECK(read(stack).executable_stack);
  const std::vector<uint8_t> undefined = bytes_of("undefined");
  CHECK(has(read(undefined).undefined, "broker_make_plugin"));
  CHECK(has(read(undefined).unversioned, "broker_make_plugin"));
  const std::vector<uint8_t> runpath = bytes_of("runpath");
  CHECK(read(runpath).runpath == "/opt/elsewhere");
  const std::vector<uint8_t> none = bytes_of("no_manifest");
  CHECK_FALSE(read(none).has_manifest);
  const std::vector<uint8_t> big = bytes_of("big_manifest");
  CHECK(read(big).manifest_size == kManifestBytesMax + 1);
}

#if defined(__GNUC__) && !defined(__clang__)
TEST_CASE("inline variables of g++ are unique symbols") {
  const std::vector<uint8_t> bytes = bytes_of("gnu_unique");
  CHECK(has(read(bytes).gnu_unique, "shared_by_accident"));
}
#endif

TEST_CASE("a library of the system is read: versions, needed libraries") {
  const std::string program = file_content("/proc/self/exe");
  REQUIRE_FALSE(program.empty());
  const std::vector<uint8_t> bytes(program.begin(), program.end());
  const ElfFile elf = read(bytes);
  CHECK(has(elf.needed, "libc.so.6"));
  CHECK(has(elf.undefined, "__libc_start_main"));
  CHECK_FALSE(has(elf.unversioned, "__libc_start_main"));
  CHECK_FALSE(elf.build_id.empty());
}

TEST_CASE("what is no ELF file") {
  CHECK(error_of({}) ==
        "not an ELF file: found 0 bytes without the ELF magic at the start; allowed: shared objects of this machine");
  CHECK(contains(error_of({0x7F, 'E', 'L'}), "not an ELF file"));
  const std::string script = "#!/bin/sh\necho this is a script and not a library\n";
  CHECK(contains(error_of({script.begin(), script.end()}),
                 "not an ELF file: found " + std::to_string(script.size()) + " bytes"));
}

TEST_CASE("files of other machines are recognised and not read further") {
  std::vector<uint8_t> bytes = bytes_of("good");
  patch<uint16_t>(bytes, 18, EM_AARCH64);
  CHECK(read(bytes).machine == EM_AARCH64);
  bytes[EI_CLASS] = ELFCLASS32;
  CHECK(read(bytes).elf_class == ElfFile::Class::bits32);
  CHECK(read(bytes).exported.empty());
  bytes[EI_DATA] = ELFDATA2MSB;
  CHECK_FALSE(read(bytes).little_endian);
  CHECK(read(bytes).machine == (EM_AARCH64 << 8 & 0xFFFF));
  bytes[EI_CLASS] = 9;
  CHECK(contains(error_of(bytes), "the file is damaged: class 9"));
}

TEST_CASE("an executable program is no shared object") {
  std::vector<uint8_t> bytes = bytes_of("good");
  patch<uint16_t>(bytes, 16, ET_EXEC);
  CHECK(read(bytes).type == ET_EXEC);
  CHECK(read(bytes).exported.empty());
}

TEST_CASE("offsets and counts that point elsewhere are errors") {
  const std::vector<uint8_t> good = bytes_of("good");
  struct Damage {
    size_t offset;
    uint64_t value;
    size_t size;
    const char* what;
  };
  const Damage damages[] = {
      {offsetof(Elf64_Ehdr, e_phoff), ~0ULL, 8, "program headers lie outside"},
      {offsetof(Elf64_Ehdr, e_phentsize), 55, 2, "size of program headers"},
      {offsetof(Elf64_Ehdr, e_phnum), 65535, 2, "65535 program headers"},
      {offsetof(Elf64_Ehdr, e_shoff), ~0ULL - 8, 8, "section headers lie outside"},
      {offsetof(Elf64_Ehdr, e_shentsize), 1, 2, "size of section headers"},
      {offsetof(Elf64_Ehdr, e_shstrndx), 60000, 2, "names of its sections lie outside"},
  };
  for (const Damage& damage : damages) {
    std::vector<uint8_t> bytes = good;
    std::memcpy(bytes.data() + damage.offset, &damage.value, damage.size);
    CAPTURE(damage.what);
    CHECK(contains(error_of(bytes), damage.what));
  }
}

TEST_CASE("a file that ends early anywhere is an error or a smaller file, never a crash") {
  const std::vector<uint8_t> good = bytes_of("good");
  for (size_t size = 0; size < good.size(); size += 1 + size / 64) {
    const std::vector<uint8_t> bytes(good.begin(), good.begin() + static_cast<long>(size));
    const auto elf = ElfFile::read(bytes);
    CHECK_FALSE((elf && elf->has_manifest && size < good.size() / 2));
  }
}

TEST_CASE("any single wrong byte in the tables is survived") {
  const std::vector<uint8_t> good = bytes_of("good");
  size_t refused = 0;
  for (size_t at = 0; at < std::min<size_t>(good.size(), 4096); ++at) {
    std::vector<uint8_t> bytes = good;
    for (const uint8_t value : {0x00, 0x7F, 0xFF}) {
      bytes[at] = value;
      refused += ElfFile::read(bytes) ? 0 : 1;
    }
  }
  CHECK(refused > 0);
}

TEST_CASE("machines have names") {
  CHECK(machine_name(EM_X86_64) == "x86-64");
  CHECK(machine_name(EM_AARCH64) == "AArch64");
  CHECK(machine_name(9999) == "machine 9999");
}

TEST_CASE("a name without an end is damage, not a long walk") {
  std::vector<uint8_t> bytes = bytes_of("good");
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  for (uint64_t index = 0; index < header.e_shnum; ++index) {
    const uint64_t at = header.e_shoff + index * sizeof(Elf64_Shdr);
    Elf64_Shdr section;
    std::memcpy(&section, bytes.data() + at, sizeof(section));
    if (section.sh_type != SHT_DYNSYM) continue;
    patch<uint32_t>(bytes, section.sh_offset + sizeof(Elf64_Sym), 0x7FFFFFFF);
  }
  CHECK(contains(error_of(bytes), "the name of symbol 1 does not end"));
}
