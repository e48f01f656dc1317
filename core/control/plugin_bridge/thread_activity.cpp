#include "plugin_bridge/thread_activity.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

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
  // Three numbers: sched-stats.rst of the kernel's documentation.
  const std::string_view times = read_file(folder + "/schedstat", buffer);
  const char* at = times.data();
  for (uint64_t* each : {&activity.cpu_ns, &activity.waited_ns, &activity.runs}) {
    const auto [after, error] = std::from_chars(at, times.data() + times.size(), *each);
    if (error != std::errc()) return std::nullopt;
    at = after + 1;  // at most one behind the end, where the next number is missing
  }
  return activity;
}

std::vector<int> process_threads() {
  std::vector<int> ids;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task", error)) {
    const std::string name = entry.path().filename().string();
    int id = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), id).ec == std::errc()) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace patchbay::plugin_bridge
