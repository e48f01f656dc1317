#include "package/elf_file.h"

#include <elf.h>

#include <algorithm>

#include "package/elf_bytes.h"
#include "package/elf_dynamic.h"

namespace patchbay::package {

namespace {

using Answer = base::Result<bool, std::string>;

constexpr uint64_t kSegmentsMax = 256;
constexpr uint64_t kSectionsMax = 65'536;
constexpr uint64_t kNotesMax = 1024;                    // in one segment
constexpr uint64_t kNameBytesMax = uint64_t{64} << 20;  // of all symbols: names may overlap in the file
constexpr uint16_t kVersionIndexGlobal = 1;             // VER_NDX_GLOBAL; 0 is VER_NDX_LOCAL
constexpr uint16_t kVersionIndexMask = 0x7FFF;

/// Reads one file step by step into an ElfFile.
class Reader {
 public:
  explicit Reader(std::span<const uint8_t> bytes) : size_(bytes.size()), bytes_(bytes) {}

  base::Result<ElfFile, std::string> read() {
    const auto identified = identify();
    if (!identified) return base::fail(identified.error());
    // Another class, byte order, or no shared object: the checks refuse it, so nothing else of it matters.
    if (!*identified) return std::move(file_);
    for (Answer (Reader::*const step)() : {&Reader::read_segments, &Reader::read_dynamic, &Reader::read_sections}) {
      const Answer answer = (this->*step)();
      if (!answer) return base::fail(answer.error());
    }
    return std::move(file_);
  }

 private:
  static base::Failure<std::string> damaged(const std::string& what) {
    return base::fail("the file is damaged: " + what);
  }

  /// False when the rest of the file has another layout than the one read here.
  Answer identify() {
    const auto ident = bytes_.slice(0, EI_NIDENT);
    if (!ident || !std::equal(ident->begin(), ident->begin() + SELFMAG, ELFMAG)) {
      return base::fail("not an ELF file: found " + std::to_string(size_) +
                        " bytes without the ELF magic at the start; allowed: shared objects of this machine");
    }
    const uint8_t elf_class = (*ident)[EI_CLASS];
    const uint8_t data = (*ident)[EI_DATA];
    if ((elf_class != ELFCLASS32 && elf_class != ELFCLASS64) || (data != ELFDATA2LSB && data != ELFDATA2MSB)) {
      return damaged("class " + std::to_string(elf_class) + " and byte order " + std::to_string(data));
    }
    file_.elf_class = static_cast<ElfFile::Class>(elf_class);
    file_.little_endian = data == ELFDATA2LSB;
    const auto type = bytes_.slice(EI_NIDENT, 4);
    if (!type) return damaged("its header ends early");
    const auto number = [&](size_t at) {
      const uint8_t first = (*type)[at];
      const uint8_t second = (*type)[at + 1];
      return static_cast<uint16_t>(file_.little_endian ? first | second << 8 : first << 8 | second);
    };
    file_.type = number(0);
    file_.machine = number(2);
    if (elf_class != ELFCLASS64 || !file_.little_endian || file_.type != ET_DYN) return false;
    const auto header = bytes_.at<Elf64_Ehdr>(0);
    if (!header) return damaged("its header ends early");
    header_ = *header;
    return true;
  }

  Answer read_segments() {
    if (header_.e_phnum > kSegmentsMax) return damaged(std::to_string(header_.e_phnum) + " program headers");
    if (header_.e_phnum != 0 && header_.e_phentsize != sizeof(Elf64_Phdr)) return damaged("size of program headers");
    file_.executable_stack = true;
    for (uint64_t index = 0; index < header_.e_phnum; ++index) {
      const auto entry = bytes_.element<Elf64_Phdr>(header_.e_phoff, index);
      if (!entry) return damaged("its program headers lie outside of the file");
      if (entry->p_type == PT_GNU_STACK) file_.executable_stack = (entry->p_flags & PF_X) != 0;
      if (entry->p_type == PT_NOTE) read_notes(entry->p_offset, entry->p_filesz);
      segments_.push_back({entry->p_type, entry->p_flags, entry->p_offset, entry->p_vaddr, entry->p_filesz});
    }
    return true;
  }

  /// Notes are three words and a name and description, each padded to four bytes. What doesn't fit is no note.
  void read_notes(uint64_t offset, uint64_t size) {
    const auto part = bytes_.slice(offset, size);
    if (!part) return;
    const ElfBytes notes(*part);
    uint64_t at = 0;
    for (uint64_t count = 0; count < kNotesMax && at < part->size(); ++count) {
      const auto note = notes.at<Elf64_Nhdr>(at);
      if (!note) return;
      const uint64_t name_at = at + sizeof(Elf64_Nhdr);
      const uint64_t text_at = name_at + padded(note->n_namesz);
      const auto name = notes.slice(name_at, note->n_namesz);
      const auto text = notes.slice(text_at, note->n_descsz);
      if (!name || !text) return;
      if (note->n_type == NT_GNU_BUILD_ID && is_gnu(*name)) file_.build_id = hexadecimal(*text);
      at = text_at + padded(note->n_descsz);
    }
  }

  static uint64_t padded(uint64_t size) { return (size + 3) & ~uint64_t{3}; }
  static bool is_gnu(std::span<const uint8_t> name) {
    constexpr uint8_t kGnu[] = {'G', 'N', 'U', 0};
    return std::equal(name.begin(), name.end(), std::begin(kGnu), std::end(kGnu));
  }
  static std::string hexadecimal(std::span<const uint8_t> bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const uint8_t byte : bytes.first(std::min<size_t>(bytes.size(), 64))) {
      text += kDigits[byte >> 4];
      text += kDigits[byte & 15];
    }
    return text;
  }

