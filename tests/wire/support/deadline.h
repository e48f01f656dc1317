#pragma once

#include <chrono>

namespace patchbay::wire {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

/// A point in real time until which something is waited for. Every wait of these tests has one.
class Deadline {
 public:
  explicit Deadline(milliseconds from_now) : end_(Clock::now() + from_now) {}
  [[nodiscard]] bool passed() const { return Clock::now() >= end_; }
  /// For poll(); never negative.
  [[nodiscard]] int left_ms() const {
    const auto left = std::chrono::ceil<milliseconds>(end_ - Clock::now()).count();
    return left > 0 ? static_cast<int>(left) : 0;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point end_;
};

/// For what must happen; long, so that a busy machine fails no test.
inline constexpr milliseconds kPatience = 10s;
/// For what must not happen; each such wait costs its whole length.
inline constexpr milliseconds kQuiet = 300ms;

}  // namespace patchbay::wire
