#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace patchbay::admin {

struct LoginLimits {
  uint32_t attempts_max = 5;           ///< wrong ones of a (user, address) within the window
  uint32_t address_attempts_max = 50;  ///< wrong ones of an address, whatever the user
  uint64_t window_ms = 5 * 60'000;
  uint64_t lock_ms = 10 * 60'000;
  size_t remembered_max = 10'000;  ///< pairs and addresses
};

/// Counts wrong passwords and locks out who guesses: by user and address, so that a guesser locks out himself and
/// nobody else. [any-thread]
class LoginGuard {
 public:
  explicit LoginGuard(const base::Clock& clock, LoginLimits limits = {}) : clock_(clock), limits_(limits) {}

  /// Milliseconds until an attempt is allowed; 0: it is.
  [[nodiscard]] uint64_t locked_for_ms(std::string_view user, std::string_view address);
  void failed(std::string_view user, std::string_view address);
  void succeeded(std::string_view user, std::string_view address);

 private:
  struct Attempts {
    uint32_t count = 0;
    uint64_t since_ms = 0;
    uint64_t locked_until_ms = 0;
  };

  void count(const std::string& key, uint32_t most);
  [[nodiscard]] uint64_t locked_for_ms(const std::string& key) const;
  void make_room();

  const base::Clock& clock_;
  const LoginLimits limits_;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, Attempts> attempts_;
};

}  // namespace patchbay::admin
