#include "bench/process_stats.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

namespace patchbay::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kFieldsBeforeUserTime = 11;  // of /proc/<pid>/stat, counted from the one after the name
constexpr double kMicrosecondsPerSecond = 1e6;

std::string read_text(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::optional<ThreadCpu> read_cpu(const fs::path& stat_file) {
  std::string text = read_text(stat_file);
  // The name stands in parentheses and may hold any character, these too.
  auto open = text.find('(');
  auto end = text.rfind(')');
  if (open == std::string::npos || end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(end + 1));
  std::string skipped;
  for (int i = 0; i < kFieldsBeforeUserTime; ++i) fields >> skipped;
  double user_ticks = 0;
  double system_ticks = 0;
  if (!(fields >> user_ticks >> system_ticks)) return std::nullopt;
  double tick_us = kMicrosecondsPerSecond / static_cast<double>(sysconf(_SC_CLK_TCK));
  return ThreadCpu{0, text.substr(open + 1, end - open - 1), user_ticks * tick_us, system_ticks * tick_us};
}

void read_threads(const fs::path& process, ProcessSample& sample) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(process / "task", error)) {
    auto cpu = read_cpu(entry.path() / "stat");
    if (!cpu) continue;
    cpu->thread_id = std::atoi(entry.path().filename().c_str());
    sample.threads.push_back(*cpu);
    double run_ns = 0;
    std::istringstream(read_text(entry.path() / "schedstat")) >> run_ns;
    sample.run_us += run_ns / 1000;
  }
}

void read_memory(const fs::path& process, ProcessSample& sample) {
  std::istringstream pages(read_text(process / "statm"));
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  pages >> total >> resident;
  sample.rss_bytes = resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  std::istringstream lines(read_text(process / "smaps_rollup"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key;
    std::uint64_t kibibytes = 0;
    words >> key >> kibibytes;
    if (key == "Pss:") sample.pss_bytes = kibibytes * 1024;
    if (key == "Private_Clean:" || key == "Private_Dirty:") sample.private_bytes += kibibytes * 1024;
  }
}

}  // namespace

ProcessSample sample_process(const BrokerProcess& broker) {
  ProcessSample sample;
  if (broker.pid <= 0) return sample;
  fs::path process = "/proc/" + std::to_string(broker.pid);
  auto cpu = read_cpu(process / "stat");
  if (!cpu) return sample;
  sample.valid = true;
  sample.user_us = cpu->user_us;
  sample.system_us = cpu->system_us;
  read_threads(process, sample);
  read_memory(process, sample);
  if (!broker.user_time_file.empty()) sample.user_time = read_user_time(broker.user_time_file);
  return sample;
}

double own_cpu_us() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto microseconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * kMicrosecondsPerSecond + static_cast<double>(time.tv_usec);
  };
  return microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
}

}  // namespace patchbay::bench
