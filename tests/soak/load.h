#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace patchbay::soak {

/// What has happened on all connections so far.
struct LoadReport {
  uint64_t connected = 0;
  uint64_t sent = 0;          ///< messages
  uint64_t acknowledged = 0;  ///< PUBACK or PUBCOMP came
  uint64_t received = 0;
  uint64_t lost = 0;        ///< gaps in the numbers that a subscriber saw
  uint64_t duplicated = 0;  ///< numbers that came again
  uint64_t disconnects = 0;
  uint64_t stamped = 0;  ///< payloads that a plugin had changed
};

/// Pairs of a publisher and a subscriber on real sockets, driven by one thread: each publisher sends numbered messages
/// one after the other, half of them with QoS 1 and half with QoS 2, and its subscriber checks the numbers.
class Load {
 public:
  Load(uint16_t port, uint32_t pairs);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  /// Connects and subscribes everybody; false: not within `limit_ms`.
  [[nodiscard]] bool connect(uint64_t limit_ms);
  void start_publishing();
  /// Sends nothing new, and waits until all that was sent has been received and acknowledged; false: not within
  /// `limit_ms`.
  [[nodiscard]] bool finish(uint64_t limit_ms);
  [[nodiscard]] LoadReport report() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace patchbay::soak
