#include "intake.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace patchbay::webhook {

bool Intake::add(QueuedEvent event, EventKind kind) {
  const uint64_t bytes = event.bytes();
  const std::lock_guard lock(mutex_);
  if (fresh_bytes_ + bytes > kBytesMax) return false;
  fresh_bytes_ += bytes;
  fresh_.push_back({std::move(event), kind});
  return true;
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

std::optional<uint64_t> Intake::next_due_unix_ms() const {
  if (sorted_.empty()) return {};
  const uint64_t due_unix_ms = sorted_.front().event.at_unix_ms + window_ms_;
  return (due_unix_ms + kTogetherMs - 1) / kTogetherMs * kTogetherMs;
}

}  // namespace patchbay::webhook
