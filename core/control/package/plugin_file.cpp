#include "package/plugin_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <optional>

#include "package/durable_file.h"

namespace patchbay::package {

namespace {

namespace fs = std::filesystem;

constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777));
  return text.data();
}

std::string folder_list(const std::vector<fs::path>& dirs) {
  std::string list;
  for (const fs::path& dir : dirs) list += (list.empty() ? "" : ", ") + dir.string();
  return list.empty() ? "none" : list;
}

bool is_below(const fs::path& path, const fs::path& dir) {
  const auto [dir_end, path_at] = std::mismatch(dir.begin(), dir.end(), path.begin(), path.end());
  return dir_end == dir.end() && path_at != path.end();
}

/// The allowed folder that the path, whose links are resolved, lies below.
std::optional<fs::path> allowed_dir(const fs::path& path, const TrustPolicy& policy) {
  for (const fs::path& dir : policy.allowed_dirs) {
    std::error_code error;
    const fs::path real_dir = fs::canonical(dir, error);
    if (!error && is_below(path, real_dir)) return real_dir;
  }
  return std::nullopt;
}

std::optional<std::string> owner_problem(const fs::path& path, const struct stat& status, const TrustPolicy& policy) {
  if (status.st_uid != 0 && status.st_uid != policy.owner) {
    return path.string() + ": belongs to user " + std::to_string(status.st_uid) + ", allowed are root (0) and " +
           std::to_string(policy.owner);
  }
  if ((status.st_mode & kOthersWrite) != 0) {
    return path.string() + ": has mode " + octal(status.st_mode) +
           ", so others may write to it; allowed are modes without group and world write (chmod go-w)";
  }
  return std::nullopt;
}

/// Whoever may write to a folder may replace what is in it.
std::optional<std::string> folder_problem(const fs::path& path, const fs::path& top, const TrustPolicy& policy) {
  for (fs::path folder = path.parent_path();; folder = folder.parent_path()) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) return errno_sentence(folder, "cannot be looked at");
    if (const auto problem = owner_problem(folder, status, policy)) return problem;
    if (folder == top || folder == folder.root_path()) return std::nullopt;
  }
}

std::optional<std::string> size_problem(const fs::path& path, const struct stat& status, uint64_t bytes_max) {
  const auto size = static_cast<uint64_t>(status.st_size);
  if (size <= bytes_max) return std::nullopt;
  return path.string() + ": has " + std::to_string(size) + " bytes, at most " + std::to_string(bytes_max) +
         " are allowed";
}

std::string kind_of_file(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return S_ISCHR(mode) || S_ISBLK(mode) ? "a device" : "no regular file";
}

struct OpenFile {
  FileDescriptor descriptor;
  struct stat status {};
};

base::Result<OpenFile, std::string> open_regular(const fs::path& path) {
  // Non-blocking, or opening a pipe that somebody put there would wait for its writer.
  OpenFile file;
  file.descriptor = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.descriptor.is_open()) return base::fail(errno_sentence(path, "cannot be opened"));
  if (::fstat(file.descriptor.get(), &file.status) != 0) {
    return base::fail(errno_sentence(path, "cannot be looked at"));
  }
  if (!S_ISREG(file.status.st_mode)) {
    return base::fail(path.string() + ": is " + kind_of_file(file.status.st_mode) + ", expected a regular file");
  }
  return file;
}

base::Result<fs::path, std::string> resolve_links(const fs::path& path) {
  std::error_code error;
  fs::path real = fs::canonical(path, error);
  if (error) return base::fail(path.string() + ": cannot be found: " + error.message());
  return real;
}

}  // namespace

TrustPolicy::TrustPolicy() : owner(::geteuid()) {}

base::Result<PluginFile, std::string> PluginFile::open(const fs::path& path, const TrustPolicy& policy) {
  const auto real = resolve_links(path);
  if (!real) return base::fail(real.error());
  const auto top = allowed_dir(*real, policy);
  if (!top) {
    const std::string link = *real == fs::absolute(path) ? "" : " (a link to " + real->string() + ")";
    return base::fail(path.string() + link + ": lies outside of the allowed folders (plugins.dirs), which are: " +
                      folder_list(policy.allowed_dirs));
  }
  auto file = open_regular(*real);
  if (!file) return base::fail(file.error());
  auto problem = owner_problem(*real, file->status, policy);
  if (!problem) problem = folder_problem(*real, *top, policy);
  if (!problem) problem = size_problem(*real, file->status, policy.file_bytes_max);
  if (problem) return base::fail(*problem);
  return PluginFile(*real, std::move(file->descriptor), static_cast<uint64_t>(file->status.st_size));
}

base::Result<PluginFile, std::string> PluginFile::open_unchecked(const fs::path& path, uint64_t file_bytes_max) {
  const auto real = resolve_links(path);
  if (!real) return base::fail(real.error());
  auto file = open_regular(*real);
  if (!file) return base::fail(file.error());
  if (const auto problem = size_problem(*real, file->status, file_bytes_max)) return base::fail(*problem);
  return PluginFile(*real, std::move(file->descriptor), static_cast<uint64_t>(file->status.st_size));
}

base::Result<std::vector<uint8_t>, std::string> PluginFile::read() const {
  std::vector<uint8_t> bytes(static_cast<size_t>(size_) + 1);
  size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = ::pread(descriptor_.get(), bytes.data() + have, bytes.size() - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return base::fail(errno_sentence(path_, "cannot be read"));
    if (got == 0) break;
    have += static_cast<size_t>(got);
  }
  if (have != size_) {
    return base::fail(path_.string() + ": changed while it was read: it had " + std::to_string(size_) +
                      " bytes when it was opened");
  }
  bytes.resize(have);
  return bytes;
}

}  // namespace patchbay::package
