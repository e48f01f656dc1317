#include "plugin_services/fd_service.h"

#include <fcntl.h>
#include <poll.h>

#include <utility>

#include "net/readiness.h"

namespace patchbay::plugin_services {

using net::Readiness;
using plugin_bridge::Held;

namespace {
constexpr unsigned kShardShift = 48;
constexpr uint64_t kSequenceMask = (uint64_t{1} << kShardShift) - 1;
constexpr uint32_t kKnownEvents = PATCHBAY_FD_READ | PATCHBAY_FD_WRITE | PATCHBAY_FD_ERROR;

uint32_t shard_of(uint64_t watch) {
  return static_cast<uint32_t>(watch >> kShardShift);
}

short poll_events(uint32_t events) {
  return static_cast<short>(((events & PATCHBAY_FD_READ) != 0 ? POLLIN : 0) |
                            ((events & PATCHBAY_FD_WRITE) != 0 ? POLLOUT : 0));
}

uint32_t fd_events(int polled) {
  return ((polled & POLLIN) != 0 ? PATCHBAY_FD_READ : 0) | ((polled & POLLOUT) != 0 ? PATCHBAY_FD_WRITE : 0) |
         ((polled & (POLLERR | POLLHUP | POLLNVAL)) != 0 ? PATCHBAY_FD_ERROR : 0);
}
}  // namespace

/// One descriptor in the loop of its shard. Everything but `events` and `ended` belongs to that shard.
class FdService::Watch final : public net::ReadinessEntry, public std::enable_shared_from_this<Watch> {
 public:
  Watch(ServiceAccount& account, uint64_t id, int fd, uint32_t events, patchbay_fd_fn function, void* self)
      : account_(account), id_(id), fd_(fd), function_(function), self_(self), events_(events) {}
  ~Watch() override = default;

  [[nodiscard]] uint64_t id() const { return id_; }
  void set_events(uint32_t events) { events_.store(events, std::memory_order_relaxed); }
  /// From any thread; the shard hears of it by mail.
  void mark_ended() { ended_.store(true, std::memory_order_release); }

  /// False: the system refuses.
  bool begin() {
    if (ended()) return true;
    added_ = Readiness::current().add(fd_, *this);
    // Edges that came before are not told.
    if (added_) Readiness::current().request_turn(*this);
    return added_;
  }
  void tell_refused() { tell(PATCHBAY_FD_ERROR); }
  void look_again() {
    if (added_ && !ended()) Readiness::current().request_turn(*this);
  }
  void end() {
    mark_ended();
    if (std::exchange(added_, false)) Readiness::current().remove(fd_, *this, false);
  }

  void on_ready(uint32_t) override { look(); }
  void on_turn() override { look(); }

 private:
  [[nodiscard]] bool ended() const { return ended_.load(std::memory_order_acquire); }

  void look() {
    const std::shared_ptr<Watch> kept = shared_from_this();  // the callback may end its own watch
    const uint32_t wanted = events_.load(std::memory_order_relaxed);
    if (ended() || wanted == 0) return;
    pollfd question{fd_, poll_events(wanted), 0};
    const uint32_t found = poll(&question, 1, 0) > 0 ? fd_events(question.revents) : 0;
    if (found != 0) {
      tell(found);
      look_again();
      return;
    }
    Readiness& readiness = Readiness::current();
    if ((wanted & PATCHBAY_FD_READ) != 0) readiness.read_drained(fd_, *this);
    if ((wanted & PATCHBAY_FD_WRITE) != 0) readiness.write_blocked(fd_, *this);
  }
  void tell(uint32_t found) {
    if (ended()) return;
    account_.call(Door::fd_watch, [&] { function_(self_, id_, fd_, found); });
  }

