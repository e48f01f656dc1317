#pragma once

#include <atomic>
#include <cstdint>

namespace patchbay::plugin_bridge {

/// How far an instance is, for those of its calls into the host that come late.
enum class GateState : uint8_t {
  starting,  ///< until start() has returned: hooks may be added
  open,
  draining,  ///< no new work is taken: PATCHBAY_CLOSED; what is under way may be finished
  closed,    ///< everything but giving back is PATCHBAY_CLOSED
};

/// Moves forward only (and back to open, when an upgrade is rolled back while draining). [any-thread] reads, [control]
/// moves.
class Gate {
 public:
  [[nodiscard]] GateState state() const { return state_.load(std::memory_order_acquire); }
  /// Whether the instance may begin something: a timer, a publish, a job.
  [[nodiscard]] bool takes_work() const { return state() <= GateState::open; }
  /// Whether it may finish something: complete a token, answer a request.
  [[nodiscard]] bool finishes_work() const { return state() != GateState::closed; }
  void move_to(GateState next) { state_.store(next, std::memory_order_release); }

 private:
  std::atomic<GateState> state_{GateState::starting};
};

}  // namespace patchbay::plugin_bridge
