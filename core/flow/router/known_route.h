#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "distribution/delivery.h"

namespace patchbay::router {

/// Where the last message of one publisher went. Devices publish to the same topic again and again; while nobody's
/// subscription changes, the next message needs no look-up. Only what is plain is kept: few receivers, no shared groups
/// (their choice is made anew for each message), a topic of usual length. [shard]
class KnownRoute {
 public:
  static constexpr size_t kMaximumTopicSize = 62;
  static constexpr size_t kMaximumDeliveries = 3;

  /// `generation`: SubscriptionIndex::generation() now.
  [[nodiscard]] bool is_for(std::string_view topic_name, uint64_t generation) const {
    return generation == generation_ && topic_name == std::string_view(topic_.data(), topic_size_);
  }
  [[nodiscard]] std::span<const distribution::Delivery> deliveries() const { return {deliveries_.data(), count_}; }

  [[nodiscard]] static bool can_keep(std::string_view topic_name, size_t deliveries) {
    return topic_name.size() <= kMaximumTopicSize && deliveries <= kMaximumDeliveries;
  }
  /// `generation` is from before the look-up: a change during it makes the next message look again.
  void keep(std::string_view topic_name, uint64_t generation, std::span<const distribution::Delivery> deliveries) {
    generation_ = generation;
    count_ = static_cast<uint8_t>(deliveries.size());
    topic_size_ = static_cast<uint8_t>(topic_name.size());
    std::copy(deliveries.begin(), deliveries.end(), deliveries_.begin());
    std::copy(topic_name.begin(), topic_name.end(), topic_.begin());
  }

 private:
  uint64_t generation_ = 0;  ///< 0: nothing is known; no index has it
  std::array<distribution::Delivery, kMaximumDeliveries> deliveries_;
  uint8_t count_ = 0;
  uint8_t topic_size_ = 0;
  std::array<char, kMaximumTopicSize> topic_;
};
static_assert(sizeof(KnownRoute) <= 128);

}  // namespace patchbay::router
