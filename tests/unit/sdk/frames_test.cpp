#include <catch2/catch.hpp>
#include <cstring>
#include <patchbay/plugin.hpp>
#include <thread>

#include "patchbay/testing/fake_host.hpp"

// Where the frames of tasks come from: the instance keeps ended ones for each shard; what begins or ends elsewhere, or
// is too large, is the allocator's.

namespace {

using namespace std::chrono_literals;
using patchbay::detail::frame_cache;
using patchbay::testing::fake_host;
using patchbay::testing::host_options;
using patchbay::testing::role_scope;

struct framed final : patchbay::plugin<framed> {
  using plugin::plugin;
  task<verdict> on_authenticate(auth_request a) {
    char local = 0;
    where = reinterpret_cast<std::uintptr_t>(&local);
    const std::string name(a.username());
    if (name == "nested") co_return co_await inner(3);
    if (name == "free") co_return co_await stranger(*this);
    if (name == "large") co_return co_await large();
    if (name == "worker") co_await patchbay::on_worker();
    if (name == "sleep") co_await patchbay::sleep(10ms);
    if (name == "nested sleep") co_return co_await inner_sleep(3);
    if (name == "caught") {
      try {
        co_await fails();
      } catch (const std::runtime_error&) {
        co_return verdict::allow();
      }
    }
    co_return local == 0 ? verdict::allow() : verdict::deny();
  }
  task<verdict> inner(int depth) {
    if (depth == 0) co_return verdict::allow();
    co_return co_await inner(depth - 1);
  }
  task<verdict> inner_sleep(int depth) {
    if (depth != 0) co_return co_await inner_sleep(depth - 1);
    co_await patchbay::sleep(10ms);
    co_return verdict::allow();
  }
  task<verdict> large() {
    char much[frame_cache::step * frame_cache::classes];
    std::memset(much, 1, sizeof much);
    co_await nothing();
    co_return much[sizeof much - 1] == 1 ? verdict::allow() : verdict::deny();
  }
  task<void> nothing() { co_return; }
  task<void> fails() {
    throw std::runtime_error("inside");
    co_return;
  }
  static task<verdict> stranger(const framed&) { co_return verdict::allow(); }
  std::uintptr_t where = 0;
};

struct fixture {
  explicit fixture(host_options options = {}) : host(std::move(options)) {
    REQUIRE(host.start(patchbay::entry_of<framed>("{}")) == PATCHBAY_OK);
  }
  patchbay::testing::answer ask(const char* name) { return host.authenticate({.client_id = name, .username = name}); }
  framed& plugin() { return *static_cast<framed*>(host.plugin()->self); }
  frame_cache& frames() { return patchbay::detail::instance_access::runtime_of(plugin()).frames; }
  std::size_t waiting(std::uint32_t shard = 0) {
    const role_scope on_shard(PATCHBAY_THREAD_SHARD, shard);
    return frames().waiting();
  }
  void finish() {
    host.stop();
    host.destroy();
    CHECK(host.leaks().text() == "");
    CHECK(host.violations().empty());
  }
  fake_host host;
};

}  // namespace

TEST_CASE("a task that doesn't wait gets the frame of the one before, of its own shard") {
  fixture f(host_options{.shards = 2});
  CHECK(f.ask("now").allowed());
  const std::uintptr_t first = f.plugin().where;
  CHECK(f.waiting(0) == 1);
  CHECK(f.ask("now").allowed());
  CHECK(f.plugin().where == first);
  CHECK(f.waiting(0) == 1);
  f.host.points.shard = 1;
  CHECK(f.waiting(1) == 0);
  CHECK(f.ask("now").allowed());
  CHECK(f.plugin().where != first);
  CHECK(f.waiting(1) == 1);
  f.finish();
}

