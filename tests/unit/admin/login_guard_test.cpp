#include <catch2/catch.hpp>

#include "admin/login_guard.h"
#include "admin/request_limits.h"

using namespace patchbay::admin;
using patchbay::base::ManualClock;

TEST_CASE("who guesses is locked out, and nobody else") {
  ManualClock clock;
  LoginGuard guard(clock);
  for (int count = 0; count < 4; ++count) guard.failed("admin", "10.0.0.1");
  CHECK(guard.locked_for_ms("admin", "10.0.0.1") == 0);
  guard.failed("admin", "10.0.0.1");
  CHECK(guard.locked_for_ms("admin", "10.0.0.1") == 600'000);
  CHECK(guard.locked_for_ms("admin", "10.0.0.2") == 0);
  CHECK(guard.locked_for_ms("other", "10.0.0.1") == 0);
  clock.advance_ms(600'000);
  CHECK(guard.locked_for_ms("admin", "10.0.0.1") == 0);
}

TEST_CASE("wrong passwords of long ago do not count, and a right one forgets them") {
  ManualClock clock;
  LoginGuard guard(clock);
  for (int count = 0; count < 4; ++count) guard.failed("a", "x");
  clock.advance_ms(300'001);
  guard.failed("a", "x");
  CHECK(guard.locked_for_ms("a", "x") == 0);
  for (int count = 0; count < 3; ++count) guard.failed("a", "x");
  guard.succeeded("a", "x");
  guard.failed("a", "x");
  CHECK(guard.locked_for_ms("a", "x") == 0);
}

TEST_CASE("an address that tries many users is locked out as a whole") {
  ManualClock clock;
  LoginGuard guard(clock);
  for (int count = 0; count < 50; ++count) guard.failed("user" + std::to_string(count), "x");
  CHECK(guard.locked_for_ms("admin", "x") > 0);
  CHECK(guard.locked_for_ms("admin", "y") == 0);
}

TEST_CASE("what is remembered is bounded") {
  ManualClock clock;
  LoginLimits limits;
  limits.remembered_max = 10;
  LoginGuard guard(clock, limits);
  for (int count = 0; count < 5; ++count) guard.failed("a", "x");
  for (int count = 0; count < 100; ++count) {
    clock.advance_ms(1);
    guard.failed("b" + std::to_string(count), std::to_string(count));
  }
  CHECK(guard.locked_for_ms("a", "x") == 0);  // pushed out by those who came later
}

TEST_CASE("callers have so many requests a second, and as many again at once") {
  ManualClock clock;
  RequestLimits limits(clock);
  for (int count = 0; count < 20; ++count) CHECK(limits.take("a", 10) == 0);
  CHECK(limits.take("a", 10) > 0);
  CHECK(limits.take("b", 10) == 0);
  clock.advance_ms(100);
  CHECK(limits.take("a", 10) == 0);
  CHECK(limits.take("a", 10) > 0);
  for (int count = 0; count < 1'000; ++count) CHECK(limits.take("c", 0) == 0);
}
