#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace patchbay::base {

/// A timer that sits inside its owner: no allocation to start or stop it. Must be stopped, or its wheel gone, before it
/// is destroyed (the destructor stops it). [shard]
class Timer {
 public:
  using Callback = void (*)(void* owner);

  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { stop(); }

  void bind(Callback callback, void* owner) {
    callback_ = callback;
    owner_ = owner;
  }
  [[nodiscard]] bool running() const { return next_ != nullptr; }
  void stop();

 private:
  friend class TimerWheel;
  Timer* next_ = nullptr;
  Timer* previous_ = nullptr;
  uint64_t due_ms_ = 0;
  Callback callback_ = nullptr;
  void* owner_ = nullptr;
};

/// Many coarse timers of one shard. Four levels of 64 slots; the granularity is one tick. Starting and stopping are
/// O(1); a timer never fires early, and late by at most one tick beyond the call of advance(). [shard]
class TimerWheel {
 public:
  static constexpr uint64_t kTickMs = 16;

  explicit TimerWheel(uint64_t now_ms);

  /// (Re)starts `timer` so that it fires once, `delay_ms` from `now_ms`.
  void start(Timer& timer, uint64_t now_ms, uint64_t delay_ms);
  /// Fires what is due. Callbacks may start and stop any timer, their own included.
  void advance(uint64_t now_ms);
  [[nodiscard]] size_t size() const;
  /// Milliseconds until advance() needs to be called next; kNever when no timer runs. May be early, never late by more
  /// than a tick.
  [[nodiscard]] uint64_t next_due_in_ms(uint64_t now_ms) const;
  static constexpr uint64_t kNever = ~uint64_t{0};

 private:
  static constexpr size_t kLevels = 4;
  static constexpr size_t kSlotBits = 6;
  static constexpr size_t kSlots = size_t{1} << kSlotBits;

  void place(Timer& timer);
  void cascade(size_t level);
  void fire(Timer& head);

  std::array<std::array<Timer, kSlots>, kLevels> slots_;
  uint64_t tick_;
};

}  // namespace patchbay::base
