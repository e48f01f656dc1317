#include "bench/histogram.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

using patchbay::bench::Histogram;

TEST_CASE("an empty histogram tells zeros") {
  Histogram histogram;
  CHECK(histogram.count() == 0);
  CHECK(histogram.value_at(0.5) == 0);
  CHECK(histogram.max() == 0);
  CHECK(histogram.mean() == 0);
}

TEST_CASE("small values are kept exactly") {
  Histogram histogram;
  for (std::int64_t value = 1; value <= 100; ++value) histogram.record(value);
  CHECK(histogram.value_at(0.5) == 50);
  CHECK(histogram.value_at(0.99) == 99);
  CHECK(histogram.value_at(1.0) == 100);
  CHECK(histogram.value_at(0.0) == 1);
  CHECK(histogram.mean() == Approx(50.5));
}

TEST_CASE("every quantile of a wide range is right within 0.8 percent, and never below the true value") {
  Histogram histogram;
  constexpr std::int64_t kStep = 9'973;
  constexpr std::int64_t kCount = 100'000;
  for (std::int64_t i = 1; i <= kCount; ++i) histogram.record(i * kStep);
  for (double share : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999}) {
    auto exact = static_cast<double>(kStep) * share * kCount;
    auto told = static_cast<double>(histogram.value_at(share));
    INFO("share " << share);
    CHECK(told >= exact * 0.99999);
    CHECK(told <= exact * 1.008);
  }
}

TEST_CASE("the maximum is exact and bounds every quantile") {
  Histogram histogram;
  histogram.record(1'000'003);
  CHECK(histogram.max() == 1'000'003);
  CHECK(histogram.value_at(0.5) == 1'000'003);
  CHECK(histogram.value_at(0.999) == 1'000'003);
}

TEST_CASE("the edges of the buckets lose no value") {
  for (unsigned power = 0; power < 63; ++power) {
    for (std::int64_t offset : {-1, 0, 1}) {
      std::int64_t value = (std::int64_t{1} << power) + offset;
      Histogram histogram;
      histogram.record(value);
      histogram.record(INT64_MAX);
      INFO("value " << value);
      CHECK(histogram.value_at(0.5) >= value);
      CHECK(static_cast<double>(histogram.value_at(0.5)) <= static_cast<double>(value) * 1.008 + 1);
    }
  }
}

TEST_CASE("a negative latency counts as zero") {
  Histogram histogram;
  histogram.record(-5);
  CHECK(histogram.count() == 1);
  CHECK(histogram.max() == 0);
}

TEST_CASE("a merged histogram tells what one that had recorded all would tell") {
  Histogram all;
  Histogram first;
  Histogram second;
  for (std::int64_t i = 0; i < 10'000; ++i) {
    std::int64_t value = (i * 7919) % 1'000'000;
    all.record(value);
    (i % 3 == 0 ? first : second).record(value);
  }
  first.merge(second);
  CHECK(first.count() == all.count());
  CHECK(first.max() == all.max());
  CHECK(first.mean() == Approx(all.mean()));
  for (double share : {0.1, 0.5, 0.99, 0.999}) CHECK(first.value_at(share) == all.value_at(share));
}
