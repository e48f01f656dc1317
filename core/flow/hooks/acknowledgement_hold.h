#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/deferral.h"
#include "mqtt/reason_code.h"

namespace patchbay::hooks {

/// An acknowledgement that waits for those who asked for it at publish.accept: a store that writes first, a sink that
/// must not lose. Complete when all of them have answered or run out of time. Destroying it gives up. [shard]
class AcknowledgementHold {
 public:
  /// `reason` is success, or what the first one that refused said. May destroy the hold.
  using Callback = void (*)(void* owner, uint64_t cookie, mqtt::ReasonCode reason);

  AcknowledgementHold() = default;
  AcknowledgementHold(const AcknowledgementHold&) = delete;
  AcknowledgementHold& operator=(const AcknowledgementHold&) = delete;

  /// One more answer to wait for, with a token that is still to be committed.
  void add(base::Token token, uint32_t deadline_ms, base::Verdict late, base::Deferrals& deferrals);
  /// Whom to tell; `cookie` is the asker's (a packet identifier). False: it is complete already, reason() says how.
  [[nodiscard]] bool wait(Callback callback, void* owner, uint64_t cookie);
  [[nodiscard]] bool complete() const { return waiting_ == 0; }
  [[nodiscard]] mqtt::ReasonCode reason() const { return reason_; }

 private:
  static void answered(void* self, base::Verdict verdict);

  std::vector<std::unique_ptr<base::Pending>> pendings_;
  uint32_t waiting_ = 0;
  mqtt::ReasonCode reason_ = mqtt::ReasonCode::success;
  Callback callback_ = nullptr;
  void* owner_ = nullptr;
  uint64_t cookie_ = 0;
};

}  // namespace patchbay::hooks
