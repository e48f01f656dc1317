#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mqtt/application_message.h"
#include "plugin_services/service_shards.h"

/// How retained messages are found and removed: in the store's own bounded steps, which shards answer each other.
/// [control]
namespace patchbay::admin {

struct RetainedList {
  std::vector<mqtt::MessageRef> messages;
  bool complete = false;  ///< there are no more
  bool answered = true;
};

/// Messages whose topics match the filter, without the first `skip`.
[[nodiscard]] RetainedList find_retained(const plugin_services::ServiceShards& shards, const std::string& topic_filter,
                                         uint64_t skip, uint64_t limit);

/// Removes all that match; how many there were. Nothing: a shard did not answer.
[[nodiscard]] std::optional<uint64_t> remove_retained(const plugin_services::ServiceShards& shards,
                                                      const std::string& topic_filter);

}  // namespace patchbay::admin
