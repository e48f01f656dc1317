#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "event.h"

namespace patchbay::webhook {

/// A file descriptor that is closed with its object. -1: none.
class OwnedFile {
 public:
  OwnedFile() = default;
  explicit OwnedFile(int descriptor) : descriptor_(descriptor) {}
  OwnedFile(OwnedFile&& from) noexcept;
  OwnedFile& operator=(OwnedFile&& from) noexcept;
  ~OwnedFile() { close(); }
  void close();
  [[nodiscard]] int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

/// What stands in a segment of the spool: records of a length, a CRC-32 of what follows, and the event. Numbers are
/// little endian.
namespace spool_record {

constexpr size_t kHeadBytes = 8;
/// Larger ones are no records: a limit for what a broken file may make us allocate.
constexpr uint32_t kBodyBytesMax = 300U << 20;

/// How many bytes the event's record has.
[[nodiscard]] size_t bytes_of(const QueuedEvent& event);
/// Appends the event's record.
void encode(std::string& out, const QueuedEvent& event);

struct Decoded {
  QueuedEvent event;
  size_t bytes = 0;  ///< of the record
};
/// The record at the front of `bytes`; nothing: it isn't whole, or not what was written.
[[nodiscard]] std::optional<Decoded> decode(std::string_view bytes);
/// How many bytes the record at the front has, by its head; nothing: the head isn't whole or can't be.
[[nodiscard]] std::optional<size_t> length(std::string_view bytes);

}  // namespace spool_record

/// Where the reader of the spool goes on after a restart: everything in front of it has arrived.
struct SpoolCursor {
  uint64_t segment = 0;
  uint64_t offset = 0;

  /// Reads the file; the beginning where there is none, or where it doesn't hold what was written.
  [[nodiscard]] static SpoolCursor load(const std::string& path);
  /// One write of a few bytes, so that the end of the process leaves the old or the new one. False: the disk refuses.
  [[nodiscard]] bool save(int descriptor) const;
};

/// All bytes to the file; how many of them the disk has taken.
[[nodiscard]] size_t write_all(int descriptor, std::string_view bytes);

}  // namespace patchbay::webhook
