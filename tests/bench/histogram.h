#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace patchbay::bench {

// Counts of latencies in ns with a relative error below 0.8 %: each power of two is split into 128 equal buckets.
// One thread records; merging happens after the threads have ended.
class Histogram {
 public:
  Histogram();

  void record(std::int64_t value);
  void merge(const Histogram& other);

  // The upper edge of the bucket that holds the given share (0..1) of all values, never above max(); 0 if empty.
  std::int64_t value_at(double share) const;
  std::uint64_t count() const { return count_; }
  std::int64_t max() const { return max_; }
  double mean() const;

 private:
  static std::size_t bucket_of(std::uint64_t value);
  static std::uint64_t upper_edge(std::size_t bucket);

  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::int64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace patchbay::bench
