#include "plugin_bridge/thread_activity.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace patchbay::plugin_bridge {

namespace {

using Buffer = std::array<char, 1024>;

std::string_view read_file(const std::string& path, Buffer& buffer) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  const ssize_t size = ::read(file, buffer.data(), buffer.size());
  ::close(file);
  return size > 0 ? std::string_view(buffer.data(), static_cast<size_t>(size)) : std::string_view();
}

}  // namespace

std::optional<ThreadActivity> thread_activity(int thread_id) {
  const std::string folder = "/proc/self/task/" + std::to_string(thread_id);
  Buffer buffer;
  // "4711 (name) S ...": the name may hold anything, so the last parenthesis counts.
  const std::string_view stat = read_file(folder + "/stat", buffer);
  const size_t end = stat.rfind(") ");
  if (end == std::string_view::npos || end + 2 >= stat.size()) return std::nullopt;
  ThreadActivity activity;
  activity.runnable = stat[end + 2] == 'R';
  const std::string_view times = read_file(folder + "/schedstat", buffer);
  if (std::from_chars(times.data(), times.data() + times.size(), activity.cpu_ns).ec != std::errc())
    return std::nullopt;
  return activity;
}

}  // namespace patchbay::plugin_bridge
