#include "plugin_bridge/starved_threads.h"

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <thread>

#include "base/shard.h"
#include "plugin_bridge/watchdog.h"
#include "unit/plugin_bridge/support/bridge_fixture.h"

namespace patchbay::test {
namespace {

using plugin_bridge::Breaker;
using plugin_bridge::ThreadActivity;
using plugin_bridge::Watchdog;

constexpr int kOther = 1'000'000'001;  // no kernel thread has such a number
constexpr int kThird = 1'000'000'002;

/// What the kernel is played to say.
std::map<int, ThreadActivity>& played() {
  static std::map<int, ThreadActivity> activities;
  return activities;
}

plugin_bridge::ThreadView played_view() {
  played().clear();
  plugin_bridge::ThreadView view;
  view.activity = [](int thread) -> std::optional<ThreadActivity> {
    const auto found = played().find(thread);
    if (found == played().end()) return std::nullopt;
    return found->second;
  };
  view.threads = [] {
    std::vector<int> threads;
    for (const auto& each : played()) threads.push_back(each.first);
    return threads;
  };
  return view;
}

void runs(int thread, uint64_t ms) {
  played()[thread].runnable = true;
  played()[thread].cpu_ns += ms * 1'000'000;
  ++played()[thread].runs;
}
void waits_for_processor(int thread) {
  played()[thread].runnable = true;
}
void sleeps(int thread) {
  played()[thread].runnable = false;
}

/// A hook at publish.rewrite, in which this thread is as shard 0 while a watchdog of the test's own, with a thread of
/// its own, looks at it.
struct LateCall {
  LateCall() : plugin(fixture, 8), watchdog(fixture.bridge->places(), fixture.clock, {}, played_view()) {
    plugin_bridge::WatchdogCallbacks callbacks;
    callbacks.on_hang = [this](const plugin_bridge::HangReport& report) { hangs.push_back(report); };
    watchdog.set_callbacks(callbacks);
    plugin.on(PATCHBAY_HOOK_publish_rewrite, PATCHBAY_PHASE_TRANSFORM, [this](const void*, patchbay_token) {
      during();
      return answer(PATCHBAY_CONTINUE);
    });
    plugin.start();
    fixture.publish({plugin.instance.get()});
    watchdog.watch({&plugin.hook()});
  }
  ~LateCall() {
    watchdog.watch({});
    fixture.publish({});
  }

  void call(std::function<void()> body) {
    during = std::move(body);
    const auto client = make_client();
    hooks::PublishRewriteEvent event;
    event.client = client.get();
    event.topic = "a";
    fixture.ask(0, fixture.points.publish_rewrite, event);
  }
  void look(uint64_t after_ms = Watchdog::kSampleMs) {
    fixture.clock.advance_ms(after_ms);
    std::thread([this] { watchdog.sample(); }).join();
  }
  [[nodiscard]] bool open() { return watchdog.state_of(plugin.hook()) == Breaker::State::open; }

