#include "package/private_copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <optional>

#include "package/durable_file.h"
#include "package/sha256.h"

namespace patchbay::package {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIncoming = ".incoming-";

std::optional<std::string> dir_problem(const fs::path& dir) {
  struct stat status {};
  if (::lstat(dir.c_str(), &status) != 0) return errno_sentence(dir, "cannot be looked at");
  if (!S_ISDIR(status.st_mode)) return dir.string() + ": is no folder, expected one for private copies of plugins";
  if (status.st_uid != ::geteuid()) {
    return dir.string() + ": belongs to user " + std::to_string(status.st_uid) + ", expected the broker's, " +
           std::to_string(::geteuid());
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return dir.string() + ": others may write to it, so what was checked need not be what runs; expected mode 0700";
  }
  struct statvfs mount {};
  if (::statvfs(dir.c_str(), &mount) == 0 && (mount.f_flag & ST_NOEXEC) != 0) {
    return dir.string() + ": is on a file system that is mounted noexec, from which no code can be loaded; put " +
           "node.data_dir on one that is not";
  }
  return std::nullopt;
}

base::Result<bool, std::string> make_dir(const fs::path& dir) {
  std::error_code error;
  const bool made = fs::create_directories(dir, error);
  if (!error && made) fs::permissions(dir, fs::perms::owner_all, error);
  if (error) return base::fail(dir.string() + ": cannot be made: " + error.message());
  if (const auto problem = dir_problem(dir)) return base::fail(*problem);
  return true;
}

std::optional<std::string> write_new(const fs::path& path, const std::vector<uint8_t>& bytes, bool& made) {
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0500));
  made = file.is_open();
  if (!made) return errno_sentence(path, "cannot be made");
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t written = ::write(file.get(), bytes.data() + done, bytes.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return errno_sentence(path, "cannot be written");
    done += static_cast<size_t>(written);
  }
  return std::nullopt;
}

std::string small_letters(std::string_view text) {
  std::string small(text);
  std::transform(small.begin(), small.end(), small.begin(), [](unsigned char byte) { return std::tolower(byte); });
  return small;
}

std::optional<std::string> hash_problem(const fs::path& origin, const std::string& found, std::string_view expected) {
  if (expected.empty() || small_letters(expected) == found) return std::nullopt;
  if (!is_sha256_text(expected)) {
    return "the expected SHA-256 of " + origin.string() + " is no SHA-256: found " + std::to_string(expected.size()) +
           " characters, expected 64 hexadecimal digits";
  }
  return origin.string() + ": has SHA-256 " + found + ", expected " + std::string(expected);
}

}  // namespace

base::Result<PrivateCopy, std::string> PrivateCopy::make(const PluginFile& file, const fs::path& dir,
                                                         std::string_view expected_sha256) {
  static std::atomic<uint64_t> next_number{0};
  const auto made = make_dir(dir);
  if (!made) return base::fail(made.error());
  const auto original = file.read();
  if (!original) return base::fail(original.error());
  PrivateCopy copy;
  copy.path_ = dir / (std::string(kIncoming) + std::to_string(::getpid()) + '-' + std::to_string(++next_number));
  // A half-written copy goes with the object, a file that was there before doesn't.
  const auto problem = write_new(copy.path_, *original, copy.owned_);
  if (problem) return base::fail(*problem);
  // Read back: from here on everything speaks of the copy, whatever happens to the original.
  const auto written = PluginFile::open_unchecked(copy.path_, file.size());
  if (!written) return base::fail(written.error());
  auto bytes = written->read();
  if (!bytes) return base::fail(bytes.error());
  copy.bytes_ = std::move(*bytes);
  Sha256 hash;
  hash.add(copy.bytes_.data(), copy.bytes_.size());
  copy.sha256_ = hash.finish();
  if (const auto wrong = hash_problem(file.path(), copy.sha256_, expected_sha256)) return base::fail(*wrong);
  return copy;
}

PrivateCopy::PrivateCopy(PrivateCopy&& other) noexcept
    : path_(std::move(other.path_)),
      sha256_(std::move(other.sha256_)),
      bytes_(std::move(other.bytes_)),
      owned_(std::exchange(other.owned_, false)) {}

PrivateCopy& PrivateCopy::operator=(PrivateCopy&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(sha256_, other.sha256_);
  std::swap(bytes_, other.bytes_);
  std::swap(owned_, other.owned_);
  return *this;
}

PrivateCopy::~PrivateCopy() {
  if (owned_) ::unlink(path_.c_str());
}

base::Result<fs::path, std::string> PrivateCopy::name(std::string_view id, const Version& version,
                                                      uint64_t generation) {
  const std::string file_name =
      std::string(id) + '-' + version.text() + '-' + sha256_.substr(0, 12) + '-' + std::to_string(generation) + ".so";
  const fs::path named = path_.parent_path() / file_name;
  // A hard link, unlike a rename, never replaces a file: code that runs may be mapped from it.
  if (::link(path_.c_str(), named.c_str()) != 0) return base::fail(errno_sentence(named, "cannot be made"));
  ::unlink(path_.c_str());
  path_ = named;
  return named;
}

void PrivateCopy::drop_bytes() {
  bytes_ = {};
}

base::Result<size_t, std::string> remove_stale_copies(const fs::path& dir) {
  std::error_code error;
  if (!fs::exists(dir, error)) return size_t{0};
  size_t removed = 0;
  for (fs::directory_iterator entry(dir, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code gone;
    if (!name.ends_with(".so") && !name.starts_with(kIncoming)) continue;
    if (entry->is_regular_file(gone) && fs::remove(entry->path(), gone)) ++removed;
  }
  if (error) return base::fail(dir.string() + ": cannot be listed: " + error.message());
  return removed;
}

}  // namespace patchbay::package