TEST_CASE("a frame that still waits is nobody else's") {
  fixture f;
  CHECK(f.ask("now").allowed());
  const auto asleep = f.ask("sleep");
  const std::uintptr_t held = f.plugin().where;
  CHECK(asleep.deferred());
  CHECK(f.waiting() == 0);
  CHECK(f.ask("now").allowed());
  CHECK(f.plugin().where != held);
  f.host.advance(10ms);
  CHECK(asleep.allowed());
  CHECK(f.waiting() == 2);
  f.finish();
}

TEST_CASE("a frame that ends on a worker goes back to the allocator, and one at stop() too") {
  for (const bool threads : {false, true}) {
    fixture f(host_options{.worker_threads = threads});
    const auto asked = f.ask("worker");
    CHECK(asked.deferred());
    for (int round = 0; round < 1000 && f.plugin().waiting_tasks() != 0; ++round) f.host.settle();
    CHECK(asked.allowed());
    CHECK(f.waiting() == 0);
    CHECK(f.ask("sleep").deferred());
    f.finish();
  }
}

TEST_CASE("tasks within tasks have frames of their own, without and with waits, and when they throw") {
  fixture f;
  for (int i = 0; i < 3; ++i) CHECK(f.ask("nested").allowed());
  CHECK(f.waiting() >= 2);
  CHECK(f.waiting() <= frame_cache::classes * frame_cache::kept);
  CHECK(f.plugin().waiting_tasks() == 0);
  const auto asleep = f.ask("nested sleep");
  CHECK(asleep.deferred());
  f.host.advance(10ms);
  CHECK(asleep.allowed());
  CHECK(f.ask("caught").allowed());
  CHECK(f.ask("free").allowed());
  f.finish();
}

TEST_CASE("frames beyond the largest size are the allocator's") {
  fixture f;
  CHECK(f.ask("now").allowed());
  CHECK(f.ask("large").allowed());
  const std::size_t after_first = f.waiting();
  CHECK(f.ask("large").allowed());
  CHECK(f.waiting() == after_first);
  f.finish();
}

TEST_CASE("frames are kept by size, few of each, and never shared between sizes") {
  fixture f;
  const role_scope on_shard(PATCHBAY_THREAD_SHARD, 0);
  frame_cache& frames = f.frames();
  for (std::size_t size_class = 0; size_class < frame_cache::classes; ++size_class) {
    const std::size_t largest = (size_class + 1) * frame_cache::step;
    const std::size_t before = frames.waiting();
    std::vector<void*> taken;
    for (std::size_t i = 0; i < frame_cache::kept + 2; ++i) taken.push_back(frames.allocate(largest));
    for (void* each : taken) std::memset(each, 0xA5, largest);
    for (void* each : taken) frame_cache::release(each);
    CHECK(frames.waiting() == before + frame_cache::kept);
    void* const smallest = frames.allocate(size_class * frame_cache::step + 1);
    CHECK(smallest == taken[frame_cache::kept - 1]);
    CHECK(reinterpret_cast<std::uintptr_t>(smallest) % __STDCPP_DEFAULT_NEW_ALIGNMENT__ == 0);
    std::memset(smallest, 0x5A, largest);
    frame_cache::release(smallest);
  }
  void* const beyond = frames.allocate(frame_cache::classes * frame_cache::step + 1);
  frame_cache::release(beyond);
  CHECK(frames.waiting() == frame_cache::classes * frame_cache::kept);
}

TEST_CASE("a frame that is given back elsewhere is not kept there", "[threads]") {
  fixture f;
  const auto take = [&](std::uint32_t shard) {
    const role_scope on_shard(PATCHBAY_THREAD_SHARD, shard);
    return f.frames().allocate(100);
  };
  void* const by_nobody = take(0);
  void* const by_other_shard = take(0);
  std::thread([&] { frame_cache::release(by_nobody); }).join();
  std::thread([&] {
    const role_scope on_shard(PATCHBAY_THREAD_SHARD, 1);
    frame_cache::release(by_other_shard);
  }).join();
  CHECK(f.waiting(0) == 0);
  CHECK(f.waiting(1) == 1);
  CHECK(take(1) == by_other_shard);
  frame_cache::release(by_other_shard);
  f.finish();
}
