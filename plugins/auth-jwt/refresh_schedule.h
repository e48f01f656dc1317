#pragma once

#include <algorithm>
#include <cstdint>

namespace patchbay::auth_jwt {

/// When the keys are to be fetched again. Times are of a clock that only goes forward; the caller locks.
class RefreshSchedule {
 public:
  struct Terms {
    uint64_t interval_ms = 300'000;         ///< between fetches that work
    uint64_t minimum_interval_ms = 10'000;  ///< between one and the next that a token asks for
    uint64_t first_retry_ms = 1'000;        ///< after the first failure; doubles with each
    uint64_t longest_retry_ms = 60'000;
  };
  explicit RefreshSchedule(const Terms& terms, uint64_t seed = 1) : terms_(terms), random_(seed | 1) {}

  [[nodiscard]] bool is_due(uint64_t now_ms) const { return now_ms >= next_ms_; }
  /// Whether a token with an unknown "kid" may cause a fetch now: else whoever can connect decides how often the server
  /// is asked. While the server fails the back-off alone decides.
  [[nodiscard]] bool may_hurry(uint64_t now_ms) const {
    return failures_ == 0 ? !began_ || now_ms >= began_ms_ + terms_.minimum_interval_ms : is_due(now_ms);
  }

  void begins(uint64_t now_ms) {
    began_ = true;
    began_ms_ = now_ms;
  }
  void succeeded(uint64_t now_ms) {
    failures_ = 0;
    next_ms_ = now_ms + terms_.interval_ms;
  }
  void failed(uint64_t now_ms) {
    const uint64_t wait_ms = failures_ < 32 ? terms_.first_retry_ms << failures_ : terms_.longest_retry_ms;
    const uint64_t most_ms = std::min(wait_ms, terms_.longest_retry_ms);
    ++failures_;
    // From half of it to all of it, so that many brokers do not come back at the same moment.
    next_ms_ = now_ms + most_ms - next_random() % (most_ms / 2 + 1);
  }
  [[nodiscard]] uint32_t failures() const { return failures_; }
  [[nodiscard]] uint64_t next_ms() const { return next_ms_; }

 private:
  uint64_t next_random() {  // xorshift: nothing depends on its being hard to guess
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    return random_;
  }
  Terms terms_;
  uint64_t random_;
  uint64_t next_ms_ = 0;
  uint64_t began_ms_ = 0;
  bool began_ = false;
  uint32_t failures_ = 0;
};

}  // namespace patchbay::auth_jwt
