#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace patchbay::auth_file {

/// What was found right lately, so that clients which come back do not cost a slow hash each. Keeps no passwords: only
/// what a keyed hash makes of user, password and stored hash. A changed password makes what was kept useless, because
/// the stored hash is part of it. One for each shard. [shard]
class CredentialCache {
 public:
  using Key = std::array<uint8_t, 32>;

  [[nodiscard]] bool holds(const Key& key, uint64_t now_ms) const {
    const auto found = expires_ms_.find(key);
    return found != expires_ms_.end() && found->second > now_ms;
  }
  /// Keeps it for a time; the oldest gives way where there are too many. Nothing is kept where a limit is 0.
  void keep(const Key& key, uint64_t now_ms, uint64_t ttl_ms, size_t maximum_entries) {
    if (ttl_ms == 0 || maximum_entries == 0) return;
    if (expires_ms_.insert_or_assign(key, now_ms + ttl_ms).second) order_.push_back(key);
    while (order_.size() > maximum_entries) {
      expires_ms_.erase(order_.front());
      order_.pop_front();
    }
  }
  [[nodiscard]] size_t size() const { return order_.size(); }

 private:
  struct KeyHash {
    size_t operator()(const Key& key) const {
      size_t part = 0;  // the key is a hash already
      std::memcpy(&part, key.data(), sizeof part);
      return part;
    }
  };
  std::unordered_map<Key, uint64_t, KeyHash> expires_ms_;
  std::deque<Key> order_;
};

/// The key of a log-in; `secret` is random and the instance's own. [any-thread]
[[nodiscard]] CredentialCache::Key credential_key(std::string_view secret, std::string_view user_id,
                                                  std::string_view password, std::string_view password_hash);

}  // namespace patchbay::auth_file
