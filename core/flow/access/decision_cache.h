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
  void clear() { entries_.clear(); }
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

  std::vector<Entry> entries_;
  size_t next_ = 0;  // whom a new entry displaces when full
};

}  // namespace patchbay::access
