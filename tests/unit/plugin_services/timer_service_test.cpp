#include "plugin_services/timer_service.h"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "support/shard_fixture.h"
#include "unit/plugin_services/services_fixture.h"

using namespace patchbay;
using namespace patchbay::plugin_services;
using patchbay::test::ServicesFixture;
using plugin_bridge::Held;

namespace {

/// Counts calls, and where they came.
struct Recorder {
  int calls = 0;
  uint64_t last_timer = 0;
  base::ShardId shard = 0xFFFE;
  std::function<void()> then;

  static void on_timer(void* self, uint64_t timer) {
    auto& recorder = *static_cast<Recorder*>(self);
    ++recorder.calls;
    recorder.last_timer = timer;
    recorder.shard = base::current_shard();
    if (recorder.then) recorder.then();
  }
};

struct Timers : ServicesFixture {
  explicit Timers(ServiceLimits given = {}, uint32_t queue_max = 10'000) : ServicesFixture(given, queue_max) {}
  ~Timers() {
    on_each_shard([&] { service.stop_on_shard(); });
    settle();
  }
  uint64_t set(uint64_t delay_ms, uint64_t period_ms = 0) {
    uint64_t timer = 0;
    REQUIRE(service.set(delay_ms, period_ms, &Recorder::on_timer, &recorder, timer) == PATCHBAY_OK);
    return timer;
  }
  uint64_t set_on(base::ShardId shard, uint64_t delay_ms, uint64_t period_ms = 0) {
    uint64_t timer = 0;
    flow.turn(shard, [&] { timer = set(delay_ms, period_ms); });
    return timer;
  }
  TimerService service{account, shards, workers};
  Recorder recorder;
};

}  // namespace

TEST_CASE("a timer that was set on a shard calls there, once, not early") {
  Timers timers;
  const uint64_t timer = timers.set_on(1, 100);
  CHECK(timers.instance.holds(Held::timers) == 1);
  timers.after_ms(80);
  CHECK(timers.recorder.calls == 0);
  timers.after_ms(60);
  CHECK(timers.recorder.calls == 1);
  CHECK(timers.recorder.last_timer == timer);
  CHECK(timers.recorder.shard == 1);
  CHECK(timers.instance.holds(Held::timers) == 0);
  timers.after_ms(500);
  CHECK(timers.recorder.calls == 1);
  CHECK(timers.service.cancel(timer) == PATCHBAY_NOT_FOUND);
}

TEST_CASE("a timer that was set elsewhere calls on a worker") {
  Timers timers;
  timers.set(50);
  timers.settle();
  timers.after_ms(100);
  CHECK(timers.recorder.calls == 1);
  CHECK(timers.recorder.shard == base::kNoShard);
  CHECK(timers.instance.holds(Held::timers) == 0);
  CHECK(timers.instance.holds(Held::worker_jobs) == 0);
}

TEST_CASE("a period calls again and again until the timer is cancelled, also by its own call") {
  Timers timers;
  const uint64_t timer = timers.set_on(0, 10, 50);
  timers.after_ms(320);
  CHECK(timers.recorder.calls >= 4);
  timers.recorder.then = [&] { CHECK(timers.service.cancel(timer) == PATCHBAY_OK); };
  timers.after_ms(60);
  const int calls = timers.recorder.calls;
  timers.recorder.then = {};
  timers.after_ms(300);
  CHECK(timers.recorder.calls == calls);
  CHECK(timers.instance.holds(Held::timers) == 0);
}

TEST_CASE("a cancelled timer does not call, from whichever thread it was cancelled") {
  Timers timers;
  const uint64_t here = timers.set_on(0, 50);
  const uint64_t elsewhere = timers.set_on(0, 50);
  const uint64_t of_worker = timers.set(50);
  timers.flow.turn(0, [&] { CHECK(timers.service.cancel(here) == PATCHBAY_OK); });
  CHECK(timers.service.cancel(elsewhere) == PATCHBAY_OK);
  CHECK(timers.instance.holds(Held::timers) == 2);         // the shard has not let go yet
  CHECK(timers.service.cancel(of_worker) == PATCHBAY_OK);  // before its shard has heard of it
  CHECK(timers.service.cancel(of_worker) == PATCHBAY_NOT_FOUND);
  timers.settle();
  CHECK(timers.instance.holds(Held::timers) == 0);
  timers.after_ms(500);
  CHECK(timers.recorder.calls == 0);
  CHECK(timers.service.cancel(uint64_t{99} << 48) == PATCHBAY_NOT_FOUND);
}

TEST_CASE("a worker timer whose last call still runs leaves a tick out: calls don't overlap") {
  Timers timers;
  timers.set(10, 50);
  timers.settle();
  timers.flow.advance_ms(300);  // ticks, while no worker comes to run anything
  CHECK(timers.workers.run_pending() == 1);
  CHECK(timers.recorder.calls == 1);
}

TEST_CASE("a worker timer is not lost when the workers have no room") {
  Timers timers({}, 0);
  timers.set(10);
  timers.settle();
  timers.after_ms(60);
  CHECK(timers.recorder.calls == 0);
  CHECK(timers.instance.holds(Held::timers) == 1);
}

TEST_CASE("plugins.max_timers is a bound, and refusals are counted") {
  ServiceLimits limits;
  limits.max_timers = 2;
  Timers timers(limits);
  timers.set_on(0, 50);
  timers.set(50);
  uint64_t timer = 0;
  CHECK(timers.service.set(50, 0, &Recorder::on_timer, &timers.recorder, timer) == PATCHBAY_BUSY);
  CHECK(timers.account.refusals.value(Refusal::timers) == 1);
  CHECK(refusal_key(Refusal::timers) == "plugins.max_timers");
  timers.settle();
  timers.after_ms(100);
  CHECK(timers.recorder.calls == 2);
  CHECK(timers.service.set(50, 0, &Recorder::on_timer, &timers.recorder, timer) == PATCHBAY_OK);
  timers.settle();
}

TEST_CASE("no timer begins while the instance drains or without a function; those that run go on") {
  Timers timers;
  timers.set_on(0, 50);
  uint64_t timer = 0;
  CHECK(timers.service.set(50, 0, nullptr, nullptr, timer) == PATCHBAY_INVALID);
  timers.instance.gate.move_to(plugin_bridge::GateState::draining);
  CHECK(timers.service.set(50, 0, &Recorder::on_timer, &timers.recorder, timer) == PATCHBAY_CLOSED);
  timers.after_ms(100);
  CHECK(timers.recorder.calls == 1);
}

TEST_CASE("after a shard has stopped the timers of the instance, none calls") {
  Timers timers;
  timers.set_on(0, 50, 50);
  timers.set_on(1, 50);
  timers.set(50, 50);
  timers.settle();
  timers.on_each_shard([&] { timers.service.stop_on_shard(); });
  CHECK(timers.instance.holds(Held::timers) == 0);
  timers.after_ms(500);
  CHECK(timers.recorder.calls == 0);
}

TEST_CASE("what a timer throws ends in the log, with the instance's name") {
  test::RecordingLog log;
  Timers timers;
  timers.recorder.then = [] { throw std::runtime_error("no database"); };
  timers.set_on(0, 10);
  timers.after_ms(50);
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0].find("probe") != std::string::npos);
  CHECK(log.lines[0].find("a timer has thrown: no database") != std::string::npos);
}
