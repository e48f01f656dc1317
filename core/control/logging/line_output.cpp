#include "logging/line_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace patchbay::logging {

namespace {

// Line and line break in one write: lines of other processes on the same file or terminal stay whole.
void write_whole(int descriptor, std::string_view line) {
  std::string text(line);
  text += '\n';
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    rest.remove_prefix(static_cast<size_t>(written));
  }
}

int open_for_append(const std::string& path) {
  return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

}  // namespace

void StderrOutput::write_line(std::string_view line) {
  write_whole(STDERR_FILENO, line);
}

base::Result<std::unique_ptr<FileOutput>, std::string> FileOutput::open(const std::string& path) {
  const int descriptor = open_for_append(path);
  if (descriptor < 0) return base::fail(path + ": " + std::strerror(errno));
  return std::unique_ptr<FileOutput>(new FileOutput(path, descriptor));
}

FileOutput::~FileOutput() {
  ::close(descriptor_);
}

void FileOutput::write_line(std::string_view line) {
  const std::lock_guard lock(mutex_);
  write_whole(descriptor_, line);
}

bool FileOutput::reopen() {
  const int descriptor = open_for_append(path_);
  if (descriptor < 0) return false;
  const std::lock_guard lock(mutex_);
  ::close(std::exchange(descriptor_, descriptor));
  return true;
}

}  // namespace patchbay::logging
