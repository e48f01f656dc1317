#pragma once

#include <patchbay/workers.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace patchbay::support {

/// A constant value that hooks read without a lock while another thread puts a newer one in its place. An old value
/// lives until each shard has had a turn after the change: no hook can be looking at it then.
template <class Value>
class Snapshot {
 public:
  /// Good until the hook returns; null before the first replace(). [shard]
  [[nodiscard]] const Value* current() const { return current_.load(std::memory_order_acquire); }
  /// For threads that are no shards: a share. [any-thread]
  [[nodiscard]] std::shared_ptr<const Value> held() const {
    const std::lock_guard lock(mutex_);
    return held_;
  }
  /// [control], [worker]
  void replace(std::shared_ptr<const Value> next, const workers& of, uint32_t shard_count) {
    const std::lock_guard lock(mutex_);
    current_.store(next.get(), std::memory_order_release);
    const std::shared_ptr<const Value> old = std::exchange(held_, std::move(next));
    if (old == nullptr) return;
    for (uint32_t shard = 0; shard < shard_count; ++shard) {
      // The job does nothing but hold a share until the shard's next turn.
      if (of.post(shard, [old] {}) != PATCHBAY_OK) return kept_.push_back(old);
    }
  }

 private:
  mutable std::mutex mutex_;
  std::atomic<const Value*> current_{nullptr};
  std::shared_ptr<const Value> held_;
  std::vector<std::shared_ptr<const Value>> kept_;  // where a shard could not be asked: until the end
};

}  // namespace patchbay::support
