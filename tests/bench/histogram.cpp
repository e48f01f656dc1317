#include "bench/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace patchbay::bench {
namespace {

constexpr unsigned kSubBucketBits = 7;
constexpr std::uint64_t kSubBuckets = 1U << kSubBucketBits;
constexpr std::size_t kBucketCount = (64 - kSubBucketBits + 1) * kSubBuckets;

}  // namespace

Histogram::Histogram() : buckets_(kBucketCount, 0) {}

std::size_t Histogram::bucket_of(std::uint64_t value) {
  if (value < kSubBuckets) return value;
  unsigned shift = static_cast<unsigned>(std::bit_width(value)) - 1 - kSubBucketBits;
  return (shift + 1) * kSubBuckets + ((value >> shift) - kSubBuckets);
}

std::uint64_t Histogram::upper_edge(std::size_t bucket) {
  if (bucket < kSubBuckets) return bucket;
  std::size_t shift = bucket / kSubBuckets - 1;
  std::uint64_t low = (kSubBuckets + bucket % kSubBuckets) << shift;
  return low + ((std::uint64_t{1} << shift) - 1);
}

void Histogram::record(std::int64_t value) {
  // A stamp ahead of the receiver's clock can only come from the batch's shared reading of that clock.
  value = std::max<std::int64_t>(value, 0);
  ++buckets_[bucket_of(static_cast<std::uint64_t>(value))];
  ++count_;
  max_ = std::max(max_, value);
  sum_ += static_cast<double>(value);
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

std::int64_t Histogram::value_at(double share) const {
  if (count_ == 0) return 0;
  auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  rank = std::clamp<std::uint64_t>(rank, 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= rank) return std::min(static_cast<std::int64_t>(upper_edge(i)), max_);
  }
  return max_;
}

double Histogram::mean() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

}  // namespace patchbay::bench
