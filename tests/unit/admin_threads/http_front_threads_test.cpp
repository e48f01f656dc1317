// The hand-over of requests between peers, the collecting thread, workers and who answers later: with all of them at
// work at once, for the thread sanitizer. What each of them does alone is in unit/admin/http_front_test.cpp.
#include "admin/http_front.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "unit/admin/http_test_client.h"

using namespace patchbay::admin;  // NOLINT: test
using patchbay::test::HttpTestClient;

namespace {

constexpr int kPeers = 8;
constexpr int kRounds = 40;

/// Threads that answer requests as shards do: whatever is there, in whatever order, never waited for.
class Answerers {
 public:
  explicit Answerers(int count) {
    for (int i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
  }
  ~Answerers() { finish(); }
  void add(std::string text, AnswerLater later) {
    const std::lock_guard lock(mutex_);
    waiting_.emplace_back(std::move(text), std::move(later));
    changed_.notify_one();
  }
  /// Answers what is left, and ends.
  void finish() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
      changed_.notify_all();
    }
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return over_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      auto [text, later] = std::move(waiting_.back());  // the newest first: not the order in which they were asked
      waiting_.pop_back();
      lock.unlock();
      later([text = std::move(text)] { return ApiResponse::text(text); });
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<std::string, AnswerLater>> waiting_;
  bool over_ = false;
  std::vector<std::thread> threads_;
};

/// Answers with the path: "/prompt..." at once, "/later..." from another thread, all else by a worker.
struct EchoingHandler final : HttpHandler {
  [[nodiscard]] Admission admit(const HttpHead& head, std::string_view) override {
    Admission admission;
    admission.body_bytes_max = 1'000;
    admission.handle = [path = head.path](const std::string&) { return ApiResponse::text(path); };
    admission.begin = [this, path = head.path](const std::string&, AnswerLater later) {
      if (path.starts_with("/prompt")) return Begun{ApiResponse::text(path), {}};
      answerers.add(path, std::move(later));
      return Begun{std::nullopt, [] { return ApiResponse::error(503, "SERVICE_UNAVAILABLE", "late"); }};
    };
    return admission;
  }
  [[nodiscard]] bool is_prompt(const HttpHead& head) const override { return !head.path.starts_with("/work"); }

  Answerers answerers{3};
};

struct BusyFront {
  BusyFront() {
    options.bind = "127.0.0.1:0";
    options.threads = 3;
    front = std::make_unique<HttpFront>(options, handler, clock);
    const auto bound = front->start();
    REQUIRE(bound);
    address = *bound;
    front->accept();
  }
  /// Works as so many peers at once; `play` is told which one it is. No assertions in it: Catch has one thread.
  template <class Play>
  static void as_peers(Play play) {
    std::vector<std::thread> peers;
    for (int peer = 0; peer < kPeers; ++peer) peers.emplace_back([&play, peer] { play(peer); });
    for (std::thread& peer : peers) peer.join();
  }

  patchbay::base::SystemClock clock;
  EchoingHandler handler;
  HttpFrontOptions options;
  std::unique_ptr<HttpFront> front;
  std::string address;
};

constexpr const char* kKinds[] = {"/prompt", "/later", "/work"};

std::string path_of(int peer, int round, int place) {
  const char* kind = kKinds[static_cast<size_t>(peer + round * 2 + place) % std::size(kKinds)];
  return std::string(kind) + "-" + std::to_string(peer) + "-" + std::to_string(round) + "-" + std::to_string(place);
}

}  // namespace

TEST_CASE("each of many peers gets its own answers in order, whoever makes them") {
  BusyFront busy;
  std::atomic<int> wrong{0};
  std::vector<std::unique_ptr<HttpTestClient>> connections;
  for (int peer = 0; peer < kPeers; ++peer) connections.push_back(std::make_unique<HttpTestClient>(busy.address));
  BusyFront::as_peers([&](int peer) {
    const HttpTestClient& connection = *connections[static_cast<size_t>(peer)];
    for (int round = 0; round < kRounds; ++round) {
      std::string expected;
      const int together = 1 + round % 4;  // several requests in a row, without waiting for answers
      for (int place = 0; place < together; ++place) {
        if (!connection.send_request(path_of(peer, round, place))) ++wrong;
        expected += path_of(peer, round, place) + "|";
      }
      if (connection.answers(static_cast<size_t>(together)) != expected) ++wrong;
    }
  });
  CHECK(wrong == 0);
}

TEST_CASE("peers that leave in front of their answers cost nobody else an answer") {
  BusyFront busy;
  std::atomic<int> wrong{0};
  const HttpTestClient patient(busy.address);
  BusyFront::as_peers([&](int peer) {
    for (int round = 0; round < kRounds; ++round) {
      if (peer == 0) {
        const std::string path = path_of(peer, round, 0);
        if (!patient.send_request(path) || patient.answers(1) != path + "|") ++wrong;
        continue;
      }
      const HttpTestClient fleeting(busy.address);
      for (int place = 0; place < 3; ++place) static_cast<void>(fleeting.send_request(path_of(peer, round, place)));
      if (round % 2 == 0) static_cast<void>(fleeting.answers(1));
    }
  });
  CHECK(wrong == 0);
}

TEST_CASE("a server that stops amid requests ends all connections, and who answers later finds nobody") {
  for (int run = 0; run < 5; ++run) {
    BusyFront busy;
    std::vector<std::unique_ptr<HttpTestClient>> connections;
    for (int peer = 0; peer < kPeers; ++peer) connections.push_back(std::make_unique<HttpTestClient>(busy.address));
    std::atomic<int> answered{0};
    std::thread stopper([&] {
      while (answered < kPeers) std::this_thread::yield();
      busy.front->stop();
    });
    BusyFront::as_peers([&](int peer) {
      const HttpTestClient& connection = *connections[static_cast<size_t>(peer)];
      for (int round = 0;; ++round) {
        if (!connection.send_request(path_of(peer, round, 0))) break;
        if (connection.answers(1) != path_of(peer, round, 0) + "|") break;
        ++answered;
      }
      answered += kPeers;  // ended by the server: nothing else ends this loop
    });
    stopper.join();
    busy.handler.answerers.finish();
    CHECK(answered >= kPeers * kPeers);
  }
}
