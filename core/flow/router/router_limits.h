#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "router/shared_strategy.h"
#include "topic/topic_limits.h"

namespace patchbay::router {

/// Every limit and default of this layer. Limits hold for the whole node unless the name says otherwise; 0 means no
/// limit only where it is written.
struct RouterLimits {
  topic::TopicLimits topic;

  // Shared and exclusive subscriptions.
  uint32_t maximum_shared_groups = 10'000;  ///< groups with at least one member; one more is refused with 0x97
  SharedStrategy shared_strategy = SharedStrategy::round_robin;
  std::map<std::string, SharedStrategy, std::less<>> shared_group_strategies;  ///< by group name, before the default
  SharedStrategy initial_sticky_pick = SharedStrategy::random;  ///< random, local, hash_topic or hash_clientid
  uint32_t maximum_sticky_picks_per_shard = 4096;               ///< a pick beyond is forgotten early and made anew
  bool exclusive_subscription_available = false;

  // Retained messages.
  bool retain_available = true;
  uint64_t maximum_retained_messages = 1'000'000;
  uint64_t maximum_retained_bytes = uint64_t{512} << 20;  ///< memory of the messages kept
  uint32_t maximum_retained_payload_bytes = 1U << 20;
  bool stop_publish_clear = false;              ///< a PUBLISH that only clears a retained message goes to no subscriber
  uint32_t retained_expiry_s = 0;               ///< for messages without an expiry interval of their own; 0: never
  uint32_t maximum_retained_page_steps = 1000;  ///< entries looked at in one turn for one page
  uint32_t retained_sweep_interval_ms = 1000;
  uint32_t maximum_retained_sweep_steps = 2000;  ///< entries looked at in one turn for expired ones

  // $delayed/{seconds}/{topic}.
  bool delayed_available = true;
  uint64_t maximum_delayed_messages = 100'000;
  uint64_t maximum_delayed_bytes = uint64_t{256} << 20;
  uint32_t maximum_delayed_fired_per_tick = 256;  ///< the others wait for the next tick of the wheel
};

}  // namespace patchbay::router
