#include "intake.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace patchbay::webhook {

Intake::Added Intake::add(std::vector<Entry>& entries) {
  Added out;
  {
    const std::lock_guard lock(mutex_);
    size_t fitting = 0;
    for (; fitting < entries.size() && fresh_bytes_ + entries[fitting].event.bytes() <= kBytesMax; ++fitting)
      fresh_bytes_ += entries[fitting].event.bytes();
    out.dropped = entries.size() - fitting;
    entries.resize(fitting);
    if (fresh_.empty()) {
      fresh_.swap(entries);
    } else {
      std::move(entries.begin(), entries.end(), std::back_inserter(fresh_));
    }
    // Where nothing is kept back, the sender has something to do at once.
    out.sender_waits = sender_waits_ || window_ms_ == 0;
  }
  entries.clear();
  return out;
}

void Intake::collect() {
  std::vector<Entry> taken;
  {
    const std::lock_guard lock(mutex_);
    taken.swap(fresh_);
    fresh_bytes_ = 0;
  }
  if (taken.empty()) return;
  const auto earlier = [](const Entry& left, const Entry& right) {
    return std::tie(left.event.at_unix_ms, left.kind) < std::tie(right.event.at_unix_ms, right.kind);
  };
  const auto had = static_cast<std::ptrdiff_t>(sorted_.size());
  if (window_ms_ != 0) std::stable_sort(taken.begin(), taken.end(), earlier);
  // What came before is in order, and little of it is later than what is new: only that much is merged.
  const auto overlap = std::upper_bound(sorted_.begin(), sorted_.end(), taken.front(), earlier) - sorted_.begin();
  std::move(taken.begin(), taken.end(), std::back_inserter(sorted_));
  if (window_ms_ != 0) std::inplace_merge(sorted_.begin() + overlap, sorted_.begin() + had, sorted_.end(), earlier);
}

std::optional<uint64_t> Intake::next_due_unix_ms() {
  const std::lock_guard lock(mutex_);
  sender_waits_ = sorted_.empty() && fresh_.empty();
  if (sender_waits_) return {};
  const Entry& first = sorted_.empty() ? fresh_.front() : sorted_.front();
  const uint64_t due_unix_ms = first.event.at_unix_ms + window_ms_;
  return (due_unix_ms + kTogetherMs - 1) / kTogetherMs * kTogetherMs;
}

}  // namespace patchbay::webhook
