#include "plugin_bridge/thread_activity.h"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/shard.h"

using namespace patchbay::plugin_bridge;  // NOLINT: test

TEST_CASE("A thread that works is runnable and uses processor time, one that waits does neither", "[plugin_bridge]") {
  const auto self = thread_activity(patchbay::base::kernel_thread_id());
  REQUIRE(self);
  CHECK(self->runnable);
  uint64_t sum = 0;
  for (int i = 0; i < 20'000'000; ++i) sum += static_cast<uint64_t>(i) * sum + 1;
  const auto later = thread_activity(patchbay::base::kernel_thread_id());
  REQUIRE(later);
  CHECK(later->cpu_ns + sum % 2 > self->cpu_ns);

  std::mutex mutex;
  std::condition_variable changed;
  int waiting = 0;
  bool ended = false;
  std::thread thread([&] {
    std::unique_lock lock(mutex);
    waiting = patchbay::base::kernel_thread_id();
    changed.notify_all();
    changed.wait(lock, [&] { return ended; });
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return waiting != 0; });
  // It has let the mutex go, and may be on its way to sleep still.
  bool asleep = false;
  for (int look = 0; look < 100'000 && !asleep; ++look) asleep = !thread_activity(waiting)->runnable;
  CHECK(asleep);
  ended = true;
  lock.unlock();
  changed.notify_all();
  thread.join();
  CHECK_FALSE(thread_activity(waiting));
  CHECK_FALSE(thread_activity(-1));
}
