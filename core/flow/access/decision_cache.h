#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/authorize.h"

namespace patchbay::access {

/// What one client was allowed or denied lately. Bounded, each entry for a time; the oldest gives way. [shard]
class DecisionCache {
 public:
  [[nodiscard]] std::optional<AuthorizeResult> find(const AuthorizeEvent& question, uint64_t now_ms) const;
  /// Nothing is kept when `ttl_ms` or `maximum_entries` is 0.
  void store(const AuthorizeEvent& question, uint64_t now_ms, uint64_t ttl_ms, size_t maximum_entries);
  void clear() {
    keys_.clear();
    entries_.clear();
  }
  /// Calls `visit(Action, qos, retain, topic, share_name, const AuthorizeResult&, expires_at_ms)` for what still holds.
  template <class Visit>
  void visit(uint64_t now_ms, Visit&& visit) const {
    for (const Entry& entry : entries_) {
      if (now_ms >= entry.expires_at_ms) continue;
      const std::string_view text = entry.topic;
      visit(static_cast<Action>(entry.kind & 3), static_cast<mqtt::Qos>(entry.kind >> 2 & 3), (entry.kind & 0x10) != 0,
            text.substr(0, entry.topic_size), text.substr(entry.topic_size), entry.result, entry.expires_at_ms);
    }
  }
  [[nodiscard]] size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string topic;  // topic, then share name
    uint64_t expires_at_ms;
    uint32_t topic_size;
    uint8_t kind;  // action, QoS, retain
    AuthorizeResult result;
  };
  [[nodiscard]] static bool is_for(const Entry& entry, const AuthorizeEvent& question);

  [[nodiscard]] static uint64_t key_of(const AuthorizeEvent& question);

  std::vector<uint64_t> keys_;  // of the entries, in their order: most of them need not be looked at
  std::vector<Entry> entries_;
  size_t next_ = 0;  // whom a new entry displaces when full
};

}  // namespace patchbay::access
