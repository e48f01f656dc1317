#pragma once

#include <vector>

#include "base/timer_wheel.h"
#include "session/session_environment.h"

namespace patchbay::session {

/// Holds the publishers of a shard back while another shard's mailbox is above its high-water mark: they stop reading,
/// TCP does the rest, and nothing between shards is ever dropped. [shard]
class CongestionGate {
 public:
  explicit CongestionGate(SessionEnvironment& environment);
  CongestionGate(const CongestionGate&) = delete;
  CongestionGate& operator=(const CongestionGate&) = delete;

  /// True when reading must pause now.
  [[nodiscard]] bool closed() const;
  using Opened = void (*)(void* owner);
  /// `owner` has paused its reading; it is told once when the gate opens.
  void add(void* owner, Opened opened);
  /// The owner goes away.
  void remove(void* owner);

 private:
  static constexpr uint64_t kRetryMs = base::TimerWheel::kTickMs;
  void check();

  SessionEnvironment& environment_;
  struct Paused {
    void* owner;
    Opened opened;
  };
  std::vector<Paused> paused_;
  base::Timer timer_;
};

}  // namespace patchbay::session
