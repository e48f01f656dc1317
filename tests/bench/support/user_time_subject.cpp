// Works a given time between two calls, over and over: what the library user_time adds up is known beforehand.
#include <poll.h>

#include <cstdlib>

#include "bench/clock.h"

int main(int argc, char** argv) {
  if (argc != 3) return 1;
  const std::int64_t work_ns = std::atoll(argv[1]) * 1'000;
  for (long calls = std::atol(argv[2]); calls > 0; --calls) {
    poll(nullptr, 0, 0);
    const std::int64_t end_ns = patchbay::bench::monotonic_ns() + work_ns;
    while (patchbay::bench::monotonic_ns() < end_ns) {
    }
  }
  poll(nullptr, 0, 0);
}
