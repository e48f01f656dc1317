#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "admin/http_connection.h"
#include "admin/http_front_options.h"
#include "admin/http_handler.h"
#include "admin/late_answers.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/tls_context.h"
#include "net/unique_fd.h"

struct epoll_event;

namespace patchbay::admin {

/// What the threads of the front share, and what they do. A connection belongs to the collecting thread while it is
/// `waiting` or its request was begun, and else to the worker that has it.
struct HttpFrontState {
  struct Entry {
    std::unique_ptr<HttpConnection> connection;
    bool waiting = true;   ///< for the peer
    uint32_t watched = 0;  ///< what epoll is to tell of it
  };
  /// A request whose answer comes later.
  struct Awaited {
    HttpConnection* connection = nullptr;
    AnswerMaker late;
    uint64_t deadline_ms = 0;
  };

  HttpFrontState(HttpFrontOptions given, HttpHandler& served, const base::Clock& time)
      : options(std::move(given)), handler(served), clock(time) {}

  const HttpFrontOptions options;
  HttpHandler& handler;
  const base::Clock& clock;
  std::unique_ptr<net::TlsContext> tls;
  net::UniqueFd listener;
  net::UniqueFd epoll;
  net::UniqueFd wake;
  std::shared_ptr<LateAnswers> late_answers;
  std::vector<std::thread> threads;
  std::atomic<bool> stopping{false};
  bool paused = false;      ///< of the collecting thread: nothing is accepted until the next sweep
  uint64_t last_begun = 0;  ///< of the collecting thread, as is `awaited`
  std::unordered_map<uint64_t, Awaited> awaited;
  bool hurried = false;     ///< since the last request was begun, those who are to answer were told to
  uint64_t hurried_ms = 0;  ///< when that was
  std::mutex mutex;         // guards what follows
  std::condition_variable ready_changed;
  std::unordered_map<HttpConnection*, Entry> connections;
  std::deque<HttpConnection*> ready;

  base::Result<std::string, std::string> bind();
  void watch(int fd, void* tag) const;

  /// Of the collecting thread.
  void collect_loop();
  [[nodiscard]] int wait_for_events(epoll_event* events, int max);
  void look_for_answers(bool in_vain, uint64_t now_ms);
  void handle_event(void* tag);
  void accept_all();
  void pause_accepting();
  void add(net::UniqueFd fd, std::string peer_address);
  void make_room();
  void push_out_oldest();
  void sweep();
  void advance(HttpConnection& connection);
  void begin(HttpConnection& connection);
  void finish(HttpConnection& connection, ApiResponse response);
  void finish_late(uint64_t number, const AnswerMaker& maker);
  void end_awaiting();
  /// With the mutex.
  void hand_over(HttpConnection& connection);
  void await_peer(HttpConnection& connection, uint32_t events);
  void set_watched(HttpConnection& connection, Entry& entry, uint32_t events) const;

  /// Of a worker.
  void work_loop();
  [[nodiscard]] HttpConnection* next_ready();
  void give_back(HttpConnection& connection, HttpConnection::Next next);
};

}  // namespace patchbay::admin
