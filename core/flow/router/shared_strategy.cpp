#include "router/shared_strategy.h"

#include <array>
#include <utility>

namespace patchbay::router {

namespace {

constexpr std::array<std::pair<SharedStrategy, std::string_view>, 7> kNames{{
    {SharedStrategy::random, "random"},
    {SharedStrategy::round_robin, "round_robin"},
    {SharedStrategy::round_robin_per_group, "round_robin_per_group"},
    {SharedStrategy::sticky, "sticky"},
    {SharedStrategy::local, "local"},
    {SharedStrategy::hash_clientid, "hash_clientid"},
    {SharedStrategy::hash_topic, "hash_topic"},
}};

}  // namespace

std::string_view shared_strategy_name(SharedStrategy strategy) {
  return kNames[static_cast<size_t>(strategy)].second;
}

std::optional<SharedStrategy> parse_shared_strategy(std::string_view name) {
  for (const auto& [strategy, text] : kNames) {
    if (text == name) return strategy;
  }
  return std::nullopt;
}

}  // namespace patchbay::router
