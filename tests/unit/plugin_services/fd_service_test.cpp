#include "plugin_services/fd_service.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <vector>

#include "net/readiness.h"
#include "unit/plugin_services/services_fixture.h"

using namespace patchbay;
using namespace patchbay::plugin_services;
using patchbay::test::ServicesFixture;
using plugin_bridge::Held;

namespace {

struct Pipe {
  Pipe() { REQUIRE(pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0); }
  ~Pipe() {
    close_writer();
    close(ends[0]);
  }
  void write(char c) const { REQUIRE(::write(ends[1], &c, 1) == 1); }
  char read() const {
    char c = 0;
    REQUIRE(::read(ends[0], &c, 1) == 1);
    return c;
  }
  void close_writer() {
    if (ends[1] >= 0) close(ends[1]);
    ends[1] = -1;
  }
  int ends[2] = {-1, -1};
};

/// Two shards with real loops, played on the test's thread.
struct Watches : ServicesFixture {
  explicit Watches(ServiceLimits given = {}) : ServicesFixture(given) {}
  ~Watches() {
    for (base::ShardId shard = 0; shard < 2; ++shard) on(shard, [&] { service.stop_on_shard(); });
  }
  struct Call {
    base::ShardId shard;
    uint64_t watch;
    int32_t fd;
    uint32_t events;
  };
  static void note(void* self, uint64_t watch, int32_t fd, uint32_t events) {
    auto& watches = *static_cast<Watches*>(self);
    watches.calls.push_back({base::current_shard(), watch, fd, events});
    if (watches.then) watches.then();
  }
  void on(base::ShardId shard, const std::function<void()>& work) {
    net::Readiness& readiness = shard == 0 ? first : second;
    const net::Readiness::Scope scope(readiness);
    flow.turn(shard, work);
  }
  /// A turn of each shard's loop, with its mail.
  void turns(int count = 1) {
    for (int i = 0; i < count; ++i) {
      for (base::ShardId shard = 0; shard < 2; ++shard) {
        net::Readiness& readiness = shard == 0 ? first : second;
        on(shard, [&] {
          flow.environment(shard).shard.mailbox->drain();
          readiness.wait(0);
          readiness.dispatch();
        });
      }
    }
  }
  uint64_t watch(uint32_t shard, int fd, uint32_t events) {
    uint64_t id = 0;
    REQUIRE(service.watch(shard, fd, events, &Watches::note, this, id) == PATCHBAY_OK);
    return id;
  }

  net::Readiness first{flow.environment(0).shard};
  net::Readiness second{flow.environment(1).shard};
  FdService service{account, shards};
  std::vector<Call> calls;
  std::function<void()> then;
};

}  // namespace

TEST_CASE("a watch is level-triggered: it calls as long as there is something to read, on its shard") {
  Watches watches;
  const Pipe pipe;
  const uint64_t id = watches.watch(1, pipe.ends[0], PATCHBAY_FD_READ);
  CHECK(watches.instance.holds(Held::fd_watches) == 1);
  watches.turns(3);
  CHECK(watches.calls.empty());
  pipe.write('a');
  watches.turns(3);
  CHECK(watches.calls.size() >= 3);
  CHECK(watches.calls[0].shard == 1);
  CHECK(watches.calls[0].watch == id);
  CHECK(watches.calls[0].fd == pipe.ends[0]);
  CHECK(watches.calls[0].events == PATCHBAY_FD_READ);
  CHECK(pipe.read() == 'a');
  watches.turns();
  watches.calls.clear();
  watches.turns(3);
  CHECK(watches.calls.empty());
  pipe.write('b');
  watches.turns();
  CHECK_FALSE(watches.calls.empty());
}

TEST_CASE("what was there before the watch began is told") {
  Watches watches;
  const Pipe pipe;
  pipe.write('a');
  watches.on(0, [&] { watches.watch(0, pipe.ends[0], PATCHBAY_FD_READ); });
  watches.turns(2);
  CHECK_FALSE(watches.calls.empty());
}

TEST_CASE("events can be changed: none for now, then reading, then writing") {
  Watches watches;
  const Pipe pipe;
  const uint64_t reader = watches.watch(0, pipe.ends[0], 0);
  const uint64_t writer = watches.watch(0, pipe.ends[1], 0);
  pipe.write('a');
  watches.turns(3);
  CHECK(watches.calls.empty());
  CHECK(watches.service.change(reader, PATCHBAY_FD_READ) == PATCHBAY_OK);
  watches.turns(2);
  REQUIRE_FALSE(watches.calls.empty());
  CHECK(watches.calls.back().watch == reader);
  CHECK(watches.service.change(reader, 0) == PATCHBAY_OK);
  CHECK(watches.service.change(writer, PATCHBAY_FD_WRITE) == PATCHBAY_OK);
  watches.calls.clear();
  watches.turns(2);
  REQUIRE_FALSE(watches.calls.empty());
  CHECK(watches.calls.back().watch == writer);
  CHECK(watches.calls.back().events == PATCHBAY_FD_WRITE);
  CHECK(watches.service.change(12345, 0) == PATCHBAY_NOT_FOUND);
}

