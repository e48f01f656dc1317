#pragma once

#include <cstdint>

#include "bench/clock.h"

namespace patchbay::bench {

// Installs SIGINT and SIGTERM as "stop and tell what you have", and a last alarm that ends the process if even that
// hangs.
void install_interrupts(double timeout_s);
bool interrupted();

// The end of a run, by the clock or by a signal. Copyable, any thread.
class Deadline {
 public:
  explicit Deadline(double seconds) : end_ns_(monotonic_ns() + seconds_to_ns(seconds)) {}
  bool passed() const { return interrupted() || monotonic_ns() >= end_ns_; }
  const char* reason() const { return interrupted() ? "interrupted" : "--timeout reached"; }

 private:
  std::int64_t end_ns_;
};

}  // namespace patchbay::bench
