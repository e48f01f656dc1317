#include "admin/system_facts.h"

#include <sys/resource.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>

namespace patchbay::admin {

namespace {

/// "Name:   123 kB" -> 123 * 1024; "Name: 12" -> 12.
bool read_value(const std::string& line, std::string_view name, uint64_t& value) {
  if (!line.starts_with(name)) return false;
  value = std::strtoull(line.c_str() + name.size(), nullptr, 10);
  if (line.ends_with(" kB")) value *= 1024;
  return true;
}

}  // namespace

SystemFacts system_facts() {
  SystemFacts facts;
  std::array<double, 3> loads{};
  if (::getloadavg(loads.data(), 3) == 3) {
    facts.load1 = loads[0];
    facts.load5 = loads[1];
    facts.load15 = loads[2];
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) facts.max_fds = limit.rlim_cur;
  std::string line;
  std::ifstream memory("/proc/meminfo");
  while (std::getline(memory, line) && !read_value(line, "MemTotal:", facts.memory_total_bytes)) {
  }
  std::ifstream process("/proc/self/status");
  while (std::getline(process, line)) {
    read_value(line, "VmRSS:", facts.memory_used_bytes);
    read_value(line, "Threads:", facts.threads);
  }
  return facts;
}

std::string memory_text(uint64_t bytes) {
  struct Unit {
    uint64_t bytes;
    char letter;
  };
  constexpr Unit kUnits[] = {{1ull << 40, 'T'}, {1ull << 30, 'G'}, {1ull << 20, 'M'}, {1ull << 10, 'K'}};
  std::array<char, 32> text{};
  for (const Unit& unit : kUnits) {
    if (bytes < unit.bytes) continue;
    std::snprintf(text.data(), text.size(), "%.2f%c", static_cast<double>(bytes) / static_cast<double>(unit.bytes),
                  unit.letter);
    return text.data();
  }
  return std::to_string(bytes);
}

}  // namespace patchbay::admin
