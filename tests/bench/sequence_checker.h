#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace patchbay::bench {

// Judges the sequence numbers (0, 1, 2, ...) of one publisher as one subscriber sees them.
//
// A number beyond the expected one leaves a gap. A number out of a gap came too late: a violation of order. A number
// that was seen before is a duplicate. What is left of the gaps in the end is lost.
class SequenceChecker {
 public:
  void on_sequence(std::uint64_t sequence) {
    if (sequence == next_) [[likely]] {
      ++next_;
      ++distinct_;
    } else {
      on_unexpected(sequence);
    }
  }

  std::uint64_t distinct() const { return distinct_; }
  std::uint64_t duplicates() const { return duplicates_; }
  std::uint64_t order_violations() const { return order_violations_; }

  // How many of the first `published` numbers have not come.
  std::uint64_t lost(std::uint64_t published) const { return published > distinct_ ? published - distinct_ : 0; }

 private:
  struct Gap {
    std::uint64_t first;
    std::uint64_t end;
  };
  // A broker that loses at random makes many gaps; beyond this many the oldest are forgotten, and a number out of a
  // forgotten gap counts as a duplicate.
  static constexpr std::size_t kMaximumGaps = 4096;

  void on_unexpected(std::uint64_t sequence);
  void on_old(std::uint64_t sequence);

  std::uint64_t next_ = 0;
  std::uint64_t distinct_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t order_violations_ = 0;
  std::vector<Gap> gaps_;  // ascending, without overlap
};

// Judges one publisher's numbers as one member of a shared subscription sees them: any may be missing, none may come
// twice or after a later one.
class SharedOrderChecker {
 public:
  // A number equal to an earlier one is left to DeliveryBitmap; here only the order counts.
  void on_sequence(std::uint64_t sequence) {
    if (sequence < next_) {
      ++order_violations_;
    } else {
      next_ = sequence + 1;
    }
  }
  std::uint64_t order_violations() const { return order_violations_; }

 private:
  std::uint64_t next_ = 0;
  std::uint64_t order_violations_ = 0;
};

// Which numbers of one publisher have reached any member of a group, as far as one thread saw it.
class DeliveryBitmap {
 public:
  void on_sequence(std::uint64_t sequence);
  // Joins what another thread saw; numbers that both saw are duplicates.
  void merge(const DeliveryBitmap& other);

  std::uint64_t distinct() const { return distinct_; }
  std::uint64_t duplicates() const { return duplicates_; }

 private:
  std::vector<std::uint64_t> words_;
  std::uint64_t distinct_ = 0;
  std::uint64_t duplicates_ = 0;
};

}  // namespace patchbay::bench
