#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>

#include "scram_server.h"

namespace patchbay::auth_file {

/// SCRAM exchanges between their two steps. Bounded in number and time: the oldest gives way. One for each shard.
/// [shard]
class ExchangeTable {
 public:
  static constexpr size_t kMaximumExchanges = 1000;
  static constexpr uint64_t kLifetime_ms = 30'000;

  void put(uint64_t exchange_id, ScramExchange exchange, uint64_t now_ms) {
    while (!order_.empty() && (order_.size() >= kMaximumExchanges || order_.front().expires_ms <= now_ms)) {
      exchanges_.erase(order_.front().id);
      order_.pop_front();
    }
    exchanges_.insert_or_assign(exchange_id, std::move(exchange));
    order_.push_back({exchange_id, now_ms + kLifetime_ms});
  }
  /// Takes it out; nothing where it isn't there any more. Each exchange has one last step.
  std::optional<ScramExchange> take(uint64_t exchange_id) {
    auto node = exchanges_.extract(exchange_id);
    if (node.empty()) return std::nullopt;
    return std::move(node.mapped());
  }
  [[nodiscard]] size_t size() const { return exchanges_.size(); }

 private:
  struct Place {
    uint64_t id;
    uint64_t expires_ms;
  };
  std::unordered_map<uint64_t, ScramExchange> exchanges_;
  std::deque<Place> order_;
};

}  // namespace patchbay::auth_file
