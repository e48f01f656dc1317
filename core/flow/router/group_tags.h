#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/assert.h"

namespace patchbay::router {

/// The short names of shared groups. A name is nobody else's while its group has members; a free one waits until all
/// other free ones have been given, so that a message that is still on its way does not find another group by it. One
/// writer at a time.
class GroupTags {
 public:
  static constexpr size_t kMaximum = 65'535;  ///< 0 is no tag

  [[nodiscard]] size_t used() const { return used_; }
  /// Only while used() is below kMaximum.
  [[nodiscard]] uint16_t take() {
    PATCHBAY_ASSERT(used_ < kMaximum);
    do {
      last_ = static_cast<uint16_t>(last_ == kMaximum ? 1 : last_ + 1);
    } while (taken_[last_]);
    taken_[last_] = true;
    ++used_;
    return last_;
  }
  void give_back(uint16_t tag) {
    PATCHBAY_ASSERT(taken_[tag]);
    taken_[tag] = false;
    --used_;
  }

 private:
  std::vector<bool> taken_ = std::vector<bool>(kMaximum + 1);
  size_t used_ = 0;
  uint16_t last_ = 0;
};

}  // namespace patchbay::router
