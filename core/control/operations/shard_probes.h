#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "operations/operations_environment.h"

namespace patchbay::operations {

/// How promptly the shards do what they are told: a letter to each now and then, and the time until it is read. One
/// that is long in coming tells that a shard's turns take too long, or that its mail has piled up. [control]
class ShardProbes {
 public:
  explicit ShardProbes(const OperationsEnvironment& environment);

  /// Writes to the shards that have read the last letter.
  void send();
  /// The longest that a shard took, or has taken so far, since the last call of send().
  [[nodiscard]] uint64_t longest_lag_ms() const;
  /// The most mail that a shard had waiting when it read its letter.
  [[nodiscard]] uint64_t most_mail() const;

 private:
  struct Probe {
    std::atomic<uint64_t> sent_ms{0};
    std::atomic<bool> waiting{false};
    std::atomic<uint64_t> lag_ms{0};
    std::atomic<uint64_t> mail{0};
  };

  const OperationsEnvironment& environment_;
  std::vector<std::shared_ptr<Probe>> probes_;  ///< by shard; the letters share them
};

}  // namespace patchbay::operations