TEST_CASE("the end of the other side is an error event, asked for or not") {
  Watches watches;
  Pipe pipe;
  watches.watch(0, pipe.ends[0], PATCHBAY_FD_READ);
  watches.turns();
  pipe.close_writer();
  watches.turns(2);
  REQUIRE_FALSE(watches.calls.empty());
  CHECK((watches.calls.back().events & PATCHBAY_FD_ERROR) != 0);
}

TEST_CASE("after unwatch on the shard no call comes; elsewhere the end is told on the shard") {
  Watches watches;
  const Pipe first_pipe;
  const Pipe second_pipe;
  const uint64_t here = watches.watch(0, first_pipe.ends[0], PATCHBAY_FD_READ);
  const uint64_t there = watches.watch(1, second_pipe.ends[0], PATCHBAY_FD_READ);
  watches.turns();
  first_pipe.write('a');
  second_pipe.write('b');
  watches.then = [&] { CHECK(watches.service.unwatch(here, nullptr, nullptr) == PATCHBAY_OK); };
  watches.on(0, [&] {
    watches.first.wait(0);
    watches.first.dispatch();
  });
  CHECK(watches.calls.size() == 1);
  watches.then = {};
  static base::ShardId done_on = base::kNoShard;
  CHECK(watches.service.unwatch(
            there, [](void*) { done_on = base::current_shard(); }, nullptr) == PATCHBAY_OK);
  CHECK(watches.service.unwatch(there, nullptr, nullptr) == PATCHBAY_NOT_FOUND);
  CHECK(watches.instance.holds(Held::fd_watches) == 1);
  watches.turns(3);
  CHECK(done_on == 1);
  CHECK(watches.calls.size() == 1);
  CHECK(watches.instance.holds(Held::fd_watches) == 0);
}

TEST_CASE("what cannot be watched is refused, at once or by an error event") {
  Watches watches;
  uint64_t id = 0;
  CHECK(watches.service.watch(0, -1, PATCHBAY_FD_READ, &Watches::note, &watches, id) == PATCHBAY_INVALID);
  CHECK(watches.service.watch(2, 0, PATCHBAY_FD_READ, &Watches::note, &watches, id) == PATCHBAY_INVALID);
  CHECK(watches.service.watch(0, 0, 64, &Watches::note, &watches, id) == PATCHBAY_INVALID);
  const int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);  // a file is always ready: epoll refuses it
  watches.on(0, [&] {
    CHECK(watches.service.watch(0, file, PATCHBAY_FD_READ, &Watches::note, &watches, id) == PATCHBAY_INVALID);
  });
  CHECK(watches.instance.holds(Held::fd_watches) == 0);
  watches.watch(1, file, PATCHBAY_FD_READ);
  watches.turns();
  REQUIRE(watches.calls.size() == 1);
  CHECK(watches.calls[0].events == PATCHBAY_FD_ERROR);
  close(file);
}

TEST_CASE("plugins.max_fd_watches is a bound, and a draining instance begins no watch") {
  ServiceLimits limits;
  limits.max_fd_watches = 1;
  Watches watches(limits);
  const Pipe pipe;
  uint64_t id = 0;
  watches.watch(0, pipe.ends[0], PATCHBAY_FD_READ);
  CHECK(watches.service.watch(0, pipe.ends[1], PATCHBAY_FD_WRITE, &Watches::note, &watches, id) == PATCHBAY_BUSY);
  CHECK(watches.account.refusals.value(Refusal::fd_watches) == 1);
  watches.turns();
  watches.instance.gate.move_to(plugin_bridge::GateState::draining);
  CHECK(watches.service.watch(0, pipe.ends[1], PATCHBAY_FD_WRITE, &Watches::note, &watches, id) == PATCHBAY_CLOSED);
}

TEST_CASE("after a shard has stopped the watches of the instance, none calls") {
  Watches watches;
  const Pipe pipe;
  watches.watch(0, pipe.ends[0], PATCHBAY_FD_READ);
  watches.turns();
  pipe.write('a');
  for (base::ShardId shard = 0; shard < 2; ++shard) watches.on(shard, [&] { watches.service.stop_on_shard(); });
  watches.turns(3);
  CHECK(watches.calls.empty());
  CHECK(watches.instance.holds(Held::fd_watches) == 0);
}
