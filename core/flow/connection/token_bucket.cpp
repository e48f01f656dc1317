#include "connection/token_bucket.h"

#include <algorithm>

namespace patchbay::connection {

TokenBucket::TokenBucket(uint64_t per_s, uint64_t now_ms)
    : per_s_(std::min(per_s, kMaximumRate)), level_(static_cast<int64_t>(per_s_) * kUnit), filled_ms_(now_ms) {}

void TokenBucket::refill(uint64_t now_ms) {
  if (now_ms <= filled_ms_) return;
  const int64_t full = static_cast<int64_t>(per_s_) * kUnit;
  const auto missing = static_cast<uint64_t>(full - level_);
  const uint64_t elapsed_ms = now_ms - filled_ms_;
  filled_ms_ = now_ms;
  // Tokens per second are thousandths per millisecond.
  level_ = elapsed_ms >= missing / per_s_ + 1 ? full : level_ + static_cast<int64_t>(elapsed_ms * per_s_);
}

uint64_t TokenBucket::available(uint64_t now_ms) {
  if (!limited()) return ~uint64_t{0};
  refill(now_ms);
  return level_ < kUnit ? 0 : static_cast<uint64_t>(level_ / kUnit);
}

void TokenBucket::take(uint64_t amount) {
  if (limited()) level_ -= static_cast<int64_t>(std::min(amount, kMaximumRate)) * kUnit;
}

uint64_t TokenBucket::delay_ms(uint64_t now_ms) {
  if (!limited()) return 0;
  refill(now_ms);
  const int64_t wanted = std::max(kUnit, static_cast<int64_t>(per_s_) * kUnit / 10);
  if (level_ >= wanted) return 0;
  return static_cast<uint64_t>(wanted - level_) / per_s_ + 1;
}

}  // namespace patchbay::connection
