#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace patchbay::router {

/// How a shared subscription chooses the member that gets a message. Members that are online come first in all of them.
enum class SharedStrategy : uint8_t {
  random,
  round_robin,            ///< in turn, counted by the publisher's shard, from a random start
  round_robin_per_group,  ///< in turn, one count for the whole group
  sticky,                 ///< a publisher keeps its member as long as that one is online
  local,                  ///< a member on the publisher's shard if there is one, else random
  hash_clientid,          ///< by the publisher's client identifier
  hash_topic,             ///< by the topic name
};

/// The names of the configuration: "round_robin_per_group" and so on. [any-thread]
[[nodiscard]] std::string_view shared_strategy_name(SharedStrategy strategy);
[[nodiscard]] std::optional<SharedStrategy> parse_shared_strategy(std::string_view name);

}  // namespace patchbay::router
