#include "base/assert.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "base/result.h"
#include "base/shard.h"
#include "base/timer_wheel.h"

using namespace patchbay::base;

namespace {

/// Whether `function` ends its process by an assertion.
template <class F>
bool asserts(F function) {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    close(STDERR_FILENO);
    function();
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

}  // namespace

TEST_CASE("an assertion ends the process only when its condition is false") {
  CHECK(asserts([] { PATCHBAY_ASSERT(1 + 1 == 3); }));
  CHECK_FALSE(asserts([] { PATCHBAY_ASSERT(1 + 1 == 2); }));
}

TEST_CASE("reading the side of a result that is not there is an assertion") {
  CHECK(asserts([] { static_cast<void>(Result<int, char>(fail('e')).value()); }));
  CHECK(asserts([] { static_cast<void>(Result<int, char>(1).error()); }));
  CHECK_FALSE(asserts([] { static_cast<void>(Result<int, char>(1).value()); }));
}

TEST_CASE("data of a shard may be touched by that shard only") {
  OnShard<int> data(3, 42);
  CHECK(asserts([&data] { data.get() = 1; }));
  CHECK(asserts([&data] {
    const ShardScope other(4);
    data.get() = 1;
  }));
  const ShardScope owner(3);
  CHECK(data.get() == 42);
}

TEST_CASE("a timer without a callback can't be started") {
  TimerWheel wheel(0);
  CHECK(asserts([&wheel] {
    Timer timer;
    wheel.start(timer, 0, 10);
  }));
}
