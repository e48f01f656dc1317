#include "admin/http_front.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <semaphore>
#include <thread>
#include <vector>

#include "unit/admin/http_test_client.h"

using namespace patchbay::admin;  // NOLINT: test
using patchbay::test::HttpTestClient;

namespace {

/// A clock that a test moves while other threads read it.
struct MovedClock final : patchbay::base::Clock {
  [[nodiscard]] uint64_t steady_ms() const override { return now_ms.load(); }
  [[nodiscard]] uint64_t unix_ms() const override { return now_ms.load(); }
  [[nodiscard]] uint64_t thread_cpu_us() const override { return 0; }
  std::atomic<uint64_t> now_ms{1'000'000};
};

/// "/prompt" is answered at once, "/later" when the test says so, all else by a worker, which waits for the test.
struct PlayedHandler final : HttpHandler {
  [[nodiscard]] Admission admit(const HttpHead& head, std::string_view) override {
    Admission admission;
    admission.body_bytes_max = 1'000;
    admission.handle = [this](const std::string&) {
      at_work.release();
      go_on.acquire();
      return ApiResponse::text("worked");
    };
    admission.begin = [this, later = head.path == "/later"](const std::string&, AnswerLater given) {
      if (!later) return Begun{ApiResponse::text("at once"), {}};
      const std::lock_guard lock(mutex);
      waiting.push_back(std::move(given));
      begun.release();
      return Begun{std::nullopt, [] { return ApiResponse::error(503, "SERVICE_UNAVAILABLE", "late"); }};
    };
    return admission;
  }
  [[nodiscard]] bool is_prompt(const HttpHead& head) const override { return head.path != "/work"; }
  AnswerLater take() {
    begun.acquire();
    const std::lock_guard lock(mutex);
    AnswerLater one = std::move(waiting.front());
    waiting.erase(waiting.begin());
    return one;
  }

  std::mutex mutex;
  std::vector<AnswerLater> waiting;
  std::counting_semaphore<> begun{0}, at_work{0}, go_on{0};
};

struct Front {
  Front() {
    options.bind = "127.0.0.1:0";
    options.threads = 1;
    options.idle_timeout_ms = 600'000;
    options.hurry = [this] {
      ++hurries;
      hurried.release();
    };
    front = std::make_unique<HttpFront>(options, handler, clock);
    const auto bound = front->start();
    REQUIRE(bound);
    address = *bound;
    front->accept();
  }

  MovedClock clock;
  PlayedHandler handler;
  HttpFrontOptions options;
  std::atomic<int> hurries{0};
  std::counting_semaphore<> hurried{0};
  std::unique_ptr<HttpFront> front;
  std::string address;
};

}  // namespace

TEST_CASE("what need not wait is answered while all workers are busy") {
  Front front;
  const HttpTestClient busy(front.address);
  busy.ask("/work");
  front.handler.at_work.acquire();
  const HttpTestClient other(front.address);
  other.ask("/prompt");
  CHECK(other.answers(1) == "at once|");
  front.handler.go_on.release();
  CHECK(busy.answers(1) == "worked|");
}

TEST_CASE("an answer may come later, from any thread, and waits for no worker") {
  Front front;
  const HttpTestClient one(front.address);
  one.ask("/later");
  const AnswerLater later = front.handler.take();
  const HttpTestClient other(front.address);
  other.ask("/prompt");
  CHECK(other.answers(1) == "at once|");
  std::thread shard([&] { later([] { return ApiResponse::text("at last"); }); });
  CHECK(one.answers(1) == "at last|");
  shard.join();
  one.ask("/prompt");
  CHECK(one.answers(1) == "at once|");
}

TEST_CASE("who is to answer is hurried once for what is overdue, and then wakes who waits") {
  Front front;
  const HttpTestClient one(front.address);
  one.ask("/prompt");
  CHECK(one.answers(1) == "at once|");
  CHECK(front.hurries == 0);
  for (int round = 1; round <= 3; ++round) {
    one.ask("/later");
    const AnswerLater later = front.handler.take();
    front.hurried.acquire();
    std::thread shard([&] { later([] { return ApiResponse::text("at last"); }); });
    CHECK(one.answers(1) == "at last|");
    shard.join();
    CHECK(front.hurries == round);
  }
  one.ask("/prompt");
  CHECK(one.answers(1) == "at once|");
  CHECK(front.hurries == 3);
}

TEST_CASE("a request that is begun while another one is overdue is looked for, and hurried, again") {
  Front front;
  const HttpTestClient one(front.address);
  one.ask("/later");
  const AnswerLater first = front.handler.take();
  front.hurried.acquire();
  const HttpTestClient other(front.address);
  other.ask("/later");
  const AnswerLater second = front.handler.take();
  front.hurried.acquire();
  second([] { return ApiResponse::text("second"); });
  CHECK(other.answers(1) == "second|");
  first([] { return ApiResponse::text("first"); });
  CHECK(one.answers(1) == "first|");
  CHECK(front.hurries == 2);
}

TEST_CASE("requests of one connection are answered in their order, whoever answers them") {
  Front front;
  const HttpTestClient one(front.address);
  one.ask("/later");
  one.ask("/work");
  one.ask("/prompt");
  const AnswerLater later = front.handler.take();
  CHECK_FALSE(front.handler.at_work.try_acquire());
  later([] { return ApiResponse::text("first"); });
  front.handler.at_work.acquire();
  front.handler.go_on.release(2);  // what follows on the connection is the worker's, too
  CHECK(one.answers(3) == "first|worked|worked|");
}

TEST_CASE("an answer that does not come in time is replaced, and its coming too late changes nothing") {
  Front front;
  const HttpTestClient one(front.address);
  one.ask("/later");
  const AnswerLater later = front.handler.take();
  front.hurried.acquire();  // its time is set: the clock may be moved
  front.clock.now_ms += kBegunAnswerMs + 1'000;
  CHECK(one.answers(1) == "{\"code\":\"SERVICE_UNAVAILABLE\",\"message\":\"late\"}|");
  later([] { return ApiResponse::text("too late"); });
  one.ask("/prompt");
  CHECK(one.answers(1) == "at once|");
}

TEST_CASE("a peer that leaves, and a server that stops, are survived by who answers later") {
  Front front;
  auto gone = std::make_unique<HttpTestClient>(front.address);
  gone->ask("/later");
  const AnswerLater first = front.handler.take();
  gone.reset();
  first([] { return ApiResponse::text("to nobody"); });
  const HttpTestClient other(front.address);
  other.ask("/later");
  const AnswerLater second = front.handler.take();
  front.front->stop();
  second([] { return ApiResponse::text("after all"); });
  CHECK(other.answers(1) == "(ended)");
}