  Answer read_dynamic() {
    auto dynamic = ElfDynamic::read(bytes_, segments_);
    if (!dynamic) return damaged(dynamic.error());
    for (const ElfDynamic::Tag& tag : dynamic->tags) {
      if (tag.tag == DT_NEEDED) file_.needed.push_back(dynamic->text(tag.value));
      if (tag.tag == DT_SONAME) file_.soname = dynamic->text(tag.value);
      if (tag.tag == DT_RPATH) file_.rpath = dynamic->text(tag.value);
      if (tag.tag == DT_RUNPATH) file_.runpath = dynamic->text(tag.value);
      if (tag.tag == DT_TEXTREL) file_.text_relocations = true;
      if (tag.tag == DT_FLAGS && (tag.value & DF_STATIC_TLS) != 0) file_.static_tls = true;
      if (tag.tag == DT_FLAGS && (tag.value & DF_TEXTREL) != 0) file_.text_relocations = true;
    }
    return read_symbols(*dynamic);
  }

  Answer read_symbols(const ElfDynamic& dynamic) {
    uint64_t name_bytes = 0;
    for (uint64_t index = 1; index < dynamic.symbol_count; ++index) {
      const auto symbol = bytes_.element<Elf64_Sym>(dynamic.symbols_offset, index);
      if (!symbol) return damaged("its symbols lie outside of the file");
      const auto text = ElfBytes::text(dynamic.strings, symbol->st_name);
      if (!text) return damaged("the name of symbol " + std::to_string(index) + " does not end");
      name_bytes += text->size();
      if (name_bytes > kNameBytesMax) return damaged("the names of its symbols have more bytes than a file may have");
      const std::string name(*text);
      const unsigned binding = ELF64_ST_BIND(symbol->st_info);
      if (name.empty() || binding == STB_LOCAL) continue;
      if (symbol->st_shndx == SHN_UNDEF) {
        if (binding == STB_WEAK) continue;
        file_.undefined.push_back(name);
        if (!has_version(dynamic, index)) file_.unversioned.push_back(name);
        continue;
      }
      if (binding == STB_GNU_UNIQUE) file_.gnu_unique.push_back(name);
      const unsigned visibility = ELF64_ST_VISIBILITY(symbol->st_other);
      const bool is_visible = visibility == STV_DEFAULT || visibility == STV_PROTECTED;
      if (is_visible && symbol->st_shndx != SHN_ABS) file_.exported.push_back(name);
    }
    return true;
  }

  bool has_version(const ElfDynamic& dynamic, uint64_t index) const {
    if (!dynamic.versions_offset) return false;
    const auto version = bytes_.element<uint16_t>(*dynamic.versions_offset, index);
    return version && (*version & kVersionIndexMask) > kVersionIndexGlobal;
  }

  Answer read_sections() {
    if (header_.e_shoff == 0) return true;
    if (header_.e_shentsize != sizeof(Elf64_Shdr)) return damaged("size of section headers");
    const auto first = bytes_.at<Elf64_Shdr>(header_.e_shoff);
    if (!first) return damaged("its section headers lie outside of the file");
    // Numbers that don't fit the header stand in the first section.
    const uint64_t count = header_.e_shnum != 0 ? header_.e_shnum : first->sh_size;
    const uint64_t names_index = header_.e_shstrndx != SHN_XINDEX ? header_.e_shstrndx : first->sh_link;
    if (count > kSectionsMax) return damaged(std::to_string(count) + " sections");
    const auto names = bytes_.element<Elf64_Shdr>(header_.e_shoff, names_index);
    const auto table = names ? bytes_.slice(names->sh_offset, names->sh_size) : std::nullopt;
    if (!table) return damaged("the names of its sections lie outside of the file");
    for (uint64_t index = 0; index < count; ++index) {
      const auto section = bytes_.element<Elf64_Shdr>(header_.e_shoff, index);
      if (!section) return damaged("its section headers lie outside of the file");
      if (ElfBytes::text(*table, section->sh_name) != kManifestSection) continue;
      return take_manifest(*section);
    }
    return true;
  }

  Answer take_manifest(const Elf64_Shdr& section) {
    const auto bytes = bytes_.slice(section.sh_offset, section.sh_size);
    if (section.sh_type != SHT_PROGBITS || !bytes) return damaged("its manifest section lies outside of the file");
    file_.has_manifest = true;
    file_.manifest_size = bytes->size();
    file_.manifest = {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
    // The compiler's string literal brings its NUL, and the linker may pad.
    file_.manifest = file_.manifest.substr(0, file_.manifest.find_last_not_of('\0') + 1);
    return true;
  }

  size_t size_;
  ElfBytes bytes_;
  Elf64_Ehdr header_{};
  std::vector<ElfSegment> segments_;
  ElfFile file_;
};

}  // namespace

base::Result<ElfFile, std::string> ElfFile::read(std::span<const uint8_t> bytes) {
  return Reader(bytes).read();
}

std::string machine_name(uint16_t machine) {
  switch (machine) {
    case EM_386:
      return "x86 (32-bit)";
    case EM_ARM:
      return "ARM (32-bit)";
    case EM_X86_64:
      return "x86-64";
    case EM_AARCH64:
      return "AArch64";
    case EM_RISCV:
      return "RISC-V";
    case EM_PPC64:
      return "PowerPC64";
    case EM_S390:
      return "S/390";
    default:
      return "machine " + std::to_string(machine);
  }
}

uint16_t host_machine() {
#if defined(__x86_64__)
  return EM_X86_64;
#elif defined(__aarch64__)
  return EM_AARCH64;
#elif defined(__riscv)
  return EM_RISCV;
#elif defined(__powerpc64__)
  return EM_PPC64;
#else
  return EM_NONE;
#endif
}

}  // namespace patchbay::package
