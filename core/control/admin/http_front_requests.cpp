#include <sys/epoll.h>

#include <utility>

#include "admin/http_front_state.h"
#include "admin/http_server.h"
#include "base/thread_urgency.h"

// What becomes of requests: begun by the thread that collects them, or handed to a worker.
namespace patchbay::admin {

void HttpFrontState::advance(HttpConnection& connection) {
  using Progress = HttpConnection::Progress;
  {
    const std::lock_guard lock(mutex);
    const auto entry = connections.find(&connection);
    if (entry == connections.end()) return;  // pushed out earlier in this batch
    // Its peer sends already what is to come next, or has gone: that is looked at later.
    if (!entry->second.waiting) return set_watched(connection, entry->second, 0);
  }
  const Progress progress = connection.collect();
  if (progress == Progress::complete && connection.is_prompt(handler)) return begin(connection);
  const std::lock_guard lock(mutex);
  switch (progress) {
    case Progress::waits_to_read:
      return await_peer(connection, EPOLLIN);
    case Progress::waits_to_write:
      return await_peer(connection, EPOLLOUT);
    case Progress::ended:
      connections.erase(&connection);
      return;
    case Progress::complete:
      return hand_over(connection);
  }
}

// The worker that it may yet be handed to is not told of it by epoll, and no sweep ends it while it is not `waiting`.
void HttpFrontState::begin(HttpConnection& connection) {
  const uint64_t number = ++last_begun;
  Begun begun = connection.begin(handler, [this, number, answers = late_answers](AnswerMaker maker) {
    answers->post([this, number, made = std::move(maker)] { finish_late(number, made); });
  });
  if (begun.answer) return finish(connection, std::move(*begun.answer));
  hurried = false;
  awaited[number] = {&connection, std::move(begun.late), clock.steady_ms() + kBegunAnswerMs};
  const std::lock_guard lock(mutex);
  connections[&connection].waiting = false;
}

void HttpFrontState::finish(HttpConnection& connection, ApiResponse response) {
  using Next = HttpConnection::Next;
  const Next next = connection.finish(std::move(response));
  // Requests that came together are taken in turn with those of others, by a worker.
  const bool more = next == Next::unsent || (next == Next::request && connection.has_request());
  const std::lock_guard lock(mutex);
  if (next == Next::end) {
    connections.erase(&connection);
  } else if (more) {
    hand_over(connection);
  } else {
    await_peer(connection, EPOLLIN);
  }
}

void HttpFrontState::finish_late(uint64_t number, const AnswerMaker& maker) {
  const auto one = awaited.find(number);
  if (one == awaited.end()) return;  // too late
  HttpConnection& connection = *one->second.connection;
  awaited.erase(one);
  finish(connection, maker());
}

void HttpFrontState::end_awaiting() {
  const uint64_t now_ms = clock.steady_ms();
  std::vector<std::pair<uint64_t, AnswerMaker>> over;
  for (const auto& [number, one] : awaited) {
    if (one.deadline_ms <= now_ms) over.emplace_back(number, one.late);
  }
  for (const auto& [number, late] : over) finish_late(number, late);
}

void HttpFrontState::hand_over(HttpConnection& connection) {
  Entry& entry = connections[&connection];
  entry.waiting = false;
  set_watched(connection, entry, 0);
  ready.push_back(&connection);
  ready_changed.notify_one();
}

void HttpFrontState::await_peer(HttpConnection& connection, uint32_t events) {
  Entry& entry = connections[&connection];
  entry.waiting = true;
  set_watched(connection, entry, events);
}

// An error or the end of a connection is told whatever was asked for: of one that is not watched once at most.
void HttpFrontState::set_watched(HttpConnection& connection, Entry& entry, uint32_t events) const {
  if (entry.watched == events) return;
  entry.watched = events;
  epoll_event event{};
  event.events = events == 0 ? static_cast<uint32_t>(EPOLLONESHOT) : events;
  event.data.ptr = &connection;
  ::epoll_ctl(epoll.get(), EPOLL_CTL_MOD, connection.fd(), &event);
}

HttpConnection* HttpFrontState::next_ready() {
  std::unique_lock lock(mutex);
  ready_changed.wait(lock, [&] { return stopping.load() || !ready.empty(); });
  if (stopping.load()) return nullptr;
  HttpConnection* const connection = ready.front();
  ready.pop_front();
  return connection;
}

void HttpFrontState::work_loop() {
  base::begin_patient_thread("api-worker");
  HttpServer server(handler, options.idle_timeout_ms / 1000);
  while (HttpConnection* const connection = next_ready())
    give_back(*connection, connection->has_unsent() ? connection->complete_answer() : connection->exchange(server));
}

// Requests that came together are taken in turn with those of others.
void HttpFrontState::give_back(HttpConnection& connection, HttpConnection::Next next) {
  const bool more = next == HttpConnection::Next::request && connection.has_request();
  const std::lock_guard lock(mutex);
  if (next == HttpConnection::Next::end) {
    connections.erase(&connection);
  } else if (more) {
    ready.push_back(&connection);
    ready_changed.notify_one();
  } else {
    await_peer(connection, EPOLLIN);
  }
}

}  // namespace patchbay::admin
