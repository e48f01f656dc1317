// The spool's writing end; reading and the rest stand in spool.cpp.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "spool.h"

namespace patchbay::webhook {

namespace {

constexpr uint64_t kSegmentBytesMin = 64ULL << 10;
constexpr uint64_t kSegmentBytesMax = 16ULL << 20;
constexpr uint64_t kReadSegmentBytesMax = 1ULL << 20;

/// So many that dropping one of them gives room for a while, and is not most of what there is.
uint64_t segment_bytes(uint64_t bytes_max) {
  return std::clamp(bytes_max / 8, kSegmentBytesMin, kSegmentBytesMax);
}

}  // namespace

/// Shorter where it is read already, since put_in_front() writes the segment that is being read anew.
uint64_t Spool::segment_bytes_max() const {
  const uint64_t out = segment_bytes(limits_.bytes_max);
  return reader_ && reading_.segment == writing_ ? std::min(out, kReadSegmentBytesMax) : out;
}

bool Spool::open_writer() {
  if (writer_ && segments_[writing_] < segment_bytes_max()) return true;
  sync();
  const uint64_t fresh = writing_ + 1;  // never behind a segment of an earlier life, whose end may be torn
  writer_ = OwnedFile(::open(path_of(fresh).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
  if (!writer_) return false;
  writing_ = fresh;
  segments_[fresh] = 0;
  if (!reader_) {  // the first one, or the first after all had arrived
    cursor_ = {fresh, 0};
    begin_reading(cursor_);
  }
  return true;
}

Spool::Appended Spool::append(const QueuedEvent& event) {
  const size_t bytes = spool_record::bytes_of(event);
  if (unread_bytes_ + bytes > limits_.bytes_max) return Appended::full;
  if (!open_writer()) return Appended::failed;
  spool_record::encode(unwritten_, event);
  segments_[writing_] += bytes;
  unread_bytes_ += bytes;
  unsynced_ = true;
  if (unwritten_.size() >= kWriteBytes) flush();
  return Appended::yes;
}

void Spool::flush() {
  if (unwritten_.empty()) return;
  const size_t written = write_all(writer_.get(), unwritten_);
  if (written < unwritten_.size()) cut_off(written);
  unwritten_.clear();
}

/// The disk has taken the front only: records that are not whole in it are lost. What there is of one is cut off; where
/// that fails too, the segment ends here.
void Spool::cut_off(size_t written) {
  std::string_view rest = unwritten_;
  const auto next_bytes = [&] { return spool_record::length(rest).value_or(rest.size()); };
  while (rest.size() - next_bytes() >= unwritten_.size() - written) rest.remove_prefix(next_bytes());
  segments_[writing_] -= rest.size();
  unread_bytes_ -= std::min<uint64_t>(unread_bytes_, rest.size());
  for (; !rest.empty(); ++refused_) rest.remove_prefix(next_bytes());
  if (::ftruncate(writer_.get(), static_cast<off_t>(segments_[writing_])) != 0) writer_.close();
}

void Spool::sync() {
  flush();
  if (!std::exchange(unsynced_, false) || !limits_.sync || !writer_) return;
  ::fdatasync(writer_.get());
}

}  // namespace patchbay::webhook
