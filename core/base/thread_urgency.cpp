#include "base/thread_urgency.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <system_error>
#include <thread>

namespace patchbay::base {
namespace {

// How much nicer a patient thread is than the process. More would keep it from the processor for so long that others
// wait for a lock that it holds.
constexpr int kNiceMore = 10;
constexpr int kNicest = 19;

// The share of the processor that a thread asks for at a time. Of two threads the scheduler prefers the one with the
// shorter one, and interrupts the other for it: sched_setattr(2), sched(7). This is the shortest that Linux takes.
constexpr uint64_t kUrgentSliceNs = 100'000;

// The kernel's struct sched_attr in its first form; glibc 2.36 has none.
struct SchedulingAttributes {
  uint32_t size = sizeof(SchedulingAttributes);
  uint32_t policy = SCHED_OTHER;
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t runtime_ns = 0;
  uint64_t deadline_ns = 0;
  uint64_t period_ns = 0;
};

}  // namespace

void begin_urgent_thread(const char* name) {
  ::pthread_setname_np(::pthread_self(), name);
#ifdef SYS_sched_setattr
  SchedulingAttributes wanted;
  if (::syscall(SYS_sched_getattr, 0, &wanted, sizeof wanted, 0) != 0 || wanted.policy != SCHED_OTHER) return;
  wanted.runtime_ns = kUrgentSliceNs;
  // Refused: then it waits like any other thread.
  static_cast<void>(::syscall(SYS_sched_setattr, 0, &wanted, 0));
#endif
}

void begin_patient_thread(const char* name) {
  ::pthread_setname_np(::pthread_self(), name);
  // Linux has a nice value for each thread: 0 means the calling one, the process's number the first one. A thread that
  // a patient one has started has its value already, and gets no nicer.
  ::setpriority(PRIO_PROCESS, 0,
                std::min(::getpriority(PRIO_PROCESS, static_cast<id_t>(::getpid())) + kNiceMore, kNicest));
}

bool run_on_leftovers(int kernel_thread, bool leftovers) {
  const sched_param none{};
  return ::sched_setscheduler(kernel_thread, leftovers ? SCHED_IDLE : SCHED_OTHER, &none) == 0;
}

bool runs_on_leftovers(int kernel_thread) {
  return (::sched_getscheduler(kernel_thread) & ~SCHED_RESET_ON_FORK) == SCHED_IDLE;
}

bool may_run_on_leftovers() {
  if (runs_on_leftovers(::getpid())) return false;
  bool came_back = false;
  try {
    std::thread([&came_back] {
      begin_patient_thread("patience-trial");
      came_back = run_on_leftovers(0, true) && run_on_leftovers(0, false);
    }).join();
  } catch (const std::system_error&) {
    return false;  // no thread to be had
  }
  return came_back;
}

}  // namespace patchbay::base
