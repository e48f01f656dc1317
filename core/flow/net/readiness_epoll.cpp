#include "net/readiness.h"

#if defined(__linux__) && !defined(PATCHBAY_PORTABLE_READINESS)

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/assert.h"
#include "base/full_fence.h"
#include "net/system_calls.h"
#include "net/unique_fd.h"

namespace patchbay::net {

namespace {
constexpr int kEventsPerWait = 256;
constexpr uint32_t kInterest = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

/// Marks an entry of watch(): pointers are even.
void* marked(ReadinessEntry& entry) {
  return reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(&entry) | 1);
}
ReadinessEntry* unmarked(void* pointer) {
  const auto value = reinterpret_cast<uintptr_t>(pointer);
  return (value & 1) == 0 ? nullptr : reinterpret_cast<ReadinessEntry*>(value & ~uintptr_t{1});
}

uint32_t meaning(uint32_t events) {
  uint32_t what = 0;
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) what |= ReadinessEntry::kEnded | ReadinessEntry::kReadable;
  if ((events & EPOLLIN) != 0) what |= ReadinessEntry::kReadable;
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) what |= ReadinessEntry::kWritable;
  return what;
}
}  // namespace

struct Readiness::Poller {
  UniqueFd epoll{epoll_create1(EPOLL_CLOEXEC)};
  UniqueFd wake{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  std::array<epoll_event, kEventsPerWait> events;
  int count = 0;
  int next = 0;

  /// Tells the entries of watch() and takes them out of what was collected.
  void tell_watchers() {
    int kept = 0;
    for (int at = 0; at < count; ++at) {
      const epoll_event& event = events[static_cast<size_t>(at)];
      ReadinessEntry* const watcher = unmarked(event.data.ptr);
      if (watcher != nullptr) {
        watcher->on_ready(ReadinessEntry::kReadable);
      } else {
        events[static_cast<size_t>(kept++)] = event;
      }
    }
    count = kept;
  }
};

Readiness::Readiness(const base::ShardServices& services) : services_(services), poller_(std::make_unique<Poller>()) {
  PATCHBAY_ASSERT(poller_->epoll && poller_->wake);
  // Edge-triggered: each write to the eventfd wakes anew, so it is never read.
  epoll_event event{EPOLLIN | EPOLLET, {.ptr = nullptr}};
  PATCHBAY_ASSERT(epoll_ctl(poller_->epoll.get(), EPOLL_CTL_ADD, poller_->wake.get(), &event) == 0);
}

Readiness::~Readiness() = default;

bool Readiness::add(int fd, ReadinessEntry& entry) {
  epoll_event event{kInterest, {.ptr = &entry}};
  return epoll_ctl(poller_->epoll.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Readiness::remove(int fd, ReadinessEntry& entry, bool closing) {
  forget_turn(entry);
  for (int at = poller_->next; at < poller_->count; ++at) {
    if (poller_->events[static_cast<size_t>(at)].data.ptr == &entry) {
      poller_->events[static_cast<size_t>(at)].data.ptr = nullptr;
    }
  }
  if (!closing) epoll_ctl(poller_->epoll.get(), EPOLL_CTL_DEL, fd, nullptr);
}

void Readiness::read_drained(int, ReadinessEntry&) {}
void Readiness::write_blocked(int, ReadinessEntry&) {}

bool Readiness::begin_sleep() {
  // One fence for all: either a waker sees that we sleep and writes to the eventfd, or we see here that it has been.
  sleeping_.store(true, std::memory_order_relaxed);
  for (Readiness* const other : watched_) other->sleeping_.store(true, std::memory_order_relaxed);
  base::full_fence();
  return !woken() &&
         std::none_of(watched_.begin(), watched_.end(), [](const Readiness* other) { return other->woken(); });
}

void Readiness::end_sleep() {
  sleeping_.store(false, std::memory_order_relaxed);
  for (Readiness* const other : watched_) other->sleeping_.store(false, std::memory_order_relaxed);
}

size_t Readiness::wait(int timeout_ms) {
  const bool may_sleep = timeout_ms != 0;
  if (may_sleep && !begin_sleep()) timeout_ms = 0;
  const int count = wait_for_events(poller_->epoll.get(), poller_->events.data(), kEventsPerWait, timeout_ms);
  if (may_sleep) end_sleep();
  PATCHBAY_ASSERT(count >= 0 || errno == EINTR);
  poller_->next = 0;
  poller_->count = count < 0 ? 0 : count;
  if (!watched_.empty()) poller_->tell_watchers();
  return static_cast<size_t>(poller_->count);
}

bool Readiness::collect() {
  return wait(0) < kEventsPerWait;
}

const bool Readiness::kCanWatchOthers = true;

bool Readiness::watch(Readiness& other, ReadinessEntry& entry) {
  // Edge-triggered: each event of the other descriptor is told anew, and asking for it is left to the entry.
  epoll_event event{EPOLLIN | EPOLLET, {.ptr = marked(entry)}};
  if (epoll_ctl(poller_->epoll.get(), EPOLL_CTL_ADD, other.poller_->epoll.get(), &event) != 0) return false;
  watched_.push_back(&other);
  return true;
}

void Readiness::unwatch(Readiness& other) {
  epoll_ctl(poller_->epoll.get(), EPOLL_CTL_DEL, other.poller_->epoll.get(), nullptr);
  std::erase(watched_, &other);
}

void Readiness::dispatch() {
  while (poller_->next < poller_->count) {
    const epoll_event& event = poller_->events[static_cast<size_t>(poller_->next++)];
    auto* entry = static_cast<ReadinessEntry*>(event.data.ptr);
    if (entry != nullptr) entry->on_ready(meaning(event.events));
  }
  run_turns();
}

void Readiness::wake() {
  woken_.store(true, std::memory_order_seq_cst);
  if (!sleeping_.load(std::memory_order_seq_cst)) return;             // mostly: it costs no locked operation
  if (!sleeping_.exchange(false, std::memory_order_seq_cst)) return;  // another one has written already
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(poller_->wake.get(), &one, sizeof(one));
}

}  // namespace patchbay::net

#endif
