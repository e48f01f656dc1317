#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "package/elf_bytes.h"

namespace patchbay::package {

struct ElfSegment {
  uint32_t type = 0;
  uint32_t flags = 0;
  uint64_t offset = 0;
  uint64_t address = 0;
  uint64_t file_size = 0;
};

/// What the loader itself would read: the tables that the dynamic segment names, found in the file by their addresses.
/// Section headers, which no loader looks at, are not asked. [any-thread]
struct ElfDynamic {
  struct Tag {
    int64_t tag = 0;
    uint64_t value = 0;
  };

  std::vector<Tag> tags;
  std::span<const uint8_t> strings;
  uint64_t symbols_offset = 0;              ///< in the file; 0: no symbol table
  uint64_t symbol_count = 0;                ///< from the hash tables
  std::optional<uint64_t> versions_offset;  ///< DT_VERSYM: one number for each symbol

  /// A file without dynamic segment gives an empty table. The error is a sentence.
  [[nodiscard]] static base::Result<ElfDynamic, std::string> read(const ElfBytes& bytes,
                                                                  const std::vector<ElfSegment>& segments);

  [[nodiscard]] std::optional<uint64_t> value(int64_t tag) const;
  [[nodiscard]] std::string text(uint64_t begin) const {
    return std::string(ElfBytes::text(strings, begin).value_or(std::string_view()));
  }
};

}  // namespace patchbay::package