  BridgeFixture fixture;
  TestPlugin plugin;
  Watchdog watchdog;
  std::function<void()> during;
  std::vector<plugin_bridge::HangReport> hangs;
  const int shard = base::kernel_thread_id();
};

}  // namespace

TEST_CASE("Who could run from look to look and was given nothing starves", "[plugin_bridge]") {
  const plugin_bridge::ThreadView view = played_view();
  plugin_bridge::StarvedThreads starved(view);
  runs(kOther, 3);
  sleeps(kThird);
  CHECK(starved.look().empty());  // the first look tells nothing
  SECTION("given nothing") {
    CHECK(starved.look() == std::vector<int>{kOther});
    CHECK(starved.look() == std::vector<int>{kOther});
    SECTION("and then a processor") {
      runs(kOther, 0);
      CHECK(starved.look().empty());
    }
    SECTION("and then gone") {
      played().erase(kOther);
      CHECK(starved.look().empty());
    }
  }
  SECTION("it ran all the while, without a switch") {
    played()[kOther].cpu_ns += 4'000'000;
    CHECK(starved.look().empty());
  }
  SECTION("it ran for less than the kernel counts, and waits again") {
    ++played()[kOther].runs;
    CHECK(starved.look().empty());
  }
  SECTION("it sleeps now") {
    sleeps(kOther);
    CHECK(starved.look().empty());
    SECTION("and was woken since: how long it waits is not known yet") {
      waits_for_processor(kOther);
      CHECK(starved.look().empty());
      CHECK(starved.look() == std::vector<int>{kOther});
    }
  }
}

TEST_CASE("The watchdog's own thread, which runs as it looks, does not starve", "[plugin_bridge]") {
  const plugin_bridge::ThreadView view = played_view();
  plugin_bridge::StarvedThreads starved(view);
  runs(base::kernel_thread_id(), 1);
  CHECK(starved.look().empty());
  CHECK(starved.look().empty());
}

TEST_CASE("A call that sleeps while everybody has a processor is the plugin's own doing", "[plugin_bridge]") {
  LateCall late;
  late.call([&] {
    late.look();
    sleeps(late.shard);
    runs(kOther, 5);
    late.look();
    CHECK(late.hangs.empty());  // suspected
    runs(kOther, 5);
    late.look();
    CHECK(late.hangs.size() == 1);
  });
  CHECK(late.open());
}

TEST_CASE("A call that sleeps while another thread is given no processor is not held against the plugin",
          "[plugin_bridge]") {
  LateCall late;
  late.call([&] {
    sleeps(late.shard);
    waits_for_processor(kOther);
    for (int looks = 0; looks < 20; ++looks) late.look();
    SECTION("which then runs, and lets the lock go") {
      runs(kOther, 1);
      runs(late.shard, 0);
    }
    SECTION("which then runs, and still the call sleeps: for who runs it waits no longer than its budget") {
      CHECK(late.hangs.empty());
      runs(kOther, 1);
      late.look();
      CHECK(late.hangs.size() == 1);
      late.hangs.clear();
    }
  });
  CHECK(late.hangs.empty());
}

TEST_CASE("No call sleeps for more than a second without being a hang, whoever starves", "[plugin_bridge]") {
  LateCall late;
  late.call([&] {
    late.look();
    sleeps(late.shard);
    waits_for_processor(kOther);
    const uint64_t looks = Watchdog::kStarvedMs / Watchdog::kSampleMs;
    for (uint64_t look = 0; look < looks; ++look) late.look();
    CHECK(late.hangs.empty());
    late.look();
    REQUIRE(late.hangs.size() == 1);
    CHECK(late.hangs[0].since_ms > Watchdog::kStarvedMs);
  });
  CHECK(late.open());
}

TEST_CASE("A call that worked for a while before it sleeps is seen too", "[plugin_bridge]") {
  LateCall late;
  late.call([&] {
    late.look();
    runs(late.shard, 1);
    late.look();
    CHECK(late.hangs.empty());
    sleeps(late.shard);
    late.look();
    CHECK(late.hangs.empty());
    late.look();
    CHECK(late.hangs.size() == 1);
  });
}

TEST_CASE("A call that uses its budget of processor time is late, whoever starves", "[plugin_bridge]") {
  LateCall late;
  late.call([&] {
    late.look();
    runs(late.shard, 1);
    waits_for_processor(kOther);
    late.look();
    CHECK(late.hangs.empty());
    runs(late.shard, 1);
    late.look();
    CHECK(late.hangs.size() == 1);
  });
}

TEST_CASE("Who starves while a call waits is taken off leftovers at once", "[plugin_bridge]") {
  LateCall late;
  plugin_bridge::BackgroundThreads& background = late.fixture.bridge->places().background();
  late.call([&] {
    std::thread([&] {
      const plugin_bridge::BackgroundThreads::Scope scope(background, "background");
      const uint32_t before = background.on_leftovers();
      sleeps(late.shard);
      waits_for_processor(base::kernel_thread_id());
      for (int looks = 0; looks < 4; ++looks) late.look();
      // Without the privilege to come back nobody is on leftovers: nothing to undo then, before as after.
      CHECK(background.on_leftovers() == 0);
      CHECK(background.starved() == before);
    }).join();
  });
  CHECK(late.hangs.empty());
}

}  // namespace patchbay::test
