#include "base/timer_wheel.h"

#include <catch2/catch.hpp>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "base/random.h"

using namespace patchbay::base;

namespace {

constexpr uint64_t kTick = TimerWheel::kTickMs;

struct Probe {
  Timer timer;
  int fired = 0;
  Probe() {
    timer.bind([](void* self) { ++static_cast<Probe*>(self)->fired; }, this);
  }
};

/// A probe that remembers when it fired, and when it should.
struct Modelled {
  Timer timer;
  const uint64_t* now_ms = nullptr;
  std::optional<uint64_t> due_ms;  // set while running
  uint64_t started = 0;
  uint64_t fired = 0;
  uint64_t worst_lateness_ms = 0;
  bool early = false;

  Modelled() { timer.bind(&Modelled::on_fire, this); }
  static void on_fire(void* owner) {
    auto& self = *static_cast<Modelled*>(owner);
    ++self.fired;
    if (!self.due_ms.has_value() || *self.now_ms < *self.due_ms) {
      self.early = true;
      return;
    }
    self.worst_lateness_ms = std::max(self.worst_lateness_ms, *self.now_ms - *self.due_ms);
    self.due_ms.reset();
  }
};

}  // namespace

TEST_CASE("a timer fires once, not early, at most a tick late") {
  TimerWheel wheel(1'000);
  Probe probe;
  wheel.start(probe.timer, 1'000, 100);
  CHECK(probe.timer.running());
  CHECK(wheel.size() == 1);
  wheel.advance(1'099);
  CHECK(probe.fired == 0);
  wheel.advance(1'100 + kTick);
  CHECK(probe.fired == 1);
  CHECK_FALSE(probe.timer.running());
  wheel.advance(100'000);
  CHECK(probe.fired == 1);
}

TEST_CASE("a stopped timer doesn't fire; a destroyed one neither") {
  TimerWheel wheel(0);
  Probe stopped;
  wheel.start(stopped.timer, 0, 50);
  stopped.timer.stop();
  stopped.timer.stop();
  auto gone = std::make_unique<Probe>();
  wheel.start(gone->timer, 0, 50);
  CHECK(wheel.size() == 1);
  gone.reset();
  CHECK(wheel.size() == 0);
  wheel.advance(1'000);
  CHECK(stopped.fired == 0);
}

TEST_CASE("starting a running timer moves it") {
  TimerWheel wheel(0);
  Probe probe;
  wheel.start(probe.timer, 0, 50);
  wheel.start(probe.timer, 0, 5'000);
  CHECK(wheel.size() == 1);
  wheel.advance(4'999);
  CHECK(probe.fired == 0);
  wheel.advance(5'000 + kTick);
  CHECK(probe.fired == 1);
}

TEST_CASE("a callback may start its own timer again and stop others that are due with it") {
  struct Pair {
    TimerWheel wheel{0};
    uint64_t now_ms = 0;
    Timer again;
    Timer victim;
    int repeats = 0;
    int victims = 0;
  } pair;
  pair.again.bind(
      [](void* owner) {
        auto& self = *static_cast<Pair*>(owner);
        self.victim.stop();
        if (++self.repeats < 3) self.wheel.start(self.again, self.now_ms, 0);
      },
      &pair);
  pair.victim.bind([](void* owner) { ++static_cast<Pair*>(owner)->victims; }, &pair);
  pair.wheel.start(pair.again, 0, 100);
  pair.wheel.start(pair.victim, 0, 100);
  for (; pair.now_ms < 1'000; pair.now_ms += kTick) pair.wheel.advance(pair.now_ms);
  CHECK(pair.repeats == 3);
  CHECK(pair.victims == 0);
}

TEST_CASE("the longest delays fire at their time, far beyond the last level") {
  TimerWheel wheel(0);
  Probe probe;
  const uint64_t delay_ms = ((uint64_t{1} << 24) + 12'345) * kTick;  // more than the wheel's turn
  wheel.start(probe.timer, 0, delay_ms);
  wheel.advance(delay_ms - 1);
  CHECK(probe.fired == 0);
  wheel.advance(delay_ms + kTick);
  CHECK(probe.fired == 1);
}

TEST_CASE("the next due time is exact enough to sleep by: never late, and never when nothing runs") {
  TimerWheel wheel(0);
  CHECK(wheel.next_due_in_ms(0) == TimerWheel::kNever);
  Probe probe;
  wheel.start(probe.timer, 0, 100);
  uint64_t now_ms = 0;
  int turns = 0;
  while (probe.fired == 0) {
    const uint64_t wait_ms = wheel.next_due_in_ms(now_ms);
    REQUIRE(wait_ms != TimerWheel::kNever);
    now_ms += wait_ms;
    wheel.advance(now_ms);
    REQUIRE(++turns < 10);
  }
  CHECK(now_ms >= 100);
  CHECK(now_ms <= 100 + kTick);
  CHECK(wheel.next_due_in_ms(now_ms) == TimerWheel::kNever);
}

TEST_CASE("sleeping by next_due_in_ms never makes a timer late, for delays on every level") {
  for (const uint64_t delay_ms : {uint64_t{1}, uint64_t{900}, uint64_t{1'024}, uint64_t{65'536}, uint64_t{70'000},
                                  uint64_t{4'194'304}, uint64_t{9'999'999}}) {
    const uint64_t start_ms = 777'777;
    TimerWheel wheel(start_ms);
    Probe probe;
    wheel.start(probe.timer, start_ms, delay_ms);
    uint64_t now_ms = start_ms;
    while (probe.fired == 0) {
      const uint64_t wait_ms = wheel.next_due_in_ms(now_ms);
      REQUIRE(wait_ms != TimerWheel::kNever);
      now_ms += std::max<uint64_t>(wait_ms, 1);
      wheel.advance(now_ms);
    }
    INFO(delay_ms);
    CHECK(now_ms >= start_ms + delay_ms);
    CHECK(now_ms <= start_ms + delay_ms + 2 * kTick);
  }
}

TEST_CASE("a wheel behaves like a list of due times, whatever is started, stopped and waited for") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SeededRandom random(seed);
    uint64_t now_ms = random.below(1u << 30);
    std::vector<std::unique_ptr<Modelled>> timers(60);
    TimerWheel wheel(now_ms);
    for (auto& timer : timers) {
      timer = std::make_unique<Modelled>();
      timer->now_ms = &now_ms;
    }
    for (int step = 0; step < 3'000; ++step) {
      Modelled& timer = *timers[random.below(timers.size())];
      switch (random.below(4)) {
        case 0: {
          static constexpr uint64_t kRanges[] = {10, 1'000, 70'000, 5'000'000, 300'000'000};
          const uint64_t delay_ms = random.below(kRanges[random.below(5)]);
          wheel.start(timer.timer, now_ms, delay_ms);
          timer.due_ms = now_ms + delay_ms;
          break;
        }
        case 1:
          timer.timer.stop();
          timer.due_ms.reset();
          break;
        default: {
          // Turns of a loop come at most 16 ms apart here, so a timer may be two ticks behind its due time at worst.
          now_ms += random.below(kTick);
          wheel.advance(now_ms);
        }
      }
      if (step % 500 == 499) {
        now_ms += random.below(2'000'000);  // a long sleep: lateness is the sleeper's, so it isn't judged
        wheel.advance(now_ms);
        for (auto& each : timers) each->worst_lateness_ms = 0;
      }
      size_t running = 0;
      for (const auto& each : timers) {
        REQUIRE_FALSE(each->early);
        REQUIRE(each->timer.running() == each->due_ms.has_value());
        REQUIRE(each->worst_lateness_ms <= 2 * kTick);
        if (each->due_ms.has_value()) {
          ++running;
          REQUIRE(*each->due_ms + 2 * kTick > now_ms);  // nothing overdue stays
        }
      }
      REQUIRE(wheel.size() == running);
    }
  }
}
