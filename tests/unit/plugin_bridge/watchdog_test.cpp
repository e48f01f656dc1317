#include "plugin_bridge/watchdog.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "plugin_bridge/breadcrumb_text.h"
#include "unit/plugin_bridge/support/bridge_fixture.h"

namespace patchbay::test {
namespace {

using plugin_bridge::Breaker;

/// A hook at publish.rewrite that does what it is told to, and a watchdog that looks when it is told to.
struct Watched {
  explicit Watched(plugin_bridge::BridgeOptions options = {}) : fixture(options), plugin(fixture, 8) {
    plugin_bridge::WatchdogCallbacks callbacks;
    callbacks.on_hang = [this](const plugin_bridge::HangReport& report) { hangs.push_back(report); };
    callbacks.on_hang_over = [this](const plugin_bridge::HangReport& report) { over.push_back(report); };
    callbacks.on_breaker = [this](const plugin_bridge::BreakerReport& report) { breakers.push_back(report); };
    watchdog().set_callbacks(callbacks);
    plugin.on(PATCHBAY_HOOK_publish_rewrite, PATCHBAY_PHASE_TRANSFORM, [this](const void*, patchbay_token) {
      if (during) during();
      patchbay_verdict verdict = answer(verdict_kind);
      if (failing || throwing) {
        verdict.kind = PATCHBAY_DENY;
        verdict.flags = PATCHBAY_VERDICT_FAILED;
      }
      if (throwing) verdict.flags |= PATCHBAY_VERDICT_THREW;
      return verdict;
    });
    plugin.start();
    fixture.publish({plugin.instance.get()});
  }
  ~Watched() { fixture.publish({}); }

  plugin_bridge::Watchdog& watchdog() { return fixture.bridge->watchdog(); }
  void call(int times = 1) {
    const auto client = make_client();
    for (int i = 0; i < times; ++i) {
      hooks::PublishRewriteEvent event;
      event.client = client.get();
      event.topic = "a";
      fixture.ask(0, fixture.points.publish_rewrite, event);
    }
  }
  void look(uint64_t after_ms) {
    fixture.clock.advance_ms(after_ms);
    watchdog().sample();
  }
  [[nodiscard]] uint64_t calls() { return plugin.hook().statistics().calls; }

