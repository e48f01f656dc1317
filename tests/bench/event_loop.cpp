#include "bench/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>

#include "bench/clock.h"

namespace patchbay::bench {
namespace {

constexpr std::size_t kInitialReadBuffer = 256 * 1024;
constexpr std::size_t kEventsPerTurn = 256;

void control(int epoll, int operation, int fd, std::uint32_t events, void* target) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = target;
  if (epoll_ctl(epoll, operation, fd, &event) != 0) throw std::runtime_error("epoll_ctl failed");
}

}  // namespace

EventLoop::EventLoop()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      read_buffer_(kInitialReadBuffer) {
  if (epoll_ < 0 || wake_event_ < 0) throw std::runtime_error("no descriptors left for an event loop");
  control(epoll_, EPOLL_CTL_ADD, wake_event_, EPOLLIN, nullptr);
}

EventLoop::~EventLoop() {
  close(wake_event_);
  close(epoll_);
}

void EventLoop::add(int fd, std::uint32_t events, EventTarget& target) {
  control(epoll_, EPOLL_CTL_ADD, fd, events, &target);
}

void EventLoop::modify(int fd, std::uint32_t events, EventTarget& target) {
  control(epoll_, EPOLL_CTL_MOD, fd, events, &target);
}

void EventLoop::turn(std::int64_t wait_ns) {
  thread_local std::array<epoll_event, kEventsPerTurn> events;
  timespec timeout{wait_ns / kNanosecondsPerSecond, wait_ns % kNanosecondsPerSecond};
  int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  if (count < 0 && errno != EINTR) throw std::runtime_error("epoll_pwait2 failed");
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.ptr == nullptr) {
      std::uint64_t ignored = 0;
      [[maybe_unused]] ssize_t size = read(wake_event_, &ignored, sizeof(ignored));
    } else {
      static_cast<EventTarget*>(event.data.ptr)->on_events(event.events);
    }
  }
}

void EventLoop::wake() {
  std::uint64_t one = 1;
  [[maybe_unused]] ssize_t size = write(wake_event_, &one, sizeof(one));
}

std::uint8_t* EventLoop::read_buffer(std::size_t size) {
  if (read_buffer_.size() < size) read_buffer_.resize(size);
  return read_buffer_.data();
}

void use_precise_timers() {
  // The default slack of 50 us would bunch the sends of an open loop.
  prctl(PR_SET_TIMERSLACK, 1);
#ifdef SYS_sched_setattr
  // The tool shares the machine with what it measures: a delay of its own, behind another thread's slice of 3 ms, would
  // be told as the broker's. sched_setattr(2), Linux 6.12 and later; elsewhere nothing changes.
  struct {
    std::uint32_t size = 48;
    std::uint32_t policy = 0;
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t slice_ns = 0;
    std::uint64_t unused[2] = {};
  } wanted;
  if (syscall(SYS_sched_getattr, 0, &wanted, sizeof wanted, 0) != 0 || wanted.policy != 0) return;
  wanted.slice_ns = 100'000;
  syscall(SYS_sched_setattr, 0, &wanted, 0);
#endif
}

}  // namespace patchbay::bench
