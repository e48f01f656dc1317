#include "package/elf_dynamic.h"

#include <elf.h>

#include <algorithm>

namespace patchbay::package {

namespace {

constexpr uint64_t kTagsMax = 4096;
constexpr uint64_t kSymbolsMax = 1 << 20;

/// Where in the file the byte lies that the loader maps at `address`.
std::optional<uint64_t> file_offset(const std::vector<ElfSegment>& segments, uint64_t address) {
  for (const ElfSegment& segment : segments) {
    if (segment.type != PT_LOAD || address < segment.address) continue;
    const uint64_t inside = address - segment.address;
    if (inside < segment.file_size) return segment.offset + inside;
  }
  return std::nullopt;
}

/// The number of symbols behind a GNU hash table: the largest index that any of its chains reaches. Symbols before the
/// first hashed one are those that the file doesn't define.
std::optional<uint64_t> gnu_hash_symbols(const ElfBytes& bytes, uint64_t offset) {
  const auto bucket_count = bytes.at<uint32_t>(offset);
  const auto first_hashed = bytes.at<uint32_t>(offset + 4);
  const auto bloom_words = bytes.at<uint32_t>(offset + 8);
  if (!bucket_count || !first_hashed || !bloom_words) return std::nullopt;
  const uint64_t buckets = offset + 16 + uint64_t{*bloom_words} * 8;
  uint64_t last = 0;
  for (uint64_t bucket = 0; bucket < *bucket_count; ++bucket) {
    const auto first = bytes.element<uint32_t>(buckets, bucket);
    if (!first) return std::nullopt;
    last = std::max<uint64_t>(last, *first);
  }
  if (last < *first_hashed) return *first_hashed;
  const uint64_t chains = buckets + uint64_t{*bucket_count} * 4;
  for (;; ++last) {  // The lowest bit marks the end of a chain; the file's end bounds the walk.
    const auto hash = bytes.element<uint32_t>(chains, last - *first_hashed);
    if (!hash) return std::nullopt;
    if ((*hash & 1) != 0) return last + 1;
  }
}

base::Result<uint64_t, std::string> count_symbols(const ElfBytes& bytes, const std::vector<ElfSegment>& segments,
                                                  const ElfDynamic& dynamic) {
  uint64_t count = 0;
  if (const auto address = dynamic.value(DT_HASH)) {
    const auto offset = file_offset(segments, *address);
    const auto chain_count = offset ? bytes.at<uint32_t>(*offset + 4) : std::nullopt;
    if (!chain_count) return base::fail(std::string("its hash table lies outside of the file"));
    count = *chain_count;
  }
  if (const auto address = dynamic.value(DT_GNU_HASH)) {
    const auto offset = file_offset(segments, *address);
    const auto hashed = offset ? gnu_hash_symbols(bytes, *offset) : std::nullopt;
    if (!hashed) return base::fail(std::string("its hash table lies outside of the file"));
    count = std::max(count, *hashed);
  }
  if (count > kSymbolsMax)
    return base::fail("it has " + std::to_string(count) + " symbols, at most " + std::to_string(kSymbolsMax) +
                      " are looked at");
  return count;
}

base::Result<bool, std::string> read_tags(const ElfBytes& bytes, const ElfSegment& segment, ElfDynamic& dynamic) {
  const uint64_t count = segment.file_size / sizeof(Elf64_Dyn);
  for (uint64_t index = 0; index < count; ++index) {
    const auto entry = bytes.element<Elf64_Dyn>(segment.offset, index);
    if (!entry) return base::fail(std::string("its dynamic segment lies outside of the file"));
    if (entry->d_tag == DT_NULL) break;
    if (dynamic.tags.size() == kTagsMax) {
      return base::fail("its dynamic segment has more than " + std::to_string(kTagsMax) + " entries");
    }
    dynamic.tags.push_back({entry->d_tag, entry->d_un.d_val});
  }
  return true;
}

base::Result<bool, std::string> find_tables(const ElfBytes& bytes, const std::vector<ElfSegment>& segments,
                                            ElfDynamic& dynamic) {
  if (const auto address = dynamic.value(DT_STRTAB)) {
    const auto offset = file_offset(segments, *address);
    const auto table = offset ? bytes.slice(*offset, dynamic.value(DT_STRSZ).value_or(0)) : std::nullopt;
    if (!table) return base::fail(std::string("its string table lies outside of the file"));
    dynamic.strings = *table;
  }
  if (const auto address = dynamic.value(DT_SYMTAB)) {
    const auto offset = file_offset(segments, *address);
    if (!offset) return base::fail(std::string("its symbol table lies outside of the file"));
    dynamic.symbols_offset = *offset;
    const auto count = count_symbols(bytes, segments, dynamic);
    if (!count) return base::fail(count.error());
    dynamic.symbol_count = *count;
  }
  if (const auto address = dynamic.value(DT_VERSYM)) dynamic.versions_offset = file_offset(segments, *address);
  return true;
}

}  // namespace

base::Result<ElfDynamic, std::string> ElfDynamic::read(const ElfBytes& bytes, const std::vector<ElfSegment>& segments) {
  ElfDynamic dynamic;
  for (const ElfSegment& segment : segments) {
    if (segment.type != PT_DYNAMIC) continue;
    const auto tags = read_tags(bytes, segment, dynamic);
    if (!tags) return base::fail(tags.error());
    break;
  }
  const auto found = find_tables(bytes, segments, dynamic);
  if (!found) return base::fail(found.error());
  return dynamic;
}

std::optional<uint64_t> ElfDynamic::value(int64_t tag) const {
  const auto found = std::find_if(tags.begin(), tags.end(), [&](const Tag& entry) { return entry.tag == tag; });
  if (found == tags.end()) return std::nullopt;
  return found->value;
}

}  // namespace patchbay::package
