#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
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
/// stop. While events come all the time, the worker looks by itself every `batch_wait_ms`, so that no shard wakes it.
class BatchQueue {
 public:
  /// Events that a shard collects before it hands them over in the middle of a turn.
  static constexpr size_t kMaximumCollected = 256;

  BatchQueue(Hook& hook, Bridge& bridge, const BatchOptions& options);
  ~BatchQueue();
  BatchQueue(const BatchQueue&) = delete;
  BatchQueue& operator=(const BatchQueue&) = delete;

  /// Takes an event over. [shard], or any other thread, which hands it over at once
  void add(std::unique_ptr<OwnedEvent> event);
  /// Hands over what the calling shard has collected. [shard]
  void hand_over();
  /// Events that have been handed over and wait. [any-thread]
  [[nodiscard]] uint32_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  /// Takes events again after close(). [control]
  void open();
  /// No event is taken any more, and those that wait are delivered without waiting for more; or, when `discard`,
  /// dropped. What is left can be seen from Held::worker_jobs. [control]
  void close(bool discard);

 private:
  struct ShardBuffer;
  class DeliverJob;
  using Events = std::vector<std::unique_ptr<OwnedEvent>>;
  enum class When : uint8_t { later, at_once };
  enum class From : uint8_t { anywhere, job };

  [[nodiscard]] uint64_t take_in(Events& events);
  void take_over(Events& events);
  void press(bool on);
  void schedule(From from);
  void post(When when, From from);
  void run(When when);
  void deliver_once();
  [[nodiscard]] bool is_steady(size_t delivered);

  Hook& hook_;
  Bridge& bridge_;
  const BatchOptions options_;
  std::unique_ptr<ShardBuffer[]> buffers_;  // by shard
  std::atomic<uint32_t> waiting_{0};
  std::atomic<uint32_t> busy_{0};
  std::atomic<bool> closed_{false};
  // Guards what follows; held for a few moves of pointers, never while a plugin's code runs.
  std::mutex mutex_;
  std::deque<std::unique_ptr<OwnedEvent>> events_;
  bool posted_ = false;   // a job that delivers at once; there may be one that finds nothing besides
  bool ticking_ = false;  // a job that delivers after the wait: there is never more than one
  uint64_t delivered_at_ms_ = 0;
  bool pressing_ = false;
};

}  // namespace patchbay::plugin_bridge
