#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace patchbay::package {

/// The section of a plugin file that holds the manifest's bytes.
inline constexpr std::string_view kManifestSection = ".patchbay.manifest";

/// What the bytes of a shared object say about it, read without running any of it. The reader trusts nothing: every
/// offset and count is checked against the bytes that are there. Views point into those bytes.
struct ElfFile {
  enum class Class : uint8_t { bits32 = 1, bits64 = 2 };

  Class elf_class = Class::bits64;
  bool little_endian = true;
  uint16_t machine = 0;  ///< EM_X86_64, EM_AARCH64, ...; machine_name() spells it
  uint16_t type = 0;     ///< ET_DYN for a shared object

  std::string soname;
  std::vector<std::string> needed;  ///< DT_NEEDED, in order
  std::string rpath;                ///< DT_RPATH
  std::string runpath;              ///< DT_RUNPATH
  bool static_tls = false;          ///< DF_STATIC_TLS: takes from a small block that all plugins share
  bool text_relocations = false;    ///< DT_TEXTREL
  bool executable_stack = false;    ///< PT_GNU_STACK with X, or no PT_GNU_STACK at all

  std::vector<std::string> exported;   ///< defined, visible symbols of the dynamic table
  std::vector<std::string> undefined;  ///< what somebody else has to give, without weak ones
  std::vector<std::string>
      unversioned;  ///< those of `undefined` that name no version of a library: of the host, perhaps
  std::vector<std::string> gnu_unique;  ///< STB_GNU_UNIQUE: one object for the whole process

  std::string build_id;        ///< hexadecimal; "": none
  bool has_manifest = false;   ///< there is a section of that name
  uint64_t manifest_size = 0;  ///< as the section says, even if it is more than is allowed
  std::string_view manifest;   ///< its bytes, without trailing NULs; view into the file's bytes

  /// Reads 64-bit little-endian shared objects whole; of others only class, byte order, machine and type are filled,
  /// which is enough to say why they cannot be loaded here. The error is a sentence. [any-thread]
  [[nodiscard]] static base::Result<ElfFile, std::string> read(std::span<const uint8_t> bytes);
};

/// "x86-64", "AArch64", ..., "machine 243". [any-thread]
[[nodiscard]] std::string machine_name(uint16_t machine);

/// The machine this program was built for, as ElfFile::machine. [any-thread]
[[nodiscard]] uint16_t host_machine();

}  // namespace patchbay::package
