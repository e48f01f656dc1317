#pragma once

#include <semaphore.h>

#include <cerrno>
#include <cstdint>
#include <ctime>

#include "base/clock.h"

namespace patchbay::admin {

/// "It is there", said once by a shard and waited for by a thread of the REST server. A semaphore of the C library, and
/// no mutex: the shard never waits, least of all for a thread that has less right to the processor. [any-thread]
class AnswerSignal {
 public:
  AnswerSignal() { ::sem_init(&semaphore_, 0, 0); }
  ~AnswerSignal() { ::sem_destroy(&semaphore_); }
  AnswerSignal(const AnswerSignal&) = delete;
  AnswerSignal& operator=(const AnswerSignal&) = delete;

  /// What was written before is seen by whoever waits.
  void give() { ::sem_post(&semaphore_); }
  /// False: not within `limit_ms`.
  [[nodiscard]] bool wait_ms(uint64_t limit_ms) {
    // Of the exact clock, which the semaphore goes by; steady_ms() may be a tick behind.
    const uint64_t end_ns = base::SystemClock().steady_ns() + limit_ms * 1'000'000;
    const timespec end{static_cast<time_t>(end_ns / 1'000'000'000), static_cast<long>(end_ns % 1'000'000'000)};
    while (::sem_clockwait(&semaphore_, CLOCK_MONOTONIC, &end) != 0) {
      if (errno != EINTR) return false;
    }
    return true;
  }

 private:
  sem_t semaphore_{};
};

}  // namespace patchbay::admin
