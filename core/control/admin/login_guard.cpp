#include "admin/login_guard.h"

#include <algorithm>

namespace patchbay::admin {

namespace {

std::string pair_key(std::string_view user, std::string_view address) {
  return std::string(address) + '\n' + std::string(user.substr(0, 256));
}

}  // namespace

uint64_t LoginGuard::locked_for_ms(std::string_view user, std::string_view address) {
  const std::lock_guard lock(mutex_);
  if (attempts_.empty()) return 0;
  return std::max(locked_for_ms(pair_key(user, address)), locked_for_ms(std::string(address)));
}

uint64_t LoginGuard::locked_for_ms(const std::string& key) const {
  const auto found = attempts_.find(key);
  if (found == attempts_.end()) return 0;
  const uint64_t now_ms = clock_.steady_ms();
  return found->second.locked_until_ms > now_ms ? found->second.locked_until_ms - now_ms : 0;
}

void LoginGuard::failed(std::string_view user, std::string_view address) {
  const std::lock_guard lock(mutex_);
  make_room();
  count(pair_key(user, address), limits_.attempts_max);
  count(std::string(address), limits_.address_attempts_max);
}

void LoginGuard::count(const std::string& key, uint32_t most) {
  const uint64_t now_ms = clock_.steady_ms();
  Attempts& attempts = attempts_[key];
  if (attempts.count == 0 || now_ms - attempts.since_ms > limits_.window_ms) attempts = {0, now_ms, 0};
  if (++attempts.count >= most) attempts = {0, now_ms, now_ms + limits_.lock_ms};
}

void LoginGuard::succeeded(std::string_view user, std::string_view address) {
  const std::lock_guard lock(mutex_);
  attempts_.erase(pair_key(user, address));
}

/// What is over goes first; then, rather than forgetting nobody, whoever was seen longest ago.
void LoginGuard::make_room() {
  if (attempts_.size() + 2 <= limits_.remembered_max) return;
  const uint64_t now_ms = clock_.steady_ms();
  std::erase_if(attempts_, [&](const auto& entry) {
    return entry.second.locked_until_ms <= now_ms && now_ms - entry.second.since_ms > limits_.window_ms;
  });
  while (attempts_.size() + 2 > limits_.remembered_max) {
    attempts_.erase(std::min_element(attempts_.begin(), attempts_.end(), [](const auto& one, const auto& other) {
      return one.second.since_ms < other.second.since_ms;
    }));
  }
}

}  // namespace patchbay::admin
