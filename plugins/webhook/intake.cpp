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
  std::move(taken.begin(), taken.end(), std::back_inserter(sorted_));
  if (window_ms_ == 0) return;
  std::stable_sort(sorted_.begin(), sorted_.end(), [](const Entry& left, const Entry& right) {
    return std::tie(left.event.at_unix_ms, left.kind) < std::tie(right.event.at_unix_ms, right.kind);
  });
}

std::optional<uint64_t> Intake::next_due_unix_ms() const {
  if (sorted_.empty()) return {};
  return sorted_.front().event.at_unix_ms + window_ms_;
}

}  // namespace patchbay::webhook