  ServiceAccount& account_;
  const uint64_t id_;
  const int fd_;
  const patchbay_fd_fn function_;
  void* const self_;
  std::atomic<uint32_t> events_;
  std::atomic<bool> ended_{false};
  bool added_ = false;
};

FdService::FdService(ServiceAccount& account, const ServiceShards& shards)
    : account_(account),
      shards_(shards),
      quota_(account.limits.max_fd_watches, account.refusals, Refusal::fd_watches),
      tables_(shards.count()) {}

FdService::~FdService() {
  for (const Table& table : tables_) PATCHBAY_ASSERT(table.watches.empty());
}

void FdService::forget() {
  account_.held.remove(Held::fd_watches);
  quota_.give_back();
}

FdService::WatchRef FdService::find(uint64_t watch) {
  if (shard_of(watch) >= tables_.size()) return nullptr;
  Table& table = tables_[shard_of(watch)];
  const std::lock_guard lock(table.mutex);
  const auto found = table.watches.find(watch);
  return found == table.watches.end() ? nullptr : found->second;
}

FdService::WatchRef FdService::take(uint64_t watch) {
  if (shard_of(watch) >= tables_.size()) return nullptr;
  Table& table = tables_[shard_of(watch)];
  const std::lock_guard lock(table.mutex);
  const auto found = table.watches.find(watch);
  if (found == table.watches.end()) return nullptr;
  WatchRef taken = std::move(found->second);
  table.watches.erase(found);
  return taken;
}

patchbay_status FdService::watch(uint32_t shard, int32_t fd, uint32_t events, patchbay_fd_fn function, void* self,
                                 uint64_t& watch) {
  if (!account_.takes_work()) return PATCHBAY_CLOSED;
  if (function == nullptr || shard >= shards_.count() || (events & ~kKnownEvents) != 0 || fcntl(fd, F_GETFD) == -1) {
    return account_.invalid("a watch names no function, a shard that doesn't exist, unknown events, or no descriptor");
  }
  if (!quota_.take()) return PATCHBAY_BUSY;
  const uint64_t sequence = next_.fetch_add(1, std::memory_order_relaxed) & kSequenceMask;
  watch = (uint64_t{shard} << kShardShift) | sequence;
  auto entry = std::make_shared<Watch>(account_, watch, fd, events, function, self);
  account_.held.add(Held::fd_watches);
  {
    const std::lock_guard lock(tables_[shard].mutex);
    tables_[shard].watches.emplace(watch, entry);
  }
  if (base::current_shard() != shard) {
    shards_.run(shard, [entry = std::move(entry)] {
      if (!entry->begin()) entry->tell_refused();
    });
    return PATCHBAY_OK;
  }
  if (entry->begin()) return PATCHBAY_OK;
  static_cast<void>(take(watch));
  forget();
  return account_.invalid("the system cannot watch this descriptor");
}

patchbay_status FdService::change(uint64_t watch, uint32_t events) {
  const WatchRef entry = find(watch);
  if (entry == nullptr) return PATCHBAY_NOT_FOUND;
  entry->set_events(events & kKnownEvents);
  if (base::current_shard() == shard_of(watch)) {
    entry->look_again();
  } else {
    shards_.run(shard_of(watch), [entry] { entry->look_again(); });
  }
  return PATCHBAY_OK;
}

patchbay_status FdService::unwatch(uint64_t watch, void (*done)(void*), void* self) {
  WatchRef entry = take(watch);
  if (entry == nullptr) return PATCHBAY_NOT_FOUND;
  entry->mark_ended();
  auto finish = [this, entry = std::move(entry), done, self] {
    entry->end();
    if (done != nullptr) account_.call(Door::fd_watch, [&] { done(self); });
    forget();
  };
  if (base::current_shard() == shard_of(watch)) {
    finish();
  } else {
    shards_.run(shard_of(watch), std::move(finish));
  }
  return PATCHBAY_OK;
}

void FdService::stop_on_shard() {
  Table& table = tables_[base::current_shard()];
  std::unordered_map<uint64_t, WatchRef> watches;
  {
    const std::lock_guard lock(table.mutex);
    watches.swap(table.watches);
  }
  for (const auto& [id, entry] : watches) {
    entry->end();
    forget();
  }
}

}  // namespace patchbay::plugin_services
