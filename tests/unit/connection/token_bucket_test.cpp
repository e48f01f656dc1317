#include "connection/token_bucket.h"

#include <catch2/catch.hpp>

namespace patchbay::connection {

TEST_CASE("a bucket begins with a second's worth and fills at its rate", "[rate]") {
  TokenBucket bucket(100, 1'000);
  CHECK(bucket.available(1'000) == 100);
  bucket.take(100);
  CHECK(bucket.available(1'000) == 0);
  CHECK(bucket.available(1'100) == 10);
  CHECK(bucket.available(2'000) == 100);
  CHECK(bucket.available(99'000) == 100);  // never more than a second's worth
}

TEST_CASE("what was taken beyond is owed", "[rate]") {
  TokenBucket bucket(10, 0);
  bucket.take(25);
  CHECK(bucket.available(0) == 0);
  CHECK(bucket.available(1'500) == 0);
  CHECK(bucket.available(1'600) == 1);
}

TEST_CASE("waiting ends when a tenth of a second's worth is there, at least one token", "[rate]") {
  TokenBucket fast(1'000, 0);
  CHECK(fast.delay_ms(0) == 0);
  fast.take(1'000);
  const uint64_t wait_ms = fast.delay_ms(0);
  CHECK(wait_ms >= 100);
  CHECK(wait_ms <= 101);
  CHECK(fast.available(wait_ms) >= 100);

  TokenBucket slow(1, 0);
  slow.take(1);
  CHECK(slow.delay_ms(0) >= 1'000);
  CHECK(slow.available(slow.delay_ms(0)) == 1);
}

TEST_CASE("slow rates lose nothing to rounding", "[rate]") {
  TokenBucket bucket(3, 0);
  bucket.take(3);
  uint64_t taken = 0;
  for (uint64_t now_ms = 1; now_ms <= 10'000; ++now_ms) {
    if (bucket.available(now_ms) == 0) continue;
    bucket.take(1);
    ++taken;
  }
  CHECK(taken == 30);
}

TEST_CASE("no rate is no limit", "[rate]") {
  TokenBucket bucket(0, 0);
  CHECK_FALSE(bucket.limited());
  bucket.take(1'000'000);
  CHECK(bucket.available(0) == ~uint64_t{0});
  CHECK(bucket.delay_ms(0) == 0);
}

TEST_CASE("a clock that stands still or the largest rate do no harm", "[rate]") {
  TokenBucket bucket(~uint64_t{0}, 50);
  bucket.take(~uint64_t{0});
  CHECK(bucket.available(40) == 0);
  CHECK(bucket.available(1'050) > 1'000'000);
}

}  // namespace patchbay::connection
