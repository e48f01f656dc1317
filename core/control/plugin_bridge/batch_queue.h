#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "patchbay/hooks.h"
#include "plugin_bridge/owned_event.h"

namespace patchbay::plugin_bridge {

class Bridge;
class Hook;

struct BatchOptions {
  uint32_t batch_max = 256;     ///< most events of a call
  uint32_t batch_wait_ms = 50;  ///< longest wait for more
  uint32_t queue_max = 10'000;  ///< events that may wait
  uint32_t overflow = PATCHBAY_OVERFLOW_DROP_OLDEST;
};

/// The events that wait for one batch observer. A shard collects its own in a buffer without locks and hands them over
/// at the end of its turn; a worker takes them out and calls the plugin, one call at a time, so that the events of one
/// client stay in order. Bounded by `queue_max`; with back-pressure by twice that, since publishers need a moment to
/// stop.
class BatchQueue {
 public:
  BatchQueue(Hook& hook, Bridge& bridge, const BatchOptions& options);
  ~BatchQueue();
  BatchQueue(const BatchQueue&) = delete;
  BatchQueue& operator=(const BatchQueue&) = delete;

  /// Takes an event over. [shard], or any other thread (which hands it over at once)
  void add(std::unique_ptr<OwnedEvent> event);
  /// Hands over what the calling shard has collected. [shard]
  void hand_over();
  /// Events that wait now, collected ones included. [any-thread]
  [[nodiscard]] uint32_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  /// No event is taken any more; those that wait are delivered, or dropped when `discard`. [control]
  void close(bool discard);

 private:
  struct ShardBuffer;
  class DeliverJob;

  void take_over(std::vector<std::unique_ptr<OwnedEvent>>& events);
  void make_room(size_t coming);
  void relieve();
  void schedule(uint64_t delay_ms);
  void run();
  [[nodiscard]] bool deliver_once();
  void deliver(std::vector<std::unique_ptr<OwnedEvent>>& events);
  void drop(uint64_t amount);

  Hook& hook_;
  Bridge& bridge_;
  const BatchOptions options_;
  std::unique_ptr<ShardBuffer[]> buffers_;  // by shard
  std::atomic<uint32_t> waiting_{0};
  std::atomic<uint32_t> busy_{0};
  std::atomic<bool> closed_{false};
  // Guards what follows; held for a few moves of pointers, never while a plugin's code runs.
  std::mutex mutex_;
  std::vector<std::unique_ptr<OwnedEvent>> events_;
  size_t first_ = 0;     // of events_, before it they are gone
  uint64_t due_ms_ = 0;  // of the delivery that is scheduled; 0: none
  bool pressing_ = false;
};

}  // namespace patchbay::plugin_bridge
