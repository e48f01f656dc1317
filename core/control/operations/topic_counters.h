#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "mqtt/qos.h"

namespace patchbay::operations {

/// What is counted for a topic.
enum class TopicCounter : uint8_t { in, out, dropped, qos0_in, qos1_in, qos2_in, qos0_out, qos1_out, qos2_out, count_ };

inline constexpr size_t kTopicCounterCount = static_cast<size_t>(TopicCounter::count_);
using TopicValues = std::array<uint64_t, kTopicCounterCount>;

[[nodiscard]] std::string_view topic_counter_name(TopicCounter counter);  ///< "messages.qos0.in"

/// The counters of one topic: a set for each shard, written by that shard alone (a plain add), read by control.
class TopicCounters {
 public:
  explicit TopicCounters(size_t shards) : shards_(shards) {}

  /// [shard]
  void add(size_t shard, TopicCounter counter) {
    std::atomic<uint64_t>& slot = shards_[shard].slots[static_cast<size_t>(counter)];
    slot.store(slot.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  void add_in(size_t shard, mqtt::Qos qos) {
    add(shard, TopicCounter::in);
    add(shard, static_cast<TopicCounter>(static_cast<size_t>(TopicCounter::qos0_in) + static_cast<size_t>(qos)));
  }
  void add_out(size_t shard, mqtt::Qos qos) {
    add(shard, TopicCounter::out);
    add(shard, static_cast<TopicCounter>(static_cast<size_t>(TopicCounter::qos0_out) + static_cast<size_t>(qos)));
  }
  /// [any-thread]
  [[nodiscard]] TopicValues sum() const {
    TopicValues sum{};
    for (const Slots& shard : shards_) {
      for (size_t i = 0; i < kTopicCounterCount; ++i) sum[i] += shard.slots[i].load(std::memory_order_relaxed);
    }
    return sum;
  }

 private:
  struct alignas(64) Slots {
    std::array<std::atomic<uint64_t>, kTopicCounterCount> slots{};
  };
  std::vector<Slots> shards_;
};

}  // namespace patchbay::operations
