// Loaded into a broker (LD_PRELOAD), adds up the time that its threads spend in user mode between their system calls,
// by the processor's stamp counter, where the kernel's own figure is a sample of 250 or so a second. Any broker that
// calls the C library does.
//
// The calls below are noted as they begin and end. What lies between the end of one and the begin of the next is user
// time, this library's own work included, and calls that are not among them. The way from the last note into the kernel
// and back to the next one is in no figure. An
// interval longer than kLongestUs was no work alone (the thread waited in another call, or had no processor) and is
// counted, but not added.
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdlib>
#include <ctime>
#include <new>

#include "bench/user_time/layout.h"

namespace {

using namespace patchbay::bench::user_time;

constexpr std::uint64_t kLongestUs = 65;
constexpr std::int64_t kCalibrationNs = 2'000'000;

Layout* layout = nullptr;
std::uint64_t longest_ticks = 0;
thread_local ThreadTime* mine = nullptr;
thread_local bool placed = false;
thread_local std::uint64_t ended_at = 0;

std::int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

void calibrate() {
  const std::int64_t from_ns = now_ns();
  const std::uint64_t from = stamp();
  while (now_ns() - from_ns < kCalibrationNs) {
  }
  longest_ticks = (stamp() - from) * kLongestUs * 1'000 / kCalibrationNs;
}

__attribute__((constructor)) void begin() {
  const char* path = std::getenv("PATCHBAY_USER_TIME_FILE");
  if (path == nullptr) return;
  const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || ftruncate(fd, sizeof(Layout)) != 0) std::abort();  // a figure is wanted, and there would be none
  void* memory = mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (memory == MAP_FAILED) std::abort();
  calibrate();
  auto* made = new (memory) Layout;
  made->magic.store(kMagic, std::memory_order_release);
  layout = made;
}

void place() {
  placed = true;
  if (layout == nullptr) return;
  const std::uint32_t number = layout->threads.fetch_add(1);
  if (number < kThreads) mine = &layout->thread[number];
}

void add(std::atomic<std::uint64_t>& counter, std::uint64_t amount) {
  counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

void call_begins() {
  if (!placed) place();
  if (mine == nullptr || ended_at == 0) return;
  add(mine->calls, 1);
  const std::uint64_t ticks = stamp() - ended_at;
  if (ticks > longest_ticks) {
    add(mine->left_out, 1);
  } else {
    add(mine->ticks, ticks);
  }
}

void call_ends() {
  ended_at = stamp();
}

template <class Function>
Function* real(Function*, const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

// NOLINTBEGIN: one shape for all
#define PATCHBAY_NOTED(result, name, parameters, arguments) \
  extern "C" result name parameters {                       \
    static auto* const call = real(&::name, #name);         \
    call_begins();                                          \
    const result value = call arguments;                    \
    call_ends();                                            \
    return value;                                           \
  }

PATCHBAY_NOTED(int, epoll_wait, (int epoll, epoll_event* events, int most, int timeout), (epoll, events, most, timeout))
PATCHBAY_NOTED(int, epoll_pwait, (int epoll, epoll_event* events, int most, int timeout, const sigset_t* mask),
               (epoll, events, most, timeout, mask))
PATCHBAY_NOTED(int, poll, (pollfd * fds, nfds_t count, int timeout), (fds, count, timeout))
PATCHBAY_NOTED(ssize_t, recv, (int fd, void* into, size_t size, int flags), (fd, into, size, flags))
PATCHBAY_NOTED(ssize_t, recvmsg, (int fd, msghdr* message, int flags), (fd, message, flags))
PATCHBAY_NOTED(ssize_t, send, (int fd, const void* from, size_t size, int flags), (fd, from, size, flags))
PATCHBAY_NOTED(ssize_t, sendmsg, (int fd, const msghdr* message, int flags), (fd, message, flags))
PATCHBAY_NOTED(ssize_t, read, (int fd, void* into, size_t size), (fd, into, size))
PATCHBAY_NOTED(ssize_t, write, (int fd, const void* from, size_t size), (fd, from, size))
PATCHBAY_NOTED(ssize_t, readv, (int fd, const iovec* pieces, int count), (fd, pieces, count))
PATCHBAY_NOTED(ssize_t, writev, (int fd, const iovec* pieces, int count), (fd, pieces, count))
PATCHBAY_NOTED(int, nanosleep, (const timespec* time, timespec* left), (time, left))
PATCHBAY_NOTED(int, clock_nanosleep, (clockid_t clock, int flags, const timespec* time, timespec* left),
               (clock, flags, time, left))

// Patchbay's shards make their calls by this one.
extern "C" long syscall(long number, ...) noexcept {
  static auto* const call = reinterpret_cast<long (*)(long, ...)>(dlsym(RTLD_NEXT, "syscall"));
  va_list list;
  va_start(list, number);
  long arguments[6];
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  call_begins();
  const long value = call(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
  call_ends();
  return value;
}
// NOLINTEND
