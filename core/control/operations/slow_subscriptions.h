#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "operations/operations_environment.h"
#include "operations/sent_times.h"
#include "operations/slow_table.h"

namespace patchbay::operations {

/// Which time is looked at. QoS 0 has no acknowledgement: its time ends when it was written.
enum class SlowSpan : uint8_t {
  whole,     ///< from the message's arrival until the client has acknowledged it
  internal,  ///< from its arrival until it was written
  response,  ///< from its being written until the client has acknowledged it
};

struct SlowSettings {
  bool enable = false;
  uint32_t threshold_ms = 500;
  uint32_t expire_interval_s = 300;
  uint32_t records_max = 10;
  SlowSpan span = SlowSpan::whole;

  bool operator==(const SlowSettings&) const = default;
};

/// Who gets messages late: the time from a message's arrival until it is delivered, for the slowest deliveries. An
/// entry stands at deliver.sent and deliver.acked while this is enabled. Retained messages, and those that came while
/// the client was away, don't count: their age says nothing about the delivery.
class SlowSubscriptions {
 public:
  explicit SlowSubscriptions(const OperationsEnvironment& environment);
  SlowSubscriptions(const SlowSubscriptions&) = delete;
  SlowSubscriptions& operator=(const SlowSubscriptions&) = delete;

  /// [control]
  void configure(const SlowSettings& settings);
  /// Asks every shard to let go of what is old; about every second. [control]
  void tick();
  /// Asks every shard to forget all. Returns at once. [control]
  void clear();

  /// What a shard has recorded. [that shard]
  [[nodiscard]] std::vector<SlowDelivery> recorded(base::ShardId shard) const { return tables_[shard]->list(); }
  /// The slowest `records_max` of what all shards said, the slowest first. Pure.
  [[nodiscard]] static std::vector<SlowDelivery> slowest(std::vector<std::vector<SlowDelivery>> of_shards,
                                                         size_t records_max);

 private:
  struct View;
  static base::Verdict on_sent(void* self, hooks::DeliveryEvent& event, base::Token token) noexcept;
  static base::Verdict on_acknowledged(void* self, hooks::DeliveryEvent& event, base::Token token) noexcept;

  const OperationsEnvironment& environment_;
  std::mutex mutex_;
  SlowSettings settings_;                           ///< guarded by mutex_
  std::vector<std::unique_ptr<SlowTable>> tables_;  ///< by shard; each is touched by its shard alone
  std::vector<std::unique_ptr<SentTimes>> sent_;    ///< likewise
};

}  // namespace patchbay::operations
