#include "operations/trace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace patchbay::operations {

TraceFile::TraceFile(std::filesystem::path path, TraceFormat format, TracePayload payload, uint64_t bytes_max)
    : path_(std::move(path)), format_(format), payload_(payload), bytes_max_(bytes_max) {
  descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (descriptor_ < 0) return;
  struct stat known {};
  if (fstat(descriptor_, &known) == 0) size_ = static_cast<uint64_t>(known.st_size);
}

TraceFile::~TraceFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

void TraceFile::append(const TraceEvent& event) {
  const std::string line = trace_line(event, format_, payload_);
  const std::lock_guard lock(writing_);
  const bool fits = descriptor_ >= 0 && !removed_ && size_ + line.size() <= bytes_max_;
  const ssize_t written = fits ? write(descriptor_, line.data(), line.size()) : -1;
  if (written > 0) size_ += static_cast<uint64_t>(written);
  if (written != static_cast<ssize_t>(line.size())) ++dropped_;
}

std::string TraceFile::read(uint64_t position, size_t bytes) const {
  const uint64_t there = size();
  std::string text(position < there ? std::min<uint64_t>(bytes, there - position) : 0, '\0');
  const ssize_t got = descriptor_ < 0 ? 0 : pread(descriptor_, text.data(), text.size(), static_cast<off_t>(position));
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return text;
}

void TraceFile::remove() {
  removed_ = true;
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace patchbay::operations
