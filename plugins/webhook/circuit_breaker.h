#pragma once

#include <algorithm>
#include <cstdint>

namespace patchbay::webhook {

struct BreakerOptions {
  uint32_t failures_max = 5;  ///< in a row, until it opens
  uint64_t open_ms = 1'000;   ///< until one request may try; doubles with each try that fails
  uint64_t open_ms_max = 30'000;
};

/// Keeps a target that fails from being asked all the time. Closed: requests go. Open: none goes until a time. Then one
/// probes; its success closes, its failure opens for longer. Takes time from its caller.
class CircuitBreaker {
 public:
  explicit CircuitBreaker(const BreakerOptions& options) : options_(options), open_ms_(options.open_ms) {}

  [[nodiscard]] bool closed() const { return !open_; }
  /// Whether a request may go; one that goes while it is open must be told by probing().
  [[nodiscard]] bool allows(uint64_t now_ms) const { return !open_ || (!probing_ && now_ms >= retry_at_ms_); }
  void probing() { probing_ = open_; }
  [[nodiscard]] bool is_probing() const { return probing_; }
  [[nodiscard]] uint64_t retry_at_ms() const { return retry_at_ms_; }

  /// True: it has closed by this.
  bool succeeded() {
    const bool was_open = open_;
    *this = CircuitBreaker(options_);
    return was_open;
  }
  /// True: it has opened by this. `at_least_ms`: the target asks for so much time.
  bool failed(uint64_t now_ms, uint64_t at_least_ms) {
    if (open_ && !probing_) return false;  // one that was under way when it opened
    if (!open_ && ++failures_ < options_.failures_max) return false;
    const bool opens = !open_;
    if (!opens) open_ms_ = std::min(open_ms_ * 2, options_.open_ms_max);
    open_ = true;
    probing_ = false;
    retry_at_ms_ = now_ms + std::max(open_ms_, at_least_ms);
    return opens;
  }

 private:
  BreakerOptions options_;
  bool open_ = false;
  bool probing_ = false;
  uint32_t failures_ = 0;
  uint64_t open_ms_;
  uint64_t retry_at_ms_ = 0;
};

}  // namespace patchbay::webhook
