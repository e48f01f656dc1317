#include "plugin_bridge/worker_pool.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "plugin_bridge/held.h"

namespace patchbay::plugin_bridge {
namespace {

WorkerPool::Options options(uint32_t threads, uint32_t queue_max = 100'000) {
  WorkerPool::Options options;
  options.threads = threads;
  options.queue_max = queue_max;
  return options;
}

}  // namespace

TEST_CASE("Jobs run in the order of posting, and later ones when they are due", "[plugin_bridge]") {
  base::ManualClock clock;
  CallPlaces places(1);
  WorkerPool pool(places, clock, options(0));
  HeldCounters account(1);
  std::string order;
  const auto job = [&](char name) { return make_job([&order, name] { order.push_back(name); }); };
  CHECK(pool.post_at(account, job('c'), clock.steady_ms() + 20));
  CHECK(pool.post(account, job('a')));
  CHECK(pool.post(account, job('b')));
  CHECK(account.value(Held::worker_jobs) == 3);
  CHECK(pool.run_pending() == 2);
  CHECK(order == "ab");
  clock.advance_ms(19);
  CHECK(pool.run_pending() == 0);
  clock.advance_ms(1);
  CHECK(pool.run_pending() == 1);
  CHECK(order == "abc");
  CHECK(account.value(Held::worker_jobs) == 0);
}

TEST_CASE("A full pool refuses, and a stopped one destroys what waits", "[plugin_bridge]") {
  base::ManualClock clock;
  CallPlaces places(1);
  WorkerPool pool(places, clock, options(0, 2));
  HeldCounters account(1);
  const auto kept = std::make_shared<int>(1);
  const auto job = [&] { return make_job([kept] {}); };
  CHECK(pool.post(account, job()));
  CHECK(pool.post_at(account, job(), ~uint64_t{0}));
  CHECK_FALSE(pool.post(account, job()));
  CHECK(pool.post_always(account, job(), 0));
  CHECK(pool.refused() == 1);
  CHECK(pool.waiting() == 3);
  CHECK(kept.use_count() == 4);
  CHECK_FALSE(pool.wait_until_idle(account, 2));
  pool.stop();
  CHECK(kept.use_count() == 1);
  CHECK_FALSE(pool.post(account, job()));
  CHECK_FALSE(pool.post_always(account, job(), 0));
  CHECK(pool.wait_until_idle(account, 0));
}

TEST_CASE("Jobs of a group need not wait for their time", "[plugin_bridge]") {
  struct Grouped final : Job {
    Grouped(int& runs, const void* name) : runs_(runs), name_(name) {}
    void run() override { ++runs_; }
    const void* group() const override { return name_; }
    int& runs_;
    const void* name_;
  };
  base::ManualClock clock;
  CallPlaces places(1);
  WorkerPool pool(places, clock, options(0));
  HeldCounters account(1);
  int runs = 0;
  const int one = 1;
  const int two = 2;
  for (const int* group : {&one, &one, &two}) {
    pool.post_at(account, std::make_unique<Grouped>(runs, group), clock.steady_ms() + 1'000);
  }
  CHECK(pool.run_pending() == 0);
  pool.make_due(&one);
  CHECK(pool.run_pending() == 2);
  CHECK(runs == 2);
  clock.advance_ms(1'000);
  CHECK(pool.run_pending() == 1);
}

TEST_CASE("What a job posts next is done by its worker, at once or later", "[plugin_bridge]") {
  base::SystemClock clock;
  CallPlaces places(1);
  WorkerPool pool(places, clock, options(1));
  HeldCounters account(1);
  std::atomic<int> done{0};
  pool.start();
  const auto count = [&] { return make_job([&] { ++done; }); };
  CHECK(pool.post(account, make_job([&] {
                    CHECK(pool.post_next(account, count(), clock.steady_ms() + 5));
                    CHECK(pool.post_next(account, count(), 0));
                  })));
  CHECK(pool.wait_until_idle(account, 10'000));
  CHECK(done == 2);
  pool.stop();
  CHECK_FALSE(pool.post_next(account, count(), 0));
}

TEST_CASE("Threads share the work, and the barrier waits for the last job", "[plugin_bridge]") {
  base::SystemClock clock;
  CallPlaces places(2);
  WorkerPool pool(places, clock, options(3));
  HeldCounters account(2);
  std::atomic<int> done{0};
  std::atomic<bool> placed{true};
  pool.start();
  std::vector<std::thread> posters;
  for (int poster = 0; poster < 2; ++poster) {
    posters.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        const uint64_t due_ms = i % 50 == 0 ? clock.steady_ms() + 2 : 0;
        static_cast<void>(pool.post_at(account, make_job([&] {
                                         if (places.current() == nullptr) placed = false;
                                         ++done;
                                       }),
                                       due_ms));
      }
    });
  }
  for (std::thread& poster : posters) poster.join();
  CHECK(pool.wait_until_idle(account, 10'000));
  CHECK(done == 1'000);
  CHECK(placed);
  pool.stop();
  CHECK(pool.running() == 0);
}

TEST_CASE("What an instance holds is the sum over threads", "[plugin_bridge]") {
  HeldCounters held(2);
  const HeldCounter timers(held, Held::timers);
  {
    const base::ShardScope shard(0);
    timers.add(3);
  }
  {
    const base::ShardScope shard(1);
    timers.remove(2);
  }
  std::thread([&] { timers.add(); }).join();
  CHECK(timers.value() == 2);
  CHECK_FALSE(held.all_zero());
  timers.remove(2);
  CHECK(held.all_zero());
  for (size_t kind = 0; kind < kHeldKinds; ++kind) CHECK_FALSE(held_name(static_cast<Held>(kind)).empty());
}

}  // namespace patchbay::plugin_bridge
