#include "package/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "package/file_descriptor.h"

namespace patchbay::package {

namespace {

namespace fs = std::filesystem;

bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

base::Result<bool, std::string> write_and_sync(const fs::path& path, std::string_view content) {
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return base::fail(errno_sentence(path, "cannot be made"));
  if (!write_all(file.get(), content)) return base::fail(errno_sentence(path, "cannot be written"));
  if (::fsync(file.get()) != 0) return base::fail(errno_sentence(path, "cannot be synced"));
  return true;
}

}  // namespace

std::string errno_sentence(const fs::path& path, std::string_view what) {
  const int number = errno;
  return path.string() + ": " + std::string(what) + ": " + std::strerror(number);
}

base::Result<bool, std::string> write_durably(const fs::path& path, std::string_view content) {
  fs::path temporary = path;
  temporary += ".new";
  auto written = write_and_sync(temporary, content);
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const std::string sentence = errno_sentence(path, "cannot be replaced");
    ::unlink(temporary.c_str());
    return base::fail(sentence);
  }
  // Without this the rename itself may be lost with the power.
  const FileDescriptor folder(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open() || ::fsync(folder.get()) != 0) {
    return base::fail(errno_sentence(path.parent_path(), "cannot be synced"));
  }
  return true;
}

base::Result<std::string, std::string> read_whole(const fs::path& path, size_t bytes_max) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return base::fail(errno_sentence(path, "cannot be opened"));
  std::string content(bytes_max + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (file.bad()) return base::fail(errno_sentence(path, "cannot be read"));
  content.resize(static_cast<size_t>(file.gcount()));
  if (content.size() <= bytes_max) return content;
  return base::fail(path.string() + ": is larger than the " + std::to_string(bytes_max) + " bytes that are allowed");
}

}  // namespace patchbay::package
