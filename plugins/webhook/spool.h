#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "event.h"
#include "spool_file.h"

namespace patchbay::webhook {

struct SpoolLimits {
  uint64_t bytes_max = 1ULL << 30;  ///< of events that have not been read back
  bool sync = false;                ///< reach the disk with each sync(), so that a loss of power loses nothing either
};

/// Events of one target on the disk, in order: a folder of segment files, of which the first are removed when all in
/// them has arrived. Survives the end of the process at any instruction; a torn or damaged record ends its segment.
/// What has been read but not acknowledged is read again after a restart. Appended events are collected, and written
/// with few calls: what flush() has not written is lost with the process. One thread uses it; calls block on the disk.
class Spool {
 public:
  /// Opens or makes the folder. Null: `reason` says why; `busy`: another process or instance has it still.
  [[nodiscard]] static std::unique_ptr<Spool> open(const std::string& folder, const SpoolLimits& limits,
                                                   std::string& reason, bool& busy);
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  ~Spool() { flush(); }

  enum class Appended : uint8_t { yes, full, failed };
  [[nodiscard]] Appended append(const QueuedEvent& event);

  struct Read {
    QueuedEvent event;
    uint64_t number = 0;  ///< for acknowledge(); never 0
  };
  [[nodiscard]] std::optional<Read> read();
  [[nodiscard]] bool has_unread();
  /// It has arrived, or is dropped on purpose. [each number once]
  void acknowledge(uint64_t number);

  /// Gives up the oldest segment with unread events, for room. How many events it had.
  uint64_t drop_oldest();
  /// Puts events in front of all that is unread. They must include all that were read and not acknowledged, which are
  /// thereby acknowledged. False: the disk refuses, and nothing has changed.
  [[nodiscard]] bool put_in_front(const std::vector<const QueuedEvent*>& events);

  /// Writes what has been appended.
  void flush();
  /// The same, and it reaches the disk, where the limits ask for it.
  void sync();
  [[nodiscard]] uint64_t bytes() const;  ///< of all files
  [[nodiscard]] uint64_t unread_bytes() const { return unread_bytes_; }
  /// Records that could not be read; the number since the last call.
  uint64_t take_damaged() { return std::exchange(damaged_, 0); }
  /// Appended events that the disk has refused; the number since the last call.
  uint64_t take_refused() { return std::exchange(refused_, 0); }
  /// The time of the oldest unread event; 0: there is none. [after has_unread()]
  [[nodiscard]] uint64_t oldest_unread_unix_ms() const { return next_ ? next_->event.at_unix_ms : 0; }

 private:
  static constexpr size_t kWriteBytes = 64U << 10;  // with one call, which nobody interrupts
  struct Mark {
    uint64_t segment;
    uint64_t end;
    bool acknowledged;
  };
  Spool(std::string folder, const SpoolLimits& limits) : folder_(std::move(folder)), limits_(limits) {}
  bool take_over(std::string& reason, bool& busy);
  void find_segments();
  [[nodiscard]] uint64_t segment_bytes_max() const;
  bool open_writer();
  void cut_off(size_t written);
  /// Reads the next record into next_; false: there is none.
  bool fetch();
  bool fill_buffer(size_t wanted);
  [[nodiscard]] std::string_view buffered() const { return std::string_view(buffer_).substr(buffer_begin_); }
  void forget_buffer() {
    buffer_.clear();
    buffer_begin_ = 0;
  }
  void next_segment();
  bool is_last(uint64_t segment) const { return segments_.empty() || segment >= segments_.rbegin()->first; }
  void advance_cursor();
  void leave_empty();
  void remove_before(uint64_t segment);
  void save_cursor(SpoolCursor cursor);
  std::string rest_of_reading();
  void begin_reading(SpoolCursor at);
  [[nodiscard]] std::string path_of(uint64_t segment) const;

  std::string folder_;
  SpoolLimits limits_;
  OwnedFile lock_;
  OwnedFile cursor_file_;
  std::map<uint64_t, uint64_t> segments_;  // number -> bytes
  OwnedFile writer_;
  uint64_t writing_ = 0;   // the writer's segment
  std::string unwritten_;  // its end, which counts as if it were there
  OwnedFile reader_;
  SpoolCursor reading_;  // behind next_, where there is one
  std::string buffer_;   // of the reader's segment, from buffer_begin_ on what stands at reading_
  size_t buffer_begin_ = 0;
  std::optional<spool_record::Decoded> next_;
  std::deque<Mark> marks_;  // read and not yet behind the cursor
  uint64_t first_mark_ = 1;
  SpoolCursor cursor_;
  uint64_t unread_bytes_ = 0;
  uint64_t damaged_ = 0;
  uint64_t refused_ = 0;
  bool unsynced_ = false;
};

}  // namespace patchbay::webhook
