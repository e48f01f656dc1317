#include "base/verdict.h"

#include <catch2/catch.hpp>
#include <memory>

using namespace patchbay::base;

namespace {

class Number final : public VerdictArgument {
 public:
  Number(int v, int* n) : value(v), alive(n) { ++*alive; }
  ~Number() override { --*alive; }
  int value;
  int* alive;
};

class Other final : public VerdictArgument {};

}  // namespace

TEST_CASE("a verdict is sixteen bytes and proceeds by default") {
  static_assert(sizeof(Verdict) == 16);
  const Verdict verdict;
  CHECK(verdict.kind == VerdictKind::proceed);
  CHECK(verdict.flags == 0);
  CHECK(Verdict::denies(0x87).reason == 0x87);
  CHECK(Verdict::fails().kind == VerdictKind::deny);
  CHECK(Verdict::fails().has(Verdict::failed));
  CHECK(Verdict::holds_ack().kind == VerdictKind::defer);
  CHECK(Verdict::holds_ack().has(Verdict::hold_ack));
}

TEST_CASE("a verdict's argument is taken once by the right type") {
  int alive = 0;
  Verdict verdict = Verdict::allows_with(std::make_unique<Number>(5, &alive));
  CHECK(verdict.kind == VerdictKind::allow);
  CHECK(alive == 1);
  const std::unique_ptr<Number> number = take_argument<Number>(verdict);
  REQUIRE(number != nullptr);
  CHECK(number->value == 5);
  CHECK(take_argument<Number>(verdict) == nullptr);
  CHECK_FALSE(verdict.has(Verdict::owns_argument));
}

TEST_CASE("an argument of another type is destroyed, not misread") {
  int alive = 0;
  Verdict verdict = Verdict::replaces_with(std::make_unique<Number>(5, &alive));
  CHECK(take_argument<Other>(verdict) == nullptr);
  CHECK(alive == 0);
}

TEST_CASE("an unwanted verdict's argument is destroyed; a plain number is left alone") {
  int alive = 0;
  Verdict verdict = Verdict::allows_with(std::make_unique<Number>(1, &alive));
  dispose(verdict);
  CHECK(alive == 0);
  Verdict plain = Verdict::allows();
  plain.argument = 3;
  dispose(plain);
  CHECK(plain.argument == 3);
}
