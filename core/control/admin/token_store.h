#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace patchbay::admin {

/// The tokens of users who have logged in, kept as hashes and in memory only: a restart logs everybody out.
/// [any-thread]
class TokenStore {
 public:
  static constexpr size_t kTokensMax = 1'000;  ///< the one used longest ago gives way
  enum class Found : uint8_t { valid, expired, unknown };

  /// Each use moves the expiry by `lifetime_ms`.
  TokenStore(const base::Clock& clock, uint64_t lifetime_ms) : clock_(clock), lifetime_ms_(lifetime_ms) {}

  /// A new token of 258 random bits.
  [[nodiscard]] std::string issue(std::string_view user);
  [[nodiscard]] Found use(std::string_view token, std::string& user);
  void revoke(std::string_view token);
  void revoke_all(std::string_view user);
  [[nodiscard]] size_t size() const;

 private:
  struct Entry {
    std::string user;
    uint64_t expires_ms = 0;
  };

  void make_room();

  const base::Clock& clock_;
  const uint64_t lifetime_ms_;
  mutable std::mutex mutex_;                          // guards what follows
  std::map<std::string, Entry, std::less<>> tokens_;  ///< by hash
};

}  // namespace patchbay::admin
