#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace patchbay::operations {

/// When messages were sent whose acknowledgements are awaited, of one shard. Bounded: above kMost the delivery is not
/// measured. [shard]
class SentTimes {
 public:
  static constexpr size_t kMost = 8'192;

  /// The same message sent again to the same client begins anew.
  void sent(std::string_view client_id, const void* message, uint64_t now_ms) {
    if (times_.size() < kMost || times_.contains(key_of(client_id, message)))
      times_[key_of(client_id, message)] = now_ms;
  }
  /// Nothing where it was not noted, or has been taken.
  [[nodiscard]] std::optional<uint64_t> take(std::string_view client_id, const void* message) {
    const auto found = times_.find(key_of(client_id, message));
    if (found == times_.end()) return std::nullopt;
    const uint64_t at_ms = found->second;
    times_.erase(found);
    return at_ms;
  }
  /// What was sent before that will hardly be acknowledged any more.
  void expire(uint64_t before_ms) {
    std::erase_if(times_, [before_ms](const auto& entry) { return entry.second < before_ms; });
  }
  void clear() { times_.clear(); }
  [[nodiscard]] size_t size() const { return times_.size(); }

 private:
  static uint64_t key_of(std::string_view client_id, const void* message) {
    const uint64_t client = std::hash<std::string_view>{}(client_id);
    return (client * 0x9E3779B97F4A7C15u) ^ reinterpret_cast<uintptr_t>(message);
  }

  std::unordered_map<uint64_t, uint64_t> times_;
};

}  // namespace patchbay::operations
