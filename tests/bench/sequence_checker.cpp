#include "bench/sequence_checker.h"

#include <algorithm>
#include <bit>

namespace patchbay::bench {

void SequenceChecker::on_unexpected(std::uint64_t sequence) {
  if (sequence < next_) {
    on_old(sequence);
    return;
  }
  if (gaps_.size() == kMaximumGaps) gaps_.erase(gaps_.begin());
  gaps_.push_back({next_, sequence});
  next_ = sequence + 1;
  ++distinct_;
}

void SequenceChecker::on_old(std::uint64_t sequence) {
  auto gap = std::upper_bound(gaps_.begin(), gaps_.end(), sequence,
                              [](std::uint64_t value, const Gap& candidate) { return value < candidate.end; });
  if (gap == gaps_.end() || sequence < gap->first) {
    ++duplicates_;
    return;
  }
  ++order_violations_;
  ++distinct_;
  Gap after{sequence + 1, gap->end};
  gap->end = sequence;
  bool before_empty = gap->first == gap->end;
  if (after.first == after.end) {
    if (before_empty) gaps_.erase(gap);
  } else if (before_empty) {
    *gap = after;
  } else {
    gaps_.insert(gap + 1, after);
  }
}

void DeliveryBitmap::on_sequence(std::uint64_t sequence) {
  std::size_t word = sequence / 64;
  std::uint64_t bit = std::uint64_t{1} << (sequence % 64);
  if (word >= words_.size()) words_.resize(std::max<std::size_t>(word + 1, words_.size() * 2), 0);
  if ((words_[word] & bit) != 0) {
    ++duplicates_;
  } else {
    words_[word] |= bit;
    ++distinct_;
  }
}

void DeliveryBitmap::merge(const DeliveryBitmap& other) {
  if (other.words_.size() > words_.size()) words_.resize(other.words_.size(), 0);
  duplicates_ += other.duplicates_;
  for (std::size_t i = 0; i < other.words_.size(); ++i) {
    auto twice = static_cast<std::uint64_t>(std::popcount(words_[i] & other.words_[i]));
    duplicates_ += twice;
    distinct_ += static_cast<std::uint64_t>(std::popcount(other.words_[i])) - twice;
    words_[i] |= other.words_[i];
  }
}

}  // namespace patchbay::bench
