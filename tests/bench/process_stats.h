#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/user_time/reader.h"

namespace patchbay::bench {

struct ThreadCpu {
  int thread_id = 0;
  std::string name;
  double user_us = 0;
  double system_us = 0;
};

// What the kernel knows about a process at one moment. User and system time come in steps of the kernel's tick (mostly
// 10 ms), so that differences of less than a second of CPU say little; run_us is exact but not split.
struct ProcessSample {
  bool valid = false;
  double user_us = 0;
  double system_us = 0;
  double run_us = 0;  // of the threads that live; 0 where the kernel does not tell
  std::uint64_t rss_bytes = 0;
  std::uint64_t pss_bytes = 0;      // 0 where smaps_rollup may not be read
  std::uint64_t private_bytes = 0;  // pages of no other process; 0 where smaps_rollup may not be read
  std::vector<ThreadCpu> threads;
  std::optional<UserTimeSample> user_time;  // where the process has the library user_time
};

// The process to look at.
struct BrokerProcess {
  pid_t pid = 0;
  std::string user_time_file;  // that its library user_time writes; empty: it has none
};

// pid 0 gives an invalid sample, as does a process that is gone.
ProcessSample sample_process(const BrokerProcess& broker);

// CPU time of this process so far, in us.
double own_cpu_us();

}  // namespace patchbay::bench
