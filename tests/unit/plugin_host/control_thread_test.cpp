#include "plugin_host/control_thread.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <string>
#include <vector>

using patchbay::plugin_host::ControlStep;
using patchbay::plugin_host::ControlThread;
using Outcome = ControlThread::Outcome;

namespace {

ControlStep step(std::string name, std::function<void()> run, uint64_t limit_ms = 10'000) {
  return {"instance", std::move(name), limit_ms, limit_ms, std::move(run)};
}

}  // namespace

TEST_CASE("steps run one after the other, in order, on a thread that isn't the caller's") {
  patchbay::base::SystemClock clock;
  ControlThread control(clock, nullptr);
  std::vector<int> order;
  std::thread::id thread;
  for (int i = 0; i < 5; ++i) {
    control.post(step("n", [&order, &control, i] {
      CHECK(control.is_current());
      order.push_back(i);
    }));
  }
  CHECK(control.run(step("last", [&] { thread = std::this_thread::get_id(); })) == Outcome::done);
  CHECK(order == std::vector<int>{0, 1, 2, 3, 4});
  CHECK((thread != std::this_thread::get_id()));
  CHECK_FALSE(control.is_current());
  CHECK(control.lost_threads() == 0);
}

TEST_CASE("a step past its limit is named, and the next one runs on another thread") {
  patchbay::base::SystemClock clock;
  std::promise<std::string> late;
  ControlThread control(clock, [&](const ControlStep& s) { late.set_value(s.instance + "/" + s.name); });
  std::promise<void> release;
  std::thread::id first;
  const auto shared = std::make_shared<std::shared_future<void>>(release.get_future().share());
  CHECK(control.run(step(
            "start", [&first, shared] { first = std::this_thread::get_id(), shared->wait(); }, 20)) == Outcome::late);
  CHECK(late.get_future().get() == "instance/start");
  CHECK(control.lost_threads() == 1);
  std::thread::id second;
  CHECK(control.run(step("other", [&] { second = std::this_thread::get_id(); })) == Outcome::done);
  CHECK((first != second));
  release.set_value();
  while (control.lost_threads() != 0) std::this_thread::yield();
}

TEST_CASE("what a step holds is gone before its end is told") {
  patchbay::base::SystemClock clock;
  ControlThread control(clock, nullptr);
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = held;
  ControlStep s = step("hold", [held] { CHECK(*held == 1); });
  held.reset();
  CHECK(control.run(std::move(s)) == Outcome::done);
  CHECK(watched.expired());
}

TEST_CASE("after stop nothing runs, and stop waits no longer than a step may take") {
  patchbay::base::SystemClock clock;
  std::atomic<bool> ran{false};
  std::promise<void> release;
  std::promise<void> begun;
  {
    ControlThread control(clock, nullptr);
    const auto shared = std::make_shared<std::shared_future<void>>(release.get_future().share());
    control.post(step(
        "hang", [shared, &begun] { begun.set_value(), shared->wait(); }, 20));
    control.post(step("never", [&] { ran = true; }));
    begun.get_future().get();
    control.stop();
    CHECK(control.run(step("late", [&] { ran = true; })) == Outcome::refused);
  }
  release.set_value();
  CHECK_FALSE(ran);
}
