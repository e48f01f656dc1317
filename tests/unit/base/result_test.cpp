#include "base/result.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

using patchbay::base::fail;
using patchbay::base::Result;

namespace {

enum class Why { empty, too_long };

Result<std::string, Why> checked(std::string text) {
  if (text.empty()) return fail(Why::empty);
  if (text.size() > 4) return fail(Why::too_long);
  return text;
}

}  // namespace

TEST_CASE("a result holds its value or its error") {
  const auto good = checked("abc");
  REQUIRE(good.has_value());
  CHECK(static_cast<bool>(good));
  CHECK(*good == "abc");
  CHECK(good->size() == 3);
  const auto bad = checked("abcde");
  REQUIRE_FALSE(bad);
  CHECK(bad.error() == Why::too_long);
  CHECK(checked("").error() == Why::empty);
}

TEST_CASE("a result's value can be changed and moved out") {
  auto result = checked("ab");
  result.value() += "c";
  CHECK(*result == "abc");
  Result<std::unique_ptr<int>, Why> owner = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = std::move(owner).value();
  CHECK(*taken == 7);
}

TEST_CASE("a result may have the same type on both sides") {
  const Result<int, int> value = 1;
  const Result<int, int> error = fail(2);
  CHECK(value.has_value());
  CHECK(value.value() == 1);
  CHECK_FALSE(error.has_value());
  CHECK(error.error() == 2);
}

TEST_CASE("a result works at compile time") {
  constexpr Result<int, Why> value = 5;
  static_assert(value.has_value() && value.value() == 5);
  constexpr Result<int, Why> error = fail(Why::empty);
  static_assert(!error && error.error() == Why::empty);
  SUCCEED();
}
