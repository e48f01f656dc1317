#include <netdb.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <utility>

#include "admin/http_front_state.h"
#include "base/thread_urgency.h"
#include "net/listener_socket.h"

namespace patchbay::admin {

namespace {

constexpr int kSweepMs = 250;
constexpr long kLateLookNs = 200'000;
constexpr size_t kEventsAtOnce = 64;

std::string address_text(const sockaddr_storage& storage, socklen_t size) {
  std::array<char, NI_MAXHOST> host{};
  const int failed = ::getnameinfo(reinterpret_cast<const sockaddr*>(&storage), size, host.data(), host.size(), nullptr,
                                   0, NI_NUMERICHOST);
  return failed != 0 ? "unknown" : std::string(host.data());
}

}  // namespace

base::Result<std::string, std::string> HttpFrontState::bind() {
  net::ListenerOptions where;
  where.name = "api";
  where.bind = options.bind;
  if (options.tls_on) {
    auto context = net::TlsContext::create(options.tls);
    if (!context) return base::fail(context.error());
    tls = std::move(*context);
  }
  auto sockets = net::open_listener_sockets(where, 1);
  if (!sockets) return base::fail(sockets.error());
  listener = std::move(sockets->sockets.front());
  epoll = net::UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  wake = net::UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll || !wake) return base::fail(std::string("api.bind: no descriptors left"));
  watch(wake.get(), &wake);
  late_answers = LateAnswers::create();
  if (late_answers == nullptr) return base::fail(std::string("api.bind: no descriptors left"));
  late_answers->watch_in(epoll.get());
  return sockets->address.text();
}

void HttpFrontState::watch(int fd, void* tag) const {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = tag;
  ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event);
}

void HttpFrontState::collect_loop() {
  base::begin_patient_thread("api-accept");
  std::array<epoll_event, kEventsAtOnce> events{};
  uint64_t next_sweep_ms = clock.steady_ms() + kSweepMs;
  while (!stopping.load()) {
    const int count = wait_for_events(events.data(), static_cast<int>(events.size()));
    for (int index = 0; index < count; ++index) handle_event(events[static_cast<size_t>(index)].data.ptr);
    const uint64_t now_ms = clock.steady_ms();
    if (!awaited.empty()) look_for_answers(count == 0, now_ms);
    // Only between batches: an event of a batch may point to what a sweep closes.
    if (now_ms < next_sweep_ms) continue;
    sweep();
    next_sweep_ms = now_ms + kSweepMs;
  }
}

/// `in_vain`: after a whole look nothing had come. A shard that devices keep busy has answered by then; others, and in
/// any case each millisecond, are told to. From then on they wake this thread.
void HttpFrontState::look_for_answers(bool in_vain, uint64_t now_ms) {
  late_answers->take_all();
  if (awaited.empty() || hurried || (!in_vain && now_ms == hurried_ms)) return;
  hurried_ms = now_ms;
  hurried = true;
  options.hurry();
}

/// While an answer of a shard is to come, this thread looks for it now and then: to be woken for each would cost the
/// shard two system calls' time, in the middle of what it does for devices, and a processor another switch. One that
/// takes longer, since a plugin is asked or the shard has nothing else to do, is waited for.
int HttpFrontState::wait_for_events(epoll_event* events, int max) {
  const bool looks = !awaited.empty() && !hurried;
  late_answers->set_expecting(looks);
  if (!looks) return ::epoll_wait(epoll.get(), events, max, kSweepMs);
  const timespec patience{0, kLateLookNs};
  return ::epoll_pwait2(epoll.get(), events, max, &patience, nullptr);
}

void HttpFrontState::handle_event(void* tag) {
  if (tag == &wake) return;
  if (tag == &listener) return accept_all();
  if (tag == late_answers.get()) return late_answers->take_all();
  advance(*static_cast<HttpConnection*>(tag));
}

void HttpFrontState::accept_all() {
  for (size_t count = 0; count < kEventsAtOnce; ++count) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    net::UniqueFd fd(
        ::accept4(listener.get(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) return pause_accepting();
    if (!fd) return;
    add(std::move(fd), address_text(peer, size));
  }
}

/// Without descriptors the listener stays ready, and asking it at once again would take a whole core.
void HttpFrontState::pause_accepting() {
  ::epoll_ctl(epoll.get(), EPOLL_CTL_DEL, listener.get(), nullptr);
  paused = true;
  const std::lock_guard lock(mutex);
  push_out_oldest();
}

void HttpFrontState::add(net::UniqueFd fd, std::string peer_address) {
  auto stream = std::make_unique<HttpStream>(std::move(fd), tls == nullptr ? nullptr : tls->current());
  const HttpTimeouts timeouts{options.head_timeout_ms, options.body_timeout_ms, options.idle_timeout_ms,
                              options.write_timeout_ms};
  auto connection =
      std::make_unique<HttpConnection>(std::move(stream), std::move(peer_address), tls != nullptr, timeouts, clock);
  const std::lock_guard lock(mutex);
  make_room();
  if (connections.size() >= options.connections_max) return;
  HttpConnection* const one = connection.get();
  connections[one] = {std::move(connection), true, EPOLLIN};
  watch(one->fd(), one);
}

/// Who waits between requests goes before those that bring one. Its event cannot be in the batch that is being worked
/// off with this one: connections that have an event are no longer idle, or are closed by their peers.
void HttpFrontState::make_room() {
  if (connections.size() >= options.connections_max) push_out_oldest();
}

void HttpFrontState::push_out_oldest() {
  auto oldest = connections.end();
  for (auto entry = connections.begin(); entry != connections.end(); ++entry) {
    if (!entry->second.waiting || !entry->second.connection->idle()) continue;
    if (oldest == connections.end() ||
        entry->second.connection->deadline_ms() < oldest->second.connection->deadline_ms())
      oldest = entry;
  }
  if (oldest != connections.end()) connections.erase(oldest);
}

void HttpFrontState::sweep() {
  if (std::exchange(paused, false)) watch(listener.get(), &listener);
  end_awaiting();
  const uint64_t now_ms = clock.steady_ms();
  const std::lock_guard lock(mutex);
  std::erase_if(connections, [now_ms](const auto& entry) {
    return entry.second.waiting && entry.second.connection->deadline_ms() <= now_ms;
  });
}

}  // namespace patchbay::admin
