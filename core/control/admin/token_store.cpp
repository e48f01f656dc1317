#include "admin/token_store.h"

#include <algorithm>

#include "admin/secrets.h"

namespace patchbay::admin {

namespace {
constexpr size_t kTokenCharacters = 43;
/// An expired token is remembered for so long, to be told apart from an unknown one.
constexpr uint64_t kRememberedMs = 24 * 60 * 60'000;
}  // namespace

std::string TokenStore::issue(std::string_view user) {
  std::string token = random_text(kTokenCharacters);
  const std::lock_guard lock(mutex_);
  make_room();
  tokens_[sha256_text(token)] = {std::string(user), clock_.steady_ms() + lifetime_ms_};
  return token;
}

void TokenStore::make_room() {
  const uint64_t now_ms = clock_.steady_ms();
  std::erase_if(tokens_, [now_ms](const auto& entry) { return entry.second.expires_ms + kRememberedMs < now_ms; });
  while (tokens_.size() >= kTokensMax) {
    tokens_.erase(std::min_element(tokens_.begin(), tokens_.end(), [](const auto& one, const auto& other) {
      return one.second.expires_ms < other.second.expires_ms;
    }));
  }
}

TokenStore::Found TokenStore::use(std::string_view token, std::string& user) {
  const std::string hash = sha256_text(token);
  const std::lock_guard lock(mutex_);
  const auto found = tokens_.find(hash);
  if (found == tokens_.end()) return Found::unknown;
  const uint64_t now_ms = clock_.steady_ms();
  if (found->second.expires_ms <= now_ms) return Found::expired;
  found->second.expires_ms = now_ms + lifetime_ms_;
  user = found->second.user;
  return Found::valid;
}

void TokenStore::revoke(std::string_view token) {
  const std::string hash = sha256_text(token);
  const std::lock_guard lock(mutex_);
  tokens_.erase(hash);
}

void TokenStore::revoke_all(std::string_view user) {
  const std::lock_guard lock(mutex_);
  std::erase_if(tokens_, [user](const auto& entry) { return entry.second.user == user; });
}

size_t TokenStore::size() const {
  const std::lock_guard lock(mutex_);
  return tokens_.size();
}

}  // namespace patchbay::admin
