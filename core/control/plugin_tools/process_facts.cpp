#include "plugin_tools/process_facts.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace patchbay::plugin_tools {

namespace {

size_t entries(const char* folder) {
  std::error_code error;
  size_t count = 0;
  for (std::filesystem::directory_iterator it(folder, error), end; it != end && !error; it.increment(error)) ++count;
  return count;
}

}  // namespace

ProcessFacts ProcessFacts::now() {
  ProcessFacts facts;
  facts.threads = entries("/proc/self/task");
  facts.descriptors = entries("/proc/self/fd");
  std::ifstream statm("/proc/self/statm");
  uint64_t pages = 0;
  statm >> pages >> facts.resident_bytes;
  facts.resident_bytes *= static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  return facts;
}

bool is_mapped(const std::string& file) {
  std::error_code error;
  const std::string path = std::filesystem::canonical(file, error).string();
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (!path.empty() && line.ends_with(path)) return true;
  }
  return false;
}

}  // namespace patchbay::plugin_tools
