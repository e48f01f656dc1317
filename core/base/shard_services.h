#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/counters.h"
#include "base/epoch.h"
#include "base/mailbox.h"
#include "base/patient_mailbox.h"
#include "base/random.h"
#include "base/shard.h"
#include "base/timer_wheel.h"

namespace patchbay::base {

class Deferrals;

/// What every part of one shard shares. Built by the composition root (or a test), one for each shard; lives as long as
/// the shard. [shard]
struct ShardServices {
  ShardId id = 0;
  uint64_t now_ms = 0;       ///< steady time, read once when a turn of the loop begins
  uint64_t now_unix_ms = 0;  ///< wall time of the same moment
  const Clock* clock = nullptr;
  Random* random = nullptr;
  TimerWheel* timers = nullptr;
  Counters* counters = nullptr;
  EpochDomain* epoch = nullptr;
  Mailbox* mailbox = nullptr;
  PatientMailbox* patient_mailbox = nullptr;  ///< for mail that may wait for the next turn
  Deferrals* deferrals = nullptr;  ///< set where chains are run: by whoever builds the shard's table of open questions

  void start(Timer& timer, uint64_t delay_ms) const { timers->start(timer, now_ms, delay_ms); }
  void count(Counter counter, uint64_t amount = 1) const { counters->add(counter, amount); }
};

}  // namespace patchbay::base
