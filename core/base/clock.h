#pragma once

#include <cstdint>

namespace patchbay::base {

/// The only source of time of the flow plane. [any-thread] for SystemClock, [shard] for ManualClock.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Milliseconds of a clock that never jumps; only differences mean anything. May be a tick of the system (1 to 10 ms)
  /// behind steady_ns(), never ahead of it.
  [[nodiscard]] virtual uint64_t steady_ms() const = 0;
  /// The same clock in nanoseconds, for measuring what is short.
  [[nodiscard]] virtual uint64_t steady_ns() const { return steady_ms() * 1'000'000; }
  /// Milliseconds since 1970-01-01 UTC; may jump; for display and for time stamps that leave the broker.
  [[nodiscard]] virtual uint64_t unix_ms() const = 0;
  /// Microseconds of processor time that the calling thread has used; only differences mean anything.
  [[nodiscard]] virtual uint64_t thread_cpu_us() const = 0;
};

/// The operating system's clocks.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] uint64_t steady_ms() const override;
  [[nodiscard]] uint64_t steady_ns() const override;
  [[nodiscard]] uint64_t unix_ms() const override;
  [[nodiscard]] uint64_t thread_cpu_us() const override;
};

/// A clock that stands still until it is told to move: tests and simulation.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] uint64_t steady_ms() const override { return steady_ms_; }
  [[nodiscard]] uint64_t unix_ms() const override { return unix_ms_; }
  [[nodiscard]] uint64_t thread_cpu_us() const override { return thread_cpu_us_; }
  void use_cpu_us(uint64_t step_us) { thread_cpu_us_ += step_us; }
  void advance_ms(uint64_t step_ms) {
    steady_ms_ += step_ms;
    unix_ms_ += step_ms;
  }

 private:
  uint64_t steady_ms_ = 1'000'000;
  uint64_t unix_ms_ = 1'700'000'000'000;
  uint64_t thread_cpu_us_ = 0;
};

}  // namespace patchbay::base
