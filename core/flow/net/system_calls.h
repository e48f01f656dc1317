#pragma once

// The system calls of the flow path, without what libc adds to them.
//
// libc's recv(), send() and epoll_wait() are cancellation points: in a process with threads each one calls two
// functions that look whether the thread is to be cancelled, more instructions than all else between the caller and the
// kernel. A shard's thread is never cancelled. Under a sanitizer, which watches libc's functions, these are used.

#include <sys/socket.h>
#include <sys/types.h>

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PATCHBAY_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define PATCHBAY_SANITIZER
#endif
#endif

#if defined(__linux__)
#include <sys/epoll.h>
#endif
#if defined(__linux__) && !defined(PATCHBAY_SANITIZER)
#include <sys/syscall.h>
#include <unistd.h>
#define PATCHBAY_RAW_SYSTEM_CALLS 1
#endif

namespace patchbay::net {

/// As recv(), errno included.
inline ssize_t receive_bytes(int fd, void* into, size_t size) {
#ifdef PATCHBAY_RAW_SYSTEM_CALLS
  return syscall(SYS_recvfrom, fd, into, size, 0, nullptr, nullptr);
#else
  return recv(fd, into, size, 0);
#endif
}

/// As send() with MSG_NOSIGNAL, errno included.
inline ssize_t send_bytes(int fd, const void* bytes, size_t size) {
#ifdef PATCHBAY_RAW_SYSTEM_CALLS
  return syscall(SYS_sendto, fd, bytes, size, MSG_NOSIGNAL, nullptr, 0);
#else
  return send(fd, bytes, size, MSG_NOSIGNAL);
#endif
}

#if defined(__linux__)
/// As epoll_wait(), errno included.
inline int wait_for_events(int epoll, epoll_event* events, int most, int timeout_ms) {
#ifdef PATCHBAY_RAW_SYSTEM_CALLS
  // Newer architectures have epoll_pwait only; without a signal mask it is the same.
  return static_cast<int>(syscall(SYS_epoll_pwait, epoll, events, most, timeout_ms, nullptr, size_t{0}));
#else
  return epoll_wait(epoll, events, most, timeout_ms);
#endif
}
#endif

}  // namespace patchbay::net
