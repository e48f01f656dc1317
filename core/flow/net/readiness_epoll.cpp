#include "net/readiness.h"

#if defined(__linux__) && !defined(PATCHBAY_PORTABLE_READINESS)

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/assert.h"
#include "base/full_fence.h"
#include "net/system_calls.h"
#include "net/unique_fd.h"

namespace patchbay::net {

namespace {
constexpr int kEventsPerWait = 256;
constexpr uint32_t kInterest = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
constexpr uint32_t kNoInterest = EPOLLET;

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

  void put(const epoll_event& event) {
    PATCHBAY_ASSERT(count < kEventsPerWait);  // dispatched after each wait, and one wait brings no more
    events[static_cast<size_t>(count++)] = event;
  }
  [[nodiscard]] bool control(int operation, int fd, uint32_t interest, ReadinessEntry& entry) const {
    epoll_event event{interest, {.ptr = &entry}};
    return epoll_ctl(epoll.get(), operation, fd, &event) == 0;
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
  return poller_->control(EPOLL_CTL_ADD, fd, kInterest, entry);
}

void Readiness::remove(int fd, ReadinessEntry& entry, bool closing) {
  forget_turn(entry);
  for (int at = poller_->next; at < poller_->count; ++at) {
    if (poller_->events[static_cast<size_t>(at)].data.ptr == &entry) {
      poller_->events[static_cast<size_t>(at)].data.ptr = nullptr;
    }
  }
  if (!closing) epoll_ctl(poller_->epoll.get(), EPOLL_CTL_DEL, fd, nullptr);
  if (entry.found_by_ == 0) return;
  if (!closing) epoll_ctl(watcher_->poller_->epoll.get(), EPOLL_CTL_DEL, fd, nullptr);
  entry.found_by_ = 0;
  *std::find(taken_.begin(), taken_.end(), &entry) = taken_.back();
  taken_.pop_back();
}

void Readiness::read_drained(int, ReadinessEntry&) {}
void Readiness::write_blocked(int, ReadinessEntry&) {}

bool Readiness::begin_sleep() {
  // One fence for all: either a waker sees that we sleep and writes to the eventfd, or we see here that it has been.
  sleeping_.store(true, std::memory_order_relaxed);
  for (Readiness* const other : watched_) {
    if (other != nullptr) other->sleeping_.store(true, std::memory_order_relaxed);
  }
  base::full_fence();
  return !woken() && std::none_of(watched_.begin(), watched_.end(),
                                  [](const Readiness* other) { return other != nullptr && other->woken(); });
}

void Readiness::end_sleep() {
  sleeping_.store(false, std::memory_order_relaxed);
  for (Readiness* const other : watched_) {
    if (other != nullptr) other->sleeping_.store(false, std::memory_order_relaxed);
  }
}

size_t Readiness::wait(int timeout_ms) {
  const bool may_sleep = timeout_ms != 0;
  if (may_sleep && !begin_sleep()) timeout_ms = 0;
  const int count = wait_for_events(poller_->epoll.get(), poller_->events.data(), kEventsPerWait, timeout_ms);
  if (may_sleep) end_sleep();
  PATCHBAY_ASSERT(count >= 0 || errno == EINTR);
  poller_->next = 0;
  poller_->count = count < 0 ? 0 : count;
  if (!watched_.empty()) hand_out();
  return static_cast<size_t>(poller_->count);
}

/// Of what was collected, what belongs to others goes to them.
void Readiness::hand_out() {
  const int count = std::exchange(poller_->count, 0);
  for (int at = 0; at < count; ++at) {
    const epoll_event& event = poller_->events[static_cast<size_t>(at)];
    if (ReadinessEntry* const watcher = unmarked(event.data.ptr)) {
      watcher->on_ready(ReadinessEntry::kReadable);
      continue;
    }
    const auto* const entry = static_cast<const ReadinessEntry*>(event.data.ptr);
    const uint32_t found_by = entry == nullptr ? 0 : entry->found_by_;
    (found_by == 0 ? *this : *watched_[found_by - 1]).poller_->put(event);
  }
}

bool Readiness::has_collected() const {
  return poller_->next < poller_->count;
}

bool Readiness::collect() {
  PATCHBAY_ASSERT(poller_->next == 0);
  const int first = poller_->count;
  const int most = kEventsPerWait - first;
  if (most == 0) return false;
  const int count = wait_for_events(poller_->epoll.get(), poller_->events.data() + first, most, 0);
  PATCHBAY_ASSERT(count >= 0 || errno == EINTR);
  if (count > 0) poller_->count += count;
  if (watcher_ != nullptr) take_found(first);
  return count < most;
}

/// From now on, the watcher's wait finds the descriptors of what has been collected from `first` on.
void Readiness::take_found(int first) {
  for (int at = first; at < poller_->count; ++at) {
    auto* const entry = static_cast<ReadinessEntry*>(poller_->events[static_cast<size_t>(at)].data.ptr);
    if (entry == nullptr || entry->found_by_ != 0) continue;  // the wake's; one that has ended is told here too
    const int fd = entry->descriptor();
    if (fd < 0 || taken_.size() >= kMostTaken) continue;
    // It stays registered here, without interest, so that giving it back needs no memory. What happens until then is
    // told by both.
    if (!watcher_->poller_->control(EPOLL_CTL_ADD, fd, kInterest, *entry)) continue;
    static_cast<void>(poller_->control(EPOLL_CTL_MOD, fd, kNoInterest, *entry));
    entry->found_by_ = watcher_place_ & ReadinessEntry::kMostWatched;
    taken_.push_back(entry);
  }
}

/// What happens in between is told anew by whoever it is registered with next.
void Readiness::give_back_all() {
  for (ReadinessEntry* const entry : taken_) {
    epoll_ctl(watcher_->poller_->epoll.get(), EPOLL_CTL_DEL, entry->descriptor(), nullptr);
    static_cast<void>(poller_->control(EPOLL_CTL_MOD, entry->descriptor(), kInterest, *entry));
    entry->found_by_ = 0;
  }
  taken_.clear();
}

const bool Readiness::kCanWatchOthers = true;

bool Readiness::watch(Readiness& other, ReadinessEntry& entry) {
  const auto place = std::find(watched_.begin(), watched_.end(), nullptr);
  if (place == watched_.end() && watched_.size() == ReadinessEntry::kMostWatched) return false;
  // Edge-triggered: each event of the other descriptor is told anew, and asking for it is left to the entry.
  epoll_event event{EPOLLIN | EPOLLET, {.ptr = marked(entry)}};
  if (epoll_ctl(poller_->epoll.get(), EPOLL_CTL_ADD, other.poller_->epoll.get(), &event) != 0) return false;
  other.watcher_ = this;
  other.watcher_place_ = static_cast<uint32_t>(place - watched_.begin()) + 1;
  if (place == watched_.end()) {
    watched_.push_back(&other);
  } else {
    *place = &other;
  }
  return true;
}

void Readiness::unwatch(Readiness& other) {
  PATCHBAY_ASSERT(other.watcher_ == this);
  other.give_back_all();
  epoll_ctl(poller_->epoll.get(), EPOLL_CTL_DEL, other.poller_->epoll.get(), nullptr);
  watched_[other.watcher_place_ - 1] = nullptr;
  while (!watched_.empty() && watched_.back() == nullptr) watched_.pop_back();
  other.watcher_ = nullptr;
  other.watcher_place_ = 0;
}

void Readiness::dispatch() {
  while (poller_->next < poller_->count) {
    const epoll_event& event = poller_->events[static_cast<size_t>(poller_->next++)];
    auto* entry = static_cast<ReadinessEntry*>(event.data.ptr);
    if (entry != nullptr) entry->on_ready(meaning(event.events));
  }
  poller_->next = poller_->count = 0;
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
