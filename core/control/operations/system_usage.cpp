#include "operations/system_usage.h"

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

SystemCpu SystemCpu::now() {
  std::ifstream machine("/proc/stat");
  std::string name;
  SystemCpu cpu;
  machine >> name;
  // user, nice, system, idle, iowait, irq, softirq, steal
  for (int column = 0; column < 8; ++column) {
    uint64_t ticks = 0;
    machine >> ticks;
    const bool waits = column == 3 || column == 4;
    (waits ? cpu.idle : cpu.busy) += ticks;
  }
  return cpu;
}

double SystemCpu::use_percent_since(const SystemCpu& before) const {
  const uint64_t passed = (busy + idle) - (before.busy + before.idle);
  return passed == 0 ? 0 : 100.0 * static_cast<double>(busy - before.busy) / static_cast<double>(passed);
}

}  // namespace patchbay::operations
