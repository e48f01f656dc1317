#include "operations/system_memory.h"

#include <unistd.h>

#include <fstream>
#include <string>

namespace patchbay::operations {

SystemMemory SystemMemory::now() {
  SystemMemory memory;
  std::ifstream machine("/proc/meminfo");
  std::string name;
  std::string unit;
  uint64_t kibibytes = 0;
  while (machine >> name >> kibibytes) {
    if (name == "MemTotal:") memory.total_bytes = kibibytes * 1024;
    if (name == "MemAvailable:") memory.available_bytes = kibibytes * 1024;
    std::getline(machine, unit);
  }
  std::ifstream process("/proc/self/statm");
  uint64_t pages = 0;
  uint64_t resident_pages = 0;
  if (process >> pages >> resident_pages)
    memory.process_bytes = resident_pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  return memory;
}

}  // namespace patchbay::operations
