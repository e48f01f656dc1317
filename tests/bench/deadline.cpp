#include "bench/deadline.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

namespace patchbay::bench {
namespace {

constexpr unsigned kGraceSeconds = 30;
constexpr int kHungExitCode = 3;

std::atomic<bool> interrupt_seen{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void on_interrupt(int) {
  interrupt_seen.store(true);
}

void on_alarm(int) {
  static const char text[] = "patchbay-bench: did not end by itself, giving up\n";
  [[maybe_unused]] ssize_t size = write(STDERR_FILENO, text, sizeof(text) - 1);
  _exit(kHungExitCode);
}

}  // namespace

void install_interrupts(double timeout_s) {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  std::signal(SIGALRM, on_alarm);
  alarm(static_cast<unsigned>(timeout_s) + kGraceSeconds);
}

bool interrupted() {
  return interrupt_seen.load();
}

}  // namespace patchbay::bench
