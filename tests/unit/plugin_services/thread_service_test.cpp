#include "plugin_services/thread_service.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "unit/plugin_services/services_fixture.h"

using namespace patchbay;
using namespace patchbay::plugin_services;
using patchbay::test::ServicesFixture;
using plugin_bridge::Held;

namespace {

struct Threads : ServicesFixture {
  explicit Threads(ServiceLimits given = {}) : ServicesFixture(given) {}
  ~Threads() { CHECK(service.join_all(10'000)); }
  static void until_stopped(void* self) {
    auto& threads = *static_cast<Threads*>(self);
    ++threads.begun;
    while (!threads.service.stop_requested(threads.id)) std::this_thread::yield();
    ++threads.ended;
  }
  static void at_once(void* self) { ++static_cast<Threads*>(self)->ended; }
  static void join_itself(void* self) {
    auto& threads = *static_cast<Threads*>(self);
    threads.status = threads.service.join(threads.id);
  }
  void wait_for_begin() {
    while (begun == 0) std::this_thread::yield();
  }
  ThreadService service{account};
  uint64_t id = 0;
  std::atomic<int> begun{0};
  std::atomic<int> ended{0};
  std::atomic<patchbay_status> status{PATCHBAY_OK};
};

}  // namespace

TEST_CASE("a thread runs until it is joined, which asks it to stop") {
  Threads threads;
  REQUIRE(threads.service.start("poll", &Threads::until_stopped, &threads, threads.id) == PATCHBAY_OK);
  CHECK(threads.instance.holds(Held::threads) == 1);
  threads.wait_for_begin();
  CHECK(threads.service.thread_ids().size() == 1);
  CHECK_FALSE(threads.service.stop_requested(threads.id));
  CHECK(threads.service.join(threads.id) == PATCHBAY_OK);
  CHECK(threads.ended == 1);
  CHECK(threads.instance.holds(Held::threads) == 0);
  CHECK(threads.service.join(threads.id) == PATCHBAY_NOT_FOUND);
  CHECK(threads.service.thread_ids().empty());
}

TEST_CASE("all threads are joined when the instance stops, and none begins any more") {
  Threads threads;
  uint64_t other = 0;
  REQUIRE(threads.service.start("a", &Threads::until_stopped, &threads, threads.id) == PATCHBAY_OK);
  REQUIRE(threads.service.start("b", &Threads::at_once, &threads, other) == PATCHBAY_OK);
  CHECK(threads.service.join_all(10'000));
  CHECK(threads.ended == 2);
  CHECK(threads.instance.holds(Held::threads) == 0);
  CHECK(threads.service.start("c", &Threads::at_once, &threads, other) == PATCHBAY_CLOSED);
}

TEST_CASE("a thread that does not stop is told of, and joined once it has ended") {
  static std::atomic<bool> let_go{false};
  Threads threads;
  uint64_t id = 0;
  REQUIRE(threads.service.start(
              "deaf",
              [](void*) {
                while (!let_go) std::this_thread::yield();
              },
              nullptr, id) == PATCHBAY_OK);
  CHECK_FALSE(threads.service.join_all(1));
  CHECK(threads.instance.holds(Held::threads) == 1);
  let_go = true;
  CHECK(threads.service.join_all(10'000));
  CHECK(threads.instance.holds(Held::threads) == 0);
}

TEST_CASE("a closed gate is a request to stop, too; unknown threads are to stop") {
  Threads threads;
  REQUIRE(threads.service.start("a", &Threads::until_stopped, &threads, threads.id) == PATCHBAY_OK);
  threads.wait_for_begin();
  threads.instance.gate.move_to(plugin_bridge::GateState::closed);
  CHECK(threads.service.stop_requested(threads.id));
  CHECK(threads.service.stop_requested(12345));
}

TEST_CASE("plugins.max_threads is a bound") {
  ServiceLimits limits;
  limits.max_threads = 1;
  Threads threads(limits);
  uint64_t other = 0;
  REQUIRE(threads.service.start("a", &Threads::until_stopped, &threads, threads.id) == PATCHBAY_OK);
  CHECK(threads.service.start("b", &Threads::at_once, &threads, other) == PATCHBAY_BUSY);
  CHECK(threads.account.refusals.value(Refusal::threads) == 1);
}

TEST_CASE("neither a shard nor the thread itself may wait for a thread") {
  Threads threads;
  REQUIRE(threads.service.start("self", &Threads::join_itself, &threads, threads.id) == PATCHBAY_OK);
  CHECK(threads.service.join_all(10'000));
  CHECK(threads.status == PATCHBAY_WRONG_THREAD);
  const base::ShardScope scope(0);
  uint64_t other = 0;
  CHECK(threads.service.start("x", &Threads::at_once, &threads, other) == PATCHBAY_WRONG_THREAD);
  CHECK(threads.service.join(threads.id) == PATCHBAY_WRONG_THREAD);
}

TEST_CASE("threads need a function, and begin none while the instance drains") {
  Threads threads;
  uint64_t other = 0;
  CHECK(threads.service.start("x", nullptr, &threads, other) == PATCHBAY_INVALID);
  threads.instance.gate.move_to(plugin_bridge::GateState::draining);
  CHECK(threads.service.start("x", &Threads::at_once, &threads, other) == PATCHBAY_CLOSED);
}
