#include "plugin_bridge/background_threads.h"

#include <sched.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/shard.h"
#include "base/thread_urgency.h"

using namespace patchbay;                 // NOLINT: test
using namespace patchbay::plugin_bridge;  // NOLINT: test

namespace {

constexpr uint64_t kMs = 1'000'000;

/// One thread as the kernel tells of it, every 50 ms.
struct Played {
  bool look(uint64_t waited_ms, uint64_t cpu_ms = 1) {
    now_ns += 50 * kMs;
    activity.waited_ns += waited_ms * kMs;
    activity.cpu_ns += cpu_ms * kMs;
    ++activity.runs;
    return share.look(activity, now_ns);
  }
  bool look_while_it_waits() {
    now_ns += 50 * kMs;
    return share.look(activity, now_ns);
  }
  LeftoverShare share;
  ThreadActivity activity{true, 7 * kMs, 3'000 * kMs, 9};
  uint64_t now_ns = 1'000 * kMs;
};

bool is_idle_now() {
  return sched_getscheduler(0) == SCHED_IDLE;
}

void in_thread(const std::function<void()>& body) {
  std::thread thread(body);
  thread.join();
}

}  // namespace

TEST_CASE("Leftovers are enough for a thread that waits for up to a quarter of the time", "[plugin_bridge]") {
  Played thread;
  CHECK(thread.look(0));  // what it has waited for before the first look doesn't count
  CHECK(thread.look(0, 50));
  CHECK(thread.look(12));
  CHECK(thread.look(12));
  CHECK_FALSE(thread.look(13));
}

TEST_CASE("A wait that hasn't ended counts for what it has lasted", "[plugin_bridge]") {
  Played thread;
  CHECK(thread.look(0));
  SECTION("a thread that could run and was given nothing") {
    CHECK_FALSE(thread.look_while_it_waits());
  }
  SECTION("one that sleeps") {
    thread.activity.runnable = false;
    CHECK(thread.look_while_it_waits());
    CHECK(thread.look_while_it_waits());
    SECTION("and was woken just now") {
      thread.activity.runnable = true;
      CHECK(thread.look_while_it_waits());
      CHECK_FALSE(thread.look_while_it_waits());
    }
  }
  SECTION("one that runs all the time is not switched, but uses time") {
    thread.now_ns += 50 * kMs;
    thread.activity.cpu_ns += 50 * kMs;
    CHECK(thread.share.look(thread.activity, thread.now_ns));
  }
}

TEST_CASE("A thread tries leftovers again when it has hardly waited for two seconds", "[plugin_bridge]") {
  Played thread;
  thread.look(0);
  REQUIRE_FALSE(thread.look(40));
  for (int i = 0; i < 39; ++i) CHECK_FALSE(thread.look(2));
  CHECK_FALSE(thread.look(3));  // more than a twentieth: the calm begins anew
  for (int i = 0; i < 39; ++i) CHECK_FALSE(thread.look(2));
  CHECK(thread.look(2));
  CHECK(thread.look(12));
}

TEST_CASE("Background threads run on leftovers where that can be undone", "[plugin_bridge]") {
  const bool possible = base::may_run_on_leftovers();
  BackgroundThreads threads;
  in_thread([&] {
    {
      const BackgroundThreads::Scope scope(threads, "background");
      CHECK(is_idle_now() == possible);
      CHECK(threads.on_leftovers() == (possible ? 1 : 0));
    }
    CHECK(threads.on_leftovers() == 0);
  });
  BackgroundThreads forbidden;
  forbidden.allow(false);
  in_thread([&] {
    const BackgroundThreads::Scope scope(forbidden, "background");
    CHECK_FALSE(is_idle_now());
    CHECK(forbidden.on_leftovers() == 0);
  });
}

TEST_CASE("A background thread that starves is lifted, and strays are brought back", "[plugin_bridge]") {
  if (!base::may_run_on_leftovers()) {
    WARN("neither CAP_SYS_NICE nor RLIMIT_NICE: threads are only nicer here, as the case before has shown");
    return;
  }
  const base::SystemClock clock;
  const uint64_t end_ns = clock.steady_ns() + 30'000 * kMs;
  const auto in_time = [&] { return clock.steady_ns() < end_ns; };
  BackgroundThreads threads;
  std::atomic<bool> over{false};
  std::atomic<int> begun{0};
  std::atomic<bool> lifted{false};
  std::atomic<int> stray{0};
  // All on one processor, where others want to run all the time.
  cpu_set_t before;
  REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
    if (CPU_ISSET(cpu, &before)) CPU_SET(cpu, &one);
  }
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  std::thread background([&] {
    const BackgroundThreads::Scope scope(threads, "background");
    std::thread child([&] {
      stray = base::kernel_thread_id();
      while (!over) std::this_thread::yield();
    });
    ++begun;
    while (!over) lifted = !is_idle_now();
    child.join();
  });
  while (begun == 0 || stray == 0) std::this_thread::yield();
  CHECK(base::runs_on_leftovers(stray));  // inherited
  for (uint64_t next_ns = 0; in_time() && (!lifted || base::runs_on_leftovers(stray));) {
    const uint64_t now_ns = clock.steady_ns();
    if (now_ns < next_ns) continue;
    next_ns = now_ns + BackgroundThreads::kLookMs * kMs;
    threads.look(now_ns);
  }
  over = true;
  background.join();
  CHECK(lifted);
  CHECK(threads.starved() >= 1);
  CHECK_FALSE(base::runs_on_leftovers(stray));
  CHECK(in_time());
  REQUIRE(sched_setaffinity(0, sizeof before, &before) == 0);
}
