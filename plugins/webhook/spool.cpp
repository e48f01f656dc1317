#include "spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace patchbay::webhook {

namespace {

constexpr std::string_view kSuffix = ".events";
constexpr size_t kReadBytes = 256U << 10;

std::optional<uint64_t> segment_of(const std::string& name) {
  uint64_t out = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), out);
  if (read.ec != std::errc() || std::string_view(read.ptr) != kSuffix) return {};
  return out;
}

}  // namespace

std::string Spool::path_of(uint64_t segment) const {
  char name[40];
  std::snprintf(name, sizeof name, "/%020" PRIu64, segment);
  return folder_ + name + std::string(kSuffix);
}

std::unique_ptr<Spool> Spool::open(const std::string& folder, const SpoolLimits& limits, std::string& reason,
                                   bool& busy) {
  std::unique_ptr<Spool> out(new Spool(folder, limits));
  if (!out->take_over(reason, busy)) return nullptr;
  out->find_segments();
  return out;
}

bool Spool::take_over(std::string& reason, bool& busy) {
  busy = false;
  std::error_code failed;
  std::filesystem::create_directories(folder_, failed);
  ::chmod(folder_.c_str(), S_IRWXU);  // payloads are in it
  lock_ = OwnedFile(::open((folder_ + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  cursor_file_ = OwnedFile(::open((folder_ + "/cursor").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock_ || !cursor_file_) {
    reason = folder_ + ": " + std::strerror(errno);
    return false;
  }
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return true;
  busy = errno == EWOULDBLOCK;
  reason = folder_ + (busy ? " is in use" : std::string(": ") + std::strerror(errno));
  return false;
}

void Spool::find_segments() {
  std::error_code failed;
  for (const auto& each : std::filesystem::directory_iterator(folder_, failed)) {
    const auto number = segment_of(each.path().filename().string());
    if (number) segments_[*number] = each.file_size(failed);
  }
  cursor_ = SpoolCursor::load(folder_ + "/cursor");
  remove_before(cursor_.segment);
  if (segments_.empty()) {
    writing_ = cursor_.segment;
    return;
  }
  // A cursor is for the first segment that is left: where that is another one, it begins at its head.
  if (segments_.begin()->first != cursor_.segment) cursor_ = {segments_.begin()->first, 0};
  writing_ = segments_.rbegin()->first;
  for (const auto& [number, bytes] : segments_) unread_bytes_ += bytes;
  unread_bytes_ -= std::min(cursor_.offset, segments_.begin()->second);
  begin_reading(cursor_);
}

void Spool::begin_reading(SpoolCursor at) {
  reading_ = at;
  forget_buffer();
  next_.reset();
  reader_ = OwnedFile(::open(path_of(at.segment).c_str(), O_RDONLY | O_CLOEXEC));
}

bool Spool::fill_buffer(size_t wanted) {
  while (buffered().size() < wanted) {
    buffer_.erase(0, std::exchange(buffer_begin_, 0));
    const size_t before = buffer_.size();
    const size_t more = std::max(kReadBytes, wanted - before);
    buffer_.resize(before + more);
    const auto at = static_cast<off_t>(reading_.offset + before);
    const ssize_t got = ::pread(reader_.get(), buffer_.data() + before, more, at);
    buffer_.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got <= 0) return false;
  }
  return true;
}

void Spool::next_segment() {
  const auto following = segments_.upper_bound(reading_.segment);
  begin_reading({following->first, 0});
}

bool Spool::fetch() {
  while (!next_) {
    if (!reader_) return false;
    if (reading_.segment == writing_) flush();
    const auto known = segments_.find(reading_.segment);
    const uint64_t size = known == segments_.end() ? 0 : known->second;
    if (reading_.offset >= size) {
      if (is_last(reading_.segment)) return false;
      next_segment();
      continue;
    }
    const bool headed = fill_buffer(spool_record::kHeadBytes);
    const auto length = headed ? spool_record::length(buffered()) : std::nullopt;
    if (length && fill_buffer(*length)) next_ = spool_record::decode(buffered());
    if (next_) {
      buffer_begin_ += next_->bytes;
      reading_.offset += next_->bytes;
      return true;
    }
    ++damaged_;  // torn by a crash, or damaged: nothing behind it can be found
    unread_bytes_ -= std::min(unread_bytes_, size - reading_.offset);
    reading_.offset = size;
    forget_buffer();
  }
  return true;
}

bool Spool::has_unread() {
  return fetch();
}

std::optional<Spool::Read> Spool::read() {
  if (!fetch()) return {};
  Read out{std::move(next_->event), first_mark_ + marks_.size()};
  marks_.push_back({reading_.segment, reading_.offset, false});
  unread_bytes_ -= std::min<uint64_t>(unread_bytes_, next_->bytes);
  next_.reset();
  return out;
}

void Spool::acknowledge(uint64_t number) {
  if (number < first_mark_ || number - first_mark_ >= marks_.size()) return;  // put_in_front() has taken it back
  marks_[number - first_mark_].acknowledged = true;
  if (number == first_mark_) advance_cursor();
}

void Spool::advance_cursor() {
  while (!marks_.empty() && marks_.front().acknowledged) {
    cursor_ = {marks_.front().segment, marks_.front().end};
    marks_.pop_front();
    ++first_mark_;
  }
  // A segment that is done with and not written to any more can go at once.
  while (!is_last(cursor_.segment) && cursor_.offset >= segments_[cursor_.segment]) {
    if (reading_.segment == cursor_.segment) {
      if (next_ || reading_.offset < segments_[cursor_.segment]) break;
      next_segment();
    }
    cursor_ = {segments_.upper_bound(cursor_.segment)->first, 0};
  }
  const bool empty = marks_.empty() && !next_ && is_last(cursor_.segment) && reading_.segment == cursor_.segment &&
                     reading_.offset >= segments_[cursor_.segment];
  if (empty) leave_empty();
  save_cursor(cursor_);
  remove_before(cursor_.segment);
}

void Spool::leave_empty() {
  writer_.close();
  reader_.close();
  forget_buffer();
  cursor_ = {writing_ + 1, 0};
}

void Spool::save_cursor(SpoolCursor cursor) {
  static_cast<void>(cursor.save(cursor_file_.get()));  // an old one means duplicates, never a loss
}

void Spool::remove_before(uint64_t segment) {
  while (!segments_.empty() && segments_.begin()->first < segment) {
    ::unlink(path_of(segments_.begin()->first).c_str());
    segments_.erase(segments_.begin());
  }
}

uint64_t Spool::drop_oldest() {
  if (!fetch()) return 0;
  flush();
  const uint64_t segment = reading_.segment;
  if (segment == writing_) writer_.close();  // the next event begins a new one
  uint64_t count = 0;
  while (fetch() && reading_.segment == segment) {
    ++count;
    unread_bytes_ -= std::min<uint64_t>(unread_bytes_, next_->bytes);
    next_.reset();
  }
  // In the order of reading: acknowledged when all that was read before has been.
  marks_.push_back({segment, segments_[segment], true});
  advance_cursor();
  return count;
}

std::string Spool::rest_of_reading() {
  std::string out;
  if (next_) spool_record::encode(out, next_->event);
  const auto known = segments_.find(reading_.segment);
  const uint64_t size = known == segments_.end() ? 0 : known->second;
  if (reading_.offset >= size) return out;
  static_cast<void>(fill_buffer(size - reading_.offset));  // what the disk still gives
  return out.append(buffered().substr(0, size - reading_.offset));
}

// The segment that is being read is written anew: these events, then what was unread in it. The cursor goes to its head
// first: an end of the process in between means duplicates.
bool Spool::put_in_front(const std::vector<const QueuedEvent*>& events) {
  flush();
  static_cast<void>(fetch());
  const bool fresh = !reader_;
  const SpoolCursor head{fresh ? writing_ + 1 : reading_.segment, 0};
  const std::string rest = fresh ? std::string() : rest_of_reading();
  const std::string temporary = folder_ + "/front";
  const OwnedFile file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file) return false;
  std::string block;
  uint64_t bytes = 0;
  for (const auto* each : events) {
    bytes += spool_record::bytes_of(*each);
    spool_record::encode(block, *each);
    if (block.size() < kWriteBytes && each != events.back()) continue;
    if (write_all(file.get(), block) != block.size()) return false;
    block.clear();
  }
  if (write_all(file.get(), rest) != rest.size() || ::fdatasync(file.get()) != 0) return false;
  if (cursor_.segment == head.segment) save_cursor(head);
  if (::rename(temporary.c_str(), path_of(head.segment).c_str()) != 0) return false;
  if (writing_ <= head.segment) writer_.close();
  writing_ = std::max(writing_, head.segment);
  segments_[head.segment] = bytes + rest.size();
  unread_bytes_ += bytes;
  first_mark_ += marks_.size();
  marks_.clear();
  cursor_ = head;
  save_cursor(cursor_);
  remove_before(head.segment);
  begin_reading(head);
  return true;
}

uint64_t Spool::bytes() const {
  uint64_t out = 0;
  for (const auto& [number, bytes] : segments_) out += bytes;
  return out;
}

}  // namespace patchbay::webhook
