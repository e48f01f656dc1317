#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace patchbay::plugin_bridge {

/// When one hook of one instance is taken out of the path.
struct BreakerLimits {
  uint64_t window_ms = 10'000;      ///< sliding
  uint32_t minimum_failures = 20;   ///< and at least
  double failure_share = 0.5;       ///< of the answers of the window
  uint64_t first_pause_ms = 1'000;  ///< open that long before the first probes; doubled each time they fail
  uint64_t maximum_pause_ms = 60'000;
  uint32_t probes = 5;                      ///< calls let through while half open; all must succeed
  uint32_t quarantine_openings = 3;         ///< that many openings ...
  uint64_t quarantine_window_ms = 600'000;  ///< ... within that time end it
};

/// The state of one breaker, fed with what happened since it was fed last. Knows no threads and no clock: its owner
/// gives it the time.
class Breaker {
 public:
  enum class State : uint8_t { closed, open, half_open, quarantined };
  enum class Change : uint8_t { none, opened, half_opened, closed, quarantined };

  explicit Breaker(const BreakerLimits& limits = {}) : limits_(limits) {}

  /// `answers`: of calls that ended well or badly since the last tick, `failures`: those that ended badly.
  Change tick(uint64_t now_ms, uint64_t answers, uint64_t failures);
  /// A call passed its hard budget: opens whatever the window says.
  Change trip(uint64_t now_ms);
  /// The operator's word: shut and forget; or out of the path until force_closed(), as after too many openings.
  void force_closed();
  Change force_open();

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const BreakerLimits& limits() const { return limits_; }
  [[nodiscard]] uint64_t openings() const { return openings_; }
  /// Until the next probes; meaningful while open.
  [[nodiscard]] uint64_t open_until_ms() const { return open_until_ms_; }

 private:
  static constexpr size_t kSlots = 10;
  struct Slot {
    uint64_t number = 0;  // which part of the time it stands for
    uint64_t answers = 0;
    uint64_t failures = 0;
  };

  void add(uint64_t now_ms, uint64_t answers, uint64_t failures);
  [[nodiscard]] bool too_many(uint64_t now_ms) const;
  Change open(uint64_t now_ms);
  Change probe_result(uint64_t now_ms, uint64_t answers, uint64_t failures);

  BreakerLimits limits_;
  State state_ = State::closed;
  std::array<Slot, kSlots> window_{};
  uint64_t pause_ms_ = 0;
  uint64_t open_until_ms_ = 0;
  uint32_t good_probes_ = 0;
  uint64_t openings_ = 0;
  std::array<std::optional<uint64_t>, 8> opened_at_ms_{};  // the last openings, in a ring
};

[[nodiscard]] const char* breaker_state_name(Breaker::State state);

}  // namespace patchbay::plugin_bridge
