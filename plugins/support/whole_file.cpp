#include "support/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace patchbay::support {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

std::string reason(const std::string& path, const char* what) {
  return path + ": " + what + ": " + std::strerror(errno);
}

bool write_all(int file, const std::string& text) {
  for (size_t done = 0; done < text.size();) {
    const ssize_t count = ::write(file, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    done += static_cast<size_t>(count);
  }
  return ::fsync(file) == 0;
}

void synchronise_folder(const std::filesystem::path& folder) {
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() >= 0) ::fsync(directory.get());
}

}  // namespace

std::optional<FileStamp> file_stamp(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return FileStamp{found.st_dev, found.st_ino, static_cast<uint64_t>(found.st_size),
                   found.st_mtim.tv_sec * int64_t{1'000'000'000} + found.st_mtim.tv_nsec};
}

std::optional<std::string> read_whole_file(const std::string& path, size_t maximum_bytes, std::string& problem) {
  // Not blocking: a pipe in the place of the file must not hold up the thread.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat found {};
  if (file.get() < 0 || ::fstat(file.get(), &found) != 0) {
    problem = reason(path, "can't be read");
    return std::nullopt;
  }
  if (!S_ISREG(found.st_mode)) {
    problem = path + ": is no regular file";
    return std::nullopt;
  }
  std::string text;
  char block[65536];
  for (;;) {
    const ssize_t count = ::read(file.get(), block, sizeof block);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      problem = reason(path, "can't be read");
      return std::nullopt;
    }
    if (count == 0) return text;
    text.append(block, static_cast<size_t>(count));
    if (text.size() > maximum_bytes) {
      problem = path + ": has more than " + std::to_string(maximum_bytes) + " bytes";
      return std::nullopt;
    }
  }
}

bool write_whole_file(const std::string& path, const std::string& text, std::string& problem) {
  std::error_code ignored;
  std::filesystem::path target = std::filesystem::weakly_canonical(path, ignored);
  if (target.empty()) target = path;
  std::string fresh = target.string() + "." + std::string(6, 'X');
  const Descriptor file(::mkostemp(fresh.data(), O_CLOEXEC));  // 0600
  if (file.get() < 0) {
    problem = reason(path, "can't be written");
    return false;
  }
  if (!write_all(file.get(), text) || ::rename(fresh.c_str(), target.c_str()) != 0) {
    problem = reason(path, "can't be written");
    ::unlink(fresh.c_str());
    return false;
  }
  synchronise_folder(target.has_parent_path() ? target.parent_path() : std::filesystem::path("."));
  return true;
}

}  // namespace patchbay::support
