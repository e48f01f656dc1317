#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace patchbay::admin {

/// One file that may be uploaded once: as this instance, with this hash, and with what the instance may then do.
struct UploadGrant {
  std::string instance;
  std::string sha256;  ///< small hexadecimal digits
  std::vector<std::string> permissions;
  uint64_t until_ms = 0;  ///< steady clock
};

/// Native code comes into the broker only when an operator on the host has said which: the grants that
/// `patchbay ctl plugins allow` gives. Each is used once, and forgotten after five minutes. [any-thread]
class UploadGrants {
 public:
  static constexpr uint64_t kLifeMs = 5 * 60 * 1000;
  static constexpr size_t kMaximum = 100;  ///< more push out the oldest

  /// `clock` must outlive this.
  explicit UploadGrants(const base::Clock& clock) : clock_(clock) {}

  void allow(std::string instance, std::string sha256, std::vector<std::string> permissions);
  /// Takes the grant for this file; nothing: there is none.
  [[nodiscard]] std::optional<UploadGrant> take(const std::string& instance, const std::string& sha256);

 private:
  const base::Clock& clock_;
  std::mutex mutex_;  // guards grants_
  std::deque<UploadGrant> grants_;
};

}  // namespace patchbay::admin
