#pragma once

#include <cstdint>

namespace patchbay::connection {

/// A rate with a second's worth of burst. Counts in thousandths, so that slow rates lose nothing to rounding. [shard]
class TokenBucket {
 public:
  /// `per_s` 0: no limit.
  TokenBucket(uint64_t per_s, uint64_t now_ms);

  [[nodiscard]] bool limited() const { return per_s_ != 0; }
  /// Whole tokens that may be taken now.
  [[nodiscard]] uint64_t available(uint64_t now_ms);
  /// Takes `amount`, also more than there is: the rest is owed.
  void take(uint64_t amount);
  /// Milliseconds until a tenth of a second's worth, at least one token, is there: waking up for each would cost more
  /// than it lets in.
  [[nodiscard]] uint64_t delay_ms(uint64_t now_ms);

 private:
  static constexpr int64_t kUnit = 1000;
  static constexpr uint64_t kMaximumRate = uint64_t{1} << 50;

  void refill(uint64_t now_ms);

  uint64_t per_s_;
  int64_t level_;  // thousandths of a token; negative: owed
  uint64_t filled_ms_;
};

}  // namespace patchbay::connection
