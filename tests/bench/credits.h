#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace patchbay::bench {

// Deliveries that one thread's subscribers have seen in this turn, by publisher. They go back to the publishers once
// per turn, so that a window opens by the whole of what a turn brought, not message by message.
class CreditBook {
 public:
  explicit CreditBook(std::size_t publishers) : pending_(publishers, 0) {}

  void add(std::uint32_t publisher) {
    if (pending_[publisher]++ == 0) touched_.push_back(publisher);
  }

  // Calls give(publisher, deliveries) for each publisher with any, and forgets them.
  template <typename Give>
  void drain(Give give) {
    for (std::uint32_t publisher : touched_) {
      give(publisher, pending_[publisher]);
      pending_[publisher] = 0;
    }
    touched_.clear();
  }

 private:
  std::vector<std::uint32_t> pending_;
  std::vector<std::uint32_t> touched_;
};

}  // namespace patchbay::bench
