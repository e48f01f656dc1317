#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/packet.h"

namespace patchbay::bench {

// The packet identifiers of one publisher's unfinished QoS 1 and QoS 2 messages, 1..limit, reused oldest first, with
// the packet that each one waits for.
class InflightIds {
 public:
  explicit InflightIds(std::uint16_t limit) : limit_(limit), awaited_(std::size_t{limit} + 1, kFree) {
    // Counted in more bits than an identifier has: with all 65,535 of them it would begin anew, and never end.
    for (std::size_t id = 1; id <= limit_; ++id) free_.push_back(static_cast<std::uint16_t>(id));
  }

  bool available() const { return taken_ < limit_; }
  std::size_t in_use() const { return taken_; }

  // Only while available().
  std::uint16_t take(PacketType awaited) {
    std::uint16_t id = free_[head_];
    head_ = head_ + 1 == free_.size() ? 0 : head_ + 1;
    ++taken_;
    awaited_[id] = awaited;
    return id;
  }

  bool awaits(std::uint16_t id, PacketType type) const { return id <= limit_ && awaited_[id] == type; }
  void now_awaits(std::uint16_t id, PacketType type) { awaited_[id] = type; }

  // Only for an id that is taken.
  void give_back(std::uint16_t id) {
    awaited_[id] = kFree;
    std::size_t tail = head_ + (limit_ - taken_);
    free_[tail >= free_.size() ? tail - free_.size() : tail] = id;
    --taken_;
  }

 private:
  static constexpr PacketType kFree{};

  std::size_t limit_;
  std::size_t taken_ = 0;
  std::size_t head_ = 0;
  std::vector<std::uint16_t> free_;  // a ring: limit_ - taken_ ids from head_ on are free
  std::vector<PacketType> awaited_;
};

}  // namespace patchbay::bench
