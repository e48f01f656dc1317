#pragma once

#include <cstdint>

#include "plugin_bridge/thread_activity.h"

namespace patchbay::plugin_bridge {

/// Decides for one thread, from look to look, whether it can live on what others leave of the processors. One that
/// waits for more than a quarter of the time can't; it may try again when it has hardly waited, among the others, for
/// so long that a busy time seems to be over.
class LeftoverShare {
 public:
  static constexpr uint64_t kTooMuchPercent = 25;
  static constexpr uint64_t kHardlyPercent = 5;
  static constexpr uint64_t kCalmNs = 2'000'000'000;

  /// Whether it is to run on leftovers from now on. The first look tells nothing yet.
  bool look(const ThreadActivity& now, uint64_t now_ns) {
    if (looked_at_ns_ != 0) judge(now, now_ns);
    last_ = now;
    looked_at_ns_ = now_ns;
    return on_leftovers_;
  }
  /// It has too little of them, as somebody else has seen.
  void give_up(uint64_t now_ns) {
    on_leftovers_ = false;
    busy_at_ns_ = now_ns;
  }

 private:
  void judge(const ThreadActivity& now, uint64_t now_ns) {
    const uint64_t elapsed_ns = now_ns - looked_at_ns_;
    const uint64_t percent = elapsed_ns == 0 ? 0 : waited_ns(now, elapsed_ns) * 100 / elapsed_ns;
    if (percent > kHardlyPercent) busy_at_ns_ = now_ns;
    if (on_leftovers_) {
      on_leftovers_ = percent <= kTooMuchPercent;
    } else {
      on_leftovers_ = now_ns - busy_at_ns_ >= kCalmNs;
    }
  }
  /// The kernel counts a wait when it has ended: one that takes as long as from look to look shows in nothing else
  /// having changed.
  [[nodiscard]] uint64_t waited_ns(const ThreadActivity& now, uint64_t elapsed_ns) const {
    const bool waits_still = now.runnable && last_.runnable && now.runs == last_.runs && now.cpu_ns == last_.cpu_ns;
    return waits_still ? elapsed_ns : now.waited_ns - last_.waited_ns;
  }

  ThreadActivity last_;
  uint64_t looked_at_ns_ = 0;
  uint64_t busy_at_ns_ = 0;
  bool on_leftovers_ = true;
};

}  // namespace patchbay::plugin_bridge
