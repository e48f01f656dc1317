#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "event.h"

namespace patchbay::webhook {

/// Takes events over from shards and workers, and gives them to the sender in the order in which they happened: each
/// hook point tells its events in order, but several points beside each other. So an event is kept back for a moment,
/// and those of that moment are sorted by time, then by what comes first in the life of a client.
class Intake {
 public:
  static constexpr uint64_t kBytesMax = 64ULL << 20;
  static constexpr uint64_t kTogetherMs = 10;

  /// `window_ms`: how long an event is kept back; 0: not at all, and nothing is sorted.
  explicit Intake(uint64_t window_ms) : window_ms_(window_ms) {}

  struct Entry {
    QueuedEvent event;
    EventKind kind;
  };
  struct Added {
    size_t dropped = 0;         ///< there are more than the sender has taken over; the last ones
    bool sender_waits = false;  ///< the sender knows of nothing that it would take over by itself
  };
  /// Takes all of them, and leaves the vector empty. [any-thread] holds a lock for a few moves
  [[nodiscard]] Added add(std::vector<Entry>& entries);
  /// Calls `take(QueuedEvent)` for those whose moment is over. [the sender's thread]
  template <typename Take>
  void hand_over(uint64_t now_unix_ms, Take take) {
    collect();
    while (!sorted_.empty() && sorted_.front().event.at_unix_ms + window_ms_ <= now_unix_ms) {
      take(std::move(sorted_.front().event));
      sorted_.pop_front();
    }
  }
  /// As hand_over(), for all that is there. [the sender's thread]
  template <typename Take>
  void hand_over_all(Take take) {
    collect();
    for (Entry& each : sorted_) take(std::move(each.event));
    sorted_.clear();
  }
  /// When the next one's moment is over, by the wall clock, and a little later, so that the sender does not wake for
  /// every millisecond's events alone; nothing: none waits, and the next add() says that the sender must be woken.
  /// [the sender's thread]
  [[nodiscard]] std::optional<uint64_t> next_due_unix_ms();

 private:
  void collect();

  const uint64_t window_ms_;
  std::mutex mutex_;  // guards the three below
  std::vector<Entry> fresh_;
  uint64_t fresh_bytes_ = 0;
  bool sender_waits_ = true;
  std::deque<Entry> sorted_;
};

}  // namespace patchbay::webhook
