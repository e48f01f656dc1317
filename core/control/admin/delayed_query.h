#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin_services/service_shards.h"
#include "router/delayed_messages.h"

/// How delayed messages are found: they wait on the shards where they were published, each in the order of their times;
/// a list goes shard by shard. [control]
namespace patchbay::admin {

/// Which message is meant: the shard it waits on, and its number there. As text 32 hexadecimal digits.
struct DelayedId {
  uint32_t shard = 0;
  uint64_t number = 0;

  [[nodiscard]] std::string text() const;
  [[nodiscard]] static std::optional<DelayedId> parse(std::string_view text);
};

struct DelayedView {
  DelayedId id;
  router::DelayedMessages::Waiting waiting;
  int64_t remaining_ms = 0;
};

struct DelayedList {
  std::vector<DelayedView> messages;
  bool complete = false;
  bool answered = true;
};

/// Without the first `skip`.
[[nodiscard]] DelayedList find_delayed(const plugin_services::ServiceShards& shards, uint64_t skip, uint64_t limit);
/// Nothing: the shard did not answer; an empty list: there is none.
[[nodiscard]] std::optional<std::vector<DelayedView>> find_delayed(const plugin_services::ServiceShards& shards,
                                                                   DelayedId id);
/// How many went; nothing: a shard did not answer.
[[nodiscard]] std::optional<size_t> cancel_delayed(const plugin_services::ServiceShards& shards, DelayedId id);
[[nodiscard]] std::optional<size_t> cancel_delayed(const plugin_services::ServiceShards& shards,
                                                   const std::string& topic);

}  // namespace patchbay::admin
