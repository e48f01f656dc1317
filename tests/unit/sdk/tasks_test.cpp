#include <unistd.h>

#include <catch2/catch.hpp>
#include <patchbay/plugin.hpp>
#include <patchbay/with_timeout.hpp>

#include "patchbay/testing/chaos.hpp"

// Hooks that wait: at once, by timer, worker, descriptor, with a limit; ended by deadlines, clients and stop().

namespace {

using namespace std::chrono_literals;
using patchbay::testing::fake_host;
using patchbay::testing::host_options;

/// Counts what lives, so that a frame that is never destroyed is seen.
struct tracked {
  static inline std::atomic<int> alive = 0;
  tracked() { ++alive; }
  tracked(const tracked&) { ++alive; }
  ~tracked() { --alive; }
};

struct waiting final : patchbay::plugin<waiting> {
  using plugin::plugin;
  task<verdict> on_authenticate(auth_request a) {
    const tracked local;
    const std::string name(a.username());
    if (name == "now") co_return verdict::allow();
    if (name == "throw") throw std::runtime_error("at once");
    if (name == "sleep") co_await patchbay::sleep(300ms);
    if (name == "late throw") {
      co_await patchbay::sleep(10ms);
      throw std::runtime_error("later");
    }
    if (name == "worker") {
      co_await patchbay::on_worker();
      kind = current_kind();
      co_await patchbay::back_to_shard();
      shard = host().shard_index();
    }
    if (name == "fd") co_await patchbay::fd_readable(fd);
    if (name == "nested") co_return co_await decide(name);
    if (name == "limit") {
      const auto got = co_await patchbay::with_timeout(slow(std::chrono::milliseconds(limit_inner)), 500ms);
      co_return got ? verdict::allow(static_cast<std::uint64_t>(*got)) : verdict::deny(0x97);
    }
    co_return verdict::deny();
  }
  task<verdict> decide(std::string name) {
    const tracked local;
    co_await patchbay::sleep(50ms);
    co_return name == "nested" ? answer().allow(patchbay::grant().identity(name)) : verdict::deny();
  }
  task<int> slow(std::chrono::milliseconds delay) {
    const tracked local;
    if (delay.count() != 0) co_await patchbay::sleep(delay);
    if (limit_throws) throw std::runtime_error("inner");
    co_return 7;
  }
  static std::uint32_t current_kind() { return patchbay::testing::current_role.kind; }
  std::uint32_t kind = 99, shard = 99;
  int fd = -1;
  int limit_inner = 100;
  bool limit_throws = false;
};

waiting& object_of(fake_host& host) {
  return *static_cast<waiting*>(host.plugin()->self);
}

struct fixture {
  explicit fixture(host_options options = {}) : host(std::move(options)) {
    tracked::alive = 0;
    REQUIRE(host.start(patchbay::entry_of<waiting>("{}")) == PATCHBAY_OK);
  }
  patchbay::testing::answer ask(const char* name) { return host.authenticate({.client_id = name, .username = name}); }
  void finish() {
    host.stop();
    host.destroy();
    CHECK(host.leaks().text() == "");
    CHECK(host.violations().empty());
    CHECK(tracked::alive == 0);
  }
  fake_host host;
};

}  // namespace

TEST_CASE("a task that doesn't wait is an ordinary verdict") {
  fixture f;
  const auto now = f.ask("now");
  CHECK(now.allowed());
  CHECK_FALSE(now.deferred());
  CHECK(f.ask("throw").failed());
  CHECK(f.host.logged("on_authenticate threw: at once"));
  f.finish();
}

TEST_CASE("a task that sleeps defers, and answers when its time has come") {
  fixture f;
  const auto asked = f.ask("sleep");
  CHECK(asked.deferred());
  CHECK_FALSE(asked.done());
  CHECK(object_of(f.host).waiting_tasks() == 1);
  f.host.advance(299ms);
  CHECK_FALSE(asked.done());
  f.host.advance(1ms);
  CHECK(asked.denied());
  CHECK_FALSE(asked.failed());
  CHECK(object_of(f.host).waiting_tasks() == 0);
  f.finish();
}

TEST_CASE("tasks go to workers and come back to their shard") {
  fixture f;
  f.host.points.shard = 1;
  const auto asked = f.ask("worker");
  CHECK(asked.deferred());
  f.host.settle();
  CHECK(asked.denied());
  CHECK(object_of(f.host).kind == PATCHBAY_THREAD_WORKER);
  CHECK(object_of(f.host).shard == 1);
  f.finish();
}

TEST_CASE("tasks wait for tasks, and for descriptors") {
  fixture f;
  const auto nested = f.ask("nested");
  CHECK(nested.deferred());
  f.host.advance(50ms);
  CHECK(nested.allowed());
  CHECK(nested.grant().identity == "nested");

  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  object_of(f.host).fd = ends[0];
  const auto readable = f.ask("fd");
  CHECK(f.host.fds.count() == 1);
  CHECK(f.host.fds.poll_now() == 0);
  REQUIRE(::write(ends[1], "x", 1) == 1);
  CHECK(f.host.fds.poll_now() == 1);
  CHECK(readable.denied());
  CHECK(f.host.fds.count() == 0);
  ::close(ends[0]);
  ::close(ends[1]);
  f.finish();
}

