#include "net/readiness.h"

#if !defined(__linux__) || defined(PATCHBAY_PORTABLE_READINESS)

#define ASIO_STANDALONE
#define ASIO_NO_DEPRECATED
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <chrono>
#include <unordered_map>
#include <utility>

#include "base/assert.h"

namespace patchbay::net {

/// Asio's waits are for one event and tell of a state, not of a change: each is armed again only when a read or write
/// has found nothing more to do, which makes them edge-triggered for their users.
struct Readiness::Poller {
  struct Watch {
    Watch(asio::io_context& io, ReadinessEntry& of) : descriptor(io), entry(&of) {}
    asio::posix::stream_descriptor descriptor;
    ReadinessEntry* entry;  // null when removed
    bool reading = false;
    bool writing = false;
  };
  using WatchRef = std::shared_ptr<Watch>;

  void arm(const WatchRef& watch, bool& armed, asio::posix::stream_descriptor::wait_type type, uint32_t what) {
    if (std::exchange(armed, true)) return;
    watch->descriptor.async_wait(type, [this, watch, &armed, what](const asio::error_code& error) {
      armed = false;
      if (!error && watch->entry != nullptr) ready.emplace_back(watch, what);
    });
  }
  void arm_read(const WatchRef& watch) {
    arm(watch, watch->reading, asio::posix::stream_descriptor::wait_read, ReadinessEntry::kReadable);
  }
  void arm_write(const WatchRef& watch) {
    arm(watch, watch->writing, asio::posix::stream_descriptor::wait_write, ReadinessEntry::kWritable);
  }

  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::unordered_map<int, WatchRef> watches;
  std::vector<std::pair<WatchRef, uint32_t>> ready;
};

Readiness::Readiness(const base::ShardServices& services) : services_(services), poller_(std::make_unique<Poller>()) {}

Readiness::~Readiness() = default;

bool Readiness::add(int fd, ReadinessEntry& entry) {
  auto watch = std::make_shared<Poller::Watch>(poller_->io, entry);
  asio::error_code error;
  watch->descriptor.assign(fd, error);
  if (error) return false;
  poller_->watches[fd] = watch;
  poller_->arm_read(watch);
  return true;
}

void Readiness::remove(int fd, ReadinessEntry& entry, bool) {
  forget_turn(entry);
  const auto found = poller_->watches.find(fd);
  if (found == poller_->watches.end()) return;
  found->second->entry = nullptr;
  found->second->descriptor.release();
  poller_->watches.erase(found);
}

void Readiness::read_drained(int fd, ReadinessEntry&) {
  const auto found = poller_->watches.find(fd);
  if (found != poller_->watches.end()) poller_->arm_read(found->second);
}

void Readiness::write_blocked(int fd, ReadinessEntry&) {
  const auto found = poller_->watches.find(fd);
  if (found != poller_->watches.end()) poller_->arm_write(found->second);
}

size_t Readiness::wait(int timeout_ms) {
  if (timeout_ms < 0) {
    poller_->io.run_one();
  } else if (timeout_ms > 0) {
    poller_->io.run_one_for(std::chrono::milliseconds(timeout_ms));
  }
  poller_->io.poll();
  return poller_->ready.size();
}

bool Readiness::collect() {
  wait(0);
  return true;
}

bool Readiness::has_collected() const {
  return !poller_->ready.empty();
}

const bool Readiness::kCanWatchOthers = false;

bool Readiness::watch(Readiness&, ReadinessEntry&) {
  return false;
}

void Readiness::unwatch(Readiness&) {}

void Readiness::dispatch() {
  const auto ready = std::exchange(poller_->ready, {});
  for (const auto& [watch, what] : ready) {
    if (watch->entry != nullptr) watch->entry->on_ready(what);
  }
  run_turns();
}

void Readiness::wake() {
  woken_.store(true, std::memory_order_seq_cst);
  asio::post(poller_->io, [] {});
}

}  // namespace patchbay::net

#endif
