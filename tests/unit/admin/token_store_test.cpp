#include <catch2/catch.hpp>

#include "admin/token_store.h"

using namespace patchbay::admin;
using patchbay::base::ManualClock;
using Found = TokenStore::Found;

TEST_CASE("a token holds until an hour after its last use") {
  ManualClock clock;
  TokenStore store(clock, 3'600'000);
  const std::string token = store.issue("ann");
  CHECK(token.size() >= 43);
  std::string user;
  clock.advance_ms(3'599'999);
  CHECK(store.use(token, user) == Found::valid);
  CHECK(user == "ann");
  clock.advance_ms(3'599'999);
  CHECK(store.use(token, user) == Found::valid);
  clock.advance_ms(3'600'000);
  CHECK(store.use(token, user) == Found::expired);
  CHECK(store.use("another", user) == Found::unknown);
}

TEST_CASE("a token that is revoked is unknown") {
  ManualClock clock;
  TokenStore store(clock, 1'000);
  const std::string one = store.issue("ann");
  const std::string two = store.issue("ann");
  const std::string other = store.issue("bob");
  std::string user;
  store.revoke(one);
  CHECK(store.use(one, user) == Found::unknown);
  CHECK(store.use(two, user) == Found::valid);
  store.revoke_all("ann");
  CHECK(store.use(two, user) == Found::unknown);
  CHECK(store.use(other, user) == Found::valid);
}

TEST_CASE("tokens are bounded; the one used longest ago gives way") {
  ManualClock clock;
  TokenStore store(clock, 1'000'000);
  const std::string first = store.issue("ann");
  clock.advance_ms(1);
  const std::string second = store.issue("ann");
  clock.advance_ms(1);
  for (size_t count = 2; count < TokenStore::kTokensMax; ++count) static_cast<void>(store.issue("bob"));
  std::string user;
  clock.advance_ms(1);
  CHECK(store.use(first, user) == Found::valid);
  static_cast<void>(store.issue("bob"));
  CHECK(store.size() == TokenStore::kTokensMax);
  CHECK(store.use(first, user) == Found::valid);
  CHECK(store.use(second, user) == Found::unknown);
}

TEST_CASE("an expired token is forgotten after a day") {
  ManualClock clock;
  TokenStore store(clock, 1'000);
  static_cast<void>(store.issue("ann"));
  clock.advance_ms(25ull * 3'600'000);
  static_cast<void>(store.issue("bob"));
  CHECK(store.size() == 1);
}