TEST_CASE("an exception after a wait is a failed answer") {
  fixture f;
  const auto asked = f.ask("late throw");
  f.host.advance(10ms);
  CHECK(asked.failed());
  CHECK(f.host.logged("on_authenticate threw: later"));
  f.finish();
}

TEST_CASE("with_timeout gives the result, nothing, or what was thrown") {
  fixture f;
  auto& plugin = object_of(f.host);
  const auto quick = f.ask("limit");
  f.host.advance(100ms);
  CHECK(quick.allowed());
  CHECK(quick.number() == 7);

  plugin.limit_inner = 0;
  CHECK(f.ask("limit").allowed());

  plugin.limit_inner = 1000;
  const auto slow = f.ask("limit");
  f.host.advance(499ms);
  CHECK_FALSE(slow.done());
  f.host.advance(1ms);
  CHECK(slow.denied());
  CHECK(slow.reason() == 0x97);
  CHECK(f.host.clock.count() == 0);

  plugin.limit_inner = 10;
  plugin.limit_throws = true;
  const auto threw = f.ask("limit");
  f.host.advance(10ms);
  CHECK(threw.failed());
  f.finish();
}

TEST_CASE("a deadline ends the task: the fallback counts, the frame goes") {
  fixture f;
  object_of(f.host).fd = ::dup(0);
  const auto asked = f.ask("fd");
  CHECK(tracked::alive == 1);
  f.host.advance(5s);
  CHECK(asked.fell_back());
  CHECK(asked.denied());
  CHECK(tracked::alive == 0);
  CHECK(f.host.fds.count() == 0);
  ::close(object_of(f.host).fd);
  f.finish();
}

TEST_CASE("a client that leaves ends the task; so does stop()") {
  fixture f;
  const auto gone = f.ask("sleep");
  f.host.points.client_gone(gone);
  CHECK(tracked::alive == 0);
  CHECK(f.host.clock.count() == 0);
  const auto left = f.ask("sleep");
  const auto inside = f.ask("limit");
  const auto on_worker = f.ask("worker");
  CHECK(tracked::alive == 4);
  f.host.drain();
  CHECK(tracked::alive == 4);  // open tokens may still be completed
  f.host.stop();
  CHECK(tracked::alive == 0);
  CHECK(f.host.clock.count() == 0);
  // Nobody is left without an answer: the operator's fallback counts.
  CHECK(left.failed());
  CHECK(inside.failed());
  CHECK(on_worker.denied());
}

TEST_CASE("what the host refuses is thrown at the co_await") {
  fixture f;
  f.host.fail_after(0, PATCHBAY_BUSY);
  CHECK(f.ask("sleep").failed());
  CHECK(f.host.logged("sleep (BUSY)"));
  f.host.fail_after(0, PATCHBAY_CLOSED);
  CHECK(f.ask("worker").failed());
  f.host.fail_after(1, PATCHBAY_BUSY);  // the inner timer is set, the limit's is refused
  CHECK(f.ask("limit").failed());
  f.finish();
}

TEST_CASE("without the interface a wait fails, it doesn't crash") {
  fixture f(host_options{.without = {PATCHBAY_TIMER_1, PATCHBAY_WORKER_1, PATCHBAY_FD_1}});
  CHECK(f.ask("sleep").failed());
  CHECK(f.ask("worker").failed());
  CHECK(f.ask("fd").failed());
  CHECK(f.ask("limit").failed());
  f.finish();
}

TEST_CASE("where the point can't be deferred by the host, a wait is a failure") {
  fixture f;
  const auto hook = f.host.points.of_point(PATCHBAY_HOOK_auth_authenticate).at(0).raw;
  patchbay_authenticate_event event{};
  event.size = sizeof event;
  event.username = patchbay::testing::str("sleep");
  const patchbay_verdict given = hook.fn(hook.self, &event, patchbay_token{0});
  CHECK(given.kind == PATCHBAY_DENY);
  CHECK(given.flags == PATCHBAY_VERDICT_FAILED);
  CHECK(tracked::alive == 0);
  f.finish();
}

TEST_CASE("bad days: every question ends, nothing is left", "[chaos]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    fixture f(host_options{.shards = 3, .worker_threads = seed % 2 == 0});
    const char* names[] = {"sleep", "worker", "nested", "limit", "now", "late throw"};
    {
      patchbay::testing::chaos day(f.host, seed);
      const auto answers = day.run(200, [&](fake_host&, std::size_t i) { return f.ask(names[i % 6]); });
      for (const auto& each : answers) CHECK(each.done());
    }
    INFO("seed " << seed);
    f.finish();
  }
}

TEST_CASE("tasks on real worker threads", "[threads]") {
  fixture f(host_options{.worker_threads = true});
  std::vector<patchbay::testing::answer> asked;
  for (int i = 0; i < 500; ++i) asked.push_back(f.ask("worker"));
  for (int round = 0; round < 1000 && object_of(f.host).waiting_tasks() != 0; ++round) f.host.settle();
  for (const auto& each : asked) CHECK(each.denied());
  f.finish();
}