  BridgeFixture fixture;
  TestPlugin plugin;
  std::function<void()> during;
  uint8_t verdict_kind = PATCHBAY_CONTINUE;
  bool failing = false;   // its back end
  bool throwing = false;  // its own code
  std::vector<plugin_bridge::HangReport> hangs;
  std::vector<plugin_bridge::HangReport> over;
  std::vector<plugin_bridge::BreakerReport> breakers;
};

}  // namespace

TEST_CASE("A call beyond its hard budget is named, counted and taken out of the path", "[plugin_bridge]") {
  Watched watched;
  std::string crumb;
  watched.during = [&] {
    watched.look(5);
    CHECK(watched.hangs.empty());
    watched.look(5);
    watched.look(5);
    std::array<char, 512> buffer{};
    crumb.assign(buffer.data(), plugin_bridge::breadcrumb_text(buffer.data(), buffer.size()));
  };
  watched.call();
  REQUIRE(watched.hangs.size() == 1);
  CHECK(watched.hangs[0].site == "plugin 'plugin8' (com.example.test 1.0.0) in publish.rewrite");
  CHECK(watched.hangs[0].thread == "shard 0");
  CHECK(watched.hangs[0].instance_number == 8);
  CHECK(watched.hangs[0].since_ms == 5);
  CHECK(crumb == "plugin 'plugin8' (com.example.test 1.0.0) in publish.rewrite, shard 0 (this thread)\n");
  CHECK(watched.plugin.hook().statistics().hard_overruns >= 1);
  CHECK(watched.watchdog().state_of(watched.plugin.hook()) == Breaker::State::open);

  watched.during = nullptr;
  watched.look(5);
  CHECK(watched.over.size() == 1);
  watched.call();
  CHECK(watched.calls() == 1);
  CHECK(watched.plugin.hook().statistics().not_called == 1);
  std::array<char, 64> none{};
  CHECK(plugin_bridge::breadcrumb_text(none.data(), none.size()) == 0);
}

TEST_CASE("Short calls are no hang, however many there are", "[plugin_bridge]") {
  Watched watched;
  for (int i = 0; i < 10; ++i) {
    watched.during = [&] { watched.look(5); };
    watched.call();
  }
  CHECK(watched.hangs.empty());
}

TEST_CASE("Faults open the breaker, probes close it", "[plugin_bridge]") {
  Watched watched;
  watched.throwing = true;
  watched.call(30);
  watched.look(100);
  CHECK(watched.watchdog().state_of(watched.plugin.hook()) == Breaker::State::open);
  watched.call(5);
  CHECK(watched.calls() == 30);

  watched.throwing = false;
  watched.look(1'000);
  CHECK(watched.watchdog().state_of(watched.plugin.hook()) == Breaker::State::half_open);
  watched.call(20);
  CHECK(watched.calls() == 35);  // five probes
  watched.look(100);
  CHECK(watched.watchdog().state_of(watched.plugin.hook()) == Breaker::State::closed);
  watched.call(10);
  CHECK(watched.calls() == 45);
  REQUIRE(watched.breakers.size() == 3);
  CHECK(watched.breakers[0].change == Breaker::Change::opened);
  CHECK(watched.breakers[1].change == Breaker::Change::half_opened);
  CHECK(watched.breakers[2].change == Breaker::Change::closed);
  CHECK(watched.breakers[0].hook == hooks::HookId::publish_rewrite);
}

TEST_CASE("A plugin that keeps throwing is quarantined until an operator says otherwise", "[plugin_bridge]") {
  Watched watched;
  watched.throwing = true;
  watched.call(30);
  watched.look(100);
  for (int opening = 0; opening < 2; ++opening) {
    watched.look(20'000);
    watched.call(5);
    watched.look(100);
  }
  CHECK(watched.watchdog().state_of(watched.plugin.hook()) == Breaker::State::quarantined);
  CHECK(watched.breakers.back().change == Breaker::Change::quarantined);
  CHECK(watched.breakers.back().openings == 3);
  watched.look(3'600'000);
  const uint64_t before = watched.calls();
  watched.call();
  CHECK(watched.calls() == before);
  CHECK(watched.watchdog().force(watched.plugin.hook(), false));
  watched.call();
  CHECK(watched.calls() == before + 1);
  CHECK(watched.watchdog().force(watched.plugin.hook(), true));
  watched.call();
  CHECK(watched.calls() == before + 1);
}

TEST_CASE("A back end that is down for long neither opens the breaker nor quarantines the plugin", "[plugin_bridge]") {
  Watched watched;
  watched.failing = true;
  for (int second = 0; second < 3'600; ++second) {
    watched.call(10);
    watched.look(1'000);
  }
  CHECK(watched.watchdog().state_of(watched.plugin.hook()) == Breaker::State::closed);
  CHECK(watched.breakers.empty());
  CHECK(watched.calls() == 36'000);
  const auto statistics = watched.plugin.hook().statistics();
  CHECK(statistics.failed == 36'000);
  CHECK(statistics.faults == 0);
  const auto outcomes = watched.plugin.hook().outcomes();
  CHECK(outcomes.failures == 36'000);
  CHECK(outcomes.faults == 0);
}

TEST_CASE("Answers that the point does not take are the plugin's own fault", "[plugin_bridge]") {
  Watched watched;
  watched.verdict_kind = PATCHBAY_ALLOW;  // publish.rewrite takes REPLACE only
  watched.call(30);
  watched.look(100);
  CHECK(watched.watchdog().state_of(watched.plugin.hook()) == Breaker::State::open);
  CHECK(watched.plugin.hook().statistics().faults == 30);
  CHECK(watched.plugin.hook().statistics().thrown == 0);
}

TEST_CASE("Probes whose askers are gone do not leave a breaker half open", "[plugin_bridge]") {
  Watched watched;
  watched.throwing = true;
  watched.call(30);
  watched.look(100);
  watched.look(1'000);
  watched.throwing = false;
  watched.call(4);  // one less than it takes
  watched.look(100);
  CHECK(watched.watchdog().state_of(watched.plugin.hook()) == Breaker::State::half_open);
  watched.look(1'000);
  watched.call(5);
  watched.look(100);
  CHECK(watched.watchdog().state_of(watched.plugin.hook()) == Breaker::State::closed);
}

TEST_CASE("The watchdog looks often while there is an instance, and seldom while there is none", "[plugin_bridge]") {
  /// A look reads the time once.
  class CountingClock final : public base::Clock {
   public:
    [[nodiscard]] uint64_t steady_ms() const override {
      ++looks_;
      return system_.steady_ms();
    }
    [[nodiscard]] uint64_t steady_ns() const override { return system_.steady_ns(); }
    [[nodiscard]] uint64_t unix_ms() const override { return system_.unix_ms(); }
    [[nodiscard]] uint64_t thread_cpu_us() const override { return system_.thread_cpu_us(); }
    /// How long the next `count` looks take.
    [[nodiscard]] uint64_t ms_of(uint32_t count) const {
      const uint64_t begin_ms = system_.steady_ms();
      const uint32_t end = looks_.load() + count;
      while (looks_.load() < end) std::this_thread::yield();
      return system_.steady_ms() - begin_ms;
    }

   private:
    base::SystemClock system_;
    mutable std::atomic<uint32_t> looks_{0};
  } clock;
  plugin_bridge::CallPlaces places(1);
  plugin_bridge::Watchdog watchdog(places, clock);
  watchdog.start();
  constexpr uint32_t kLooks = 5;
  // Of the first one, part of its pause may be over; that it is a millisecond early is the clock's rounding.
  constexpr uint64_t kIdleAtLeastMs = (plugin_bridge::Watchdog::kIdleMs - 1) * (kLooks - 1);
  CHECK(clock.ms_of(kLooks) >= kIdleAtLeastMs);
  watchdog.instance_begins();
  // A busy machine may hold up any thread, but not each time.
  uint64_t least_ms = kIdleAtLeastMs;
  for (int attempt = 0; attempt < 20 && least_ms >= kIdleAtLeastMs; ++attempt)
    least_ms = std::min(least_ms, clock.ms_of(kLooks));
  CHECK(least_ms < kIdleAtLeastMs);
  CHECK(clock.ms_of(kLooks) >= (plugin_bridge::Watchdog::kSampleMs - 1) * (kLooks - 1));
  watchdog.instance_begins();
  watchdog.instance_ended();
  watchdog.instance_ended();
  static_cast<void>(clock.ms_of(1));  // the pause that had begun
  CHECK(clock.ms_of(kLooks) >= kIdleAtLeastMs);
  watchdog.stop();
}

TEST_CASE("Breadcrumbs name services too, and fit into what is there", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture, 1);
  const base::ShardScope scope(1);
  const plugin_bridge::CallScope call(fixture.bridge->places(), plugin.instance->call_site("a timer"));
  CHECK(&plugin.instance->call_site("a timer") == &plugin.instance->call_site("a timer"));
  std::array<char, 256> buffer{};
  const size_t size = plugin_bridge::breadcrumb_text(buffer.data(), buffer.size());
  CHECK(std::string(buffer.data(), size) ==
        "plugin 'plugin1' (com.example.test 1.0.0) in a timer, shard 1 (this thread)\n");
  CHECK(plugin_bridge::breadcrumb_text(buffer.data(), 10) == 10);
}

}  // namespace patchbay::test
