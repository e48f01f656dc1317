#include "plugin_bridge/batch_queue.h"

#include <algorithm>
#include <utility>

#include "plugin_bridge/bridge.h"
#include "plugin_bridge/hook.h"
#include "plugin_bridge/instance.h"

namespace patchbay::plugin_bridge {

struct alignas(64) BatchQueue::ShardBuffer {
  Events events;
  bool marked = false;  // the shard's turn will end with hand_over()
};

/// Delivers once, on a worker.
class BatchQueue::DeliverJob final : public Job {
 public:
  explicit DeliverJob(BatchQueue& queue) : queue_(queue) {}
  void run() override { queue_.run(); }
  [[nodiscard]] const void* group() const override { return &queue_; }

 private:
  BatchQueue& queue_;
};

BatchQueue::BatchQueue(Hook& hook, Bridge& bridge, const BatchOptions& options)
    : hook_(hook),
      bridge_(bridge),
      options_(options),
      buffers_(std::make_unique<ShardBuffer[]>(bridge.shard_count())) {}

BatchQueue::~BatchQueue() {
  press(false);
}

void BatchQueue::add(std::unique_ptr<OwnedEvent> event) {
  const base::ShardId shard = base::current_shard();
  if (shard >= bridge_.shard_count()) {
    Events single;
    single.push_back(std::move(event));
    take_over(single);
    return;
  }
  ShardBuffer& buffer = buffers_[shard];
  buffer.events.push_back(std::move(event));
  if (!std::exchange(buffer.marked, true)) bridge_.mark_dirty(shard, *this);
  if (buffer.events.size() >= kMaximumCollected) take_over(buffer.events);
}

void BatchQueue::hand_over() {
  ShardBuffer& buffer = buffers_[base::current_shard()];
  buffer.marked = false;
  if (!buffer.events.empty()) take_over(buffer.events);
}

/// Under the mutex; returns how many events found no room.
uint64_t BatchQueue::take_in(Events& events) {
  if (closed_.load(std::memory_order_relaxed)) return events.size();
  const bool presses = options_.overflow == PATCHBAY_OVERFLOW_BACK_PRESSURE;
  const size_t limit = presses ? size_t{options_.queue_max} * 2 : options_.queue_max;
  uint64_t dropped = 0;
  for (auto& event : events) {
    if (events_.size() >= limit) {
      ++dropped;
      if (options_.overflow != PATCHBAY_OVERFLOW_DROP_OLDEST) continue;
      events_.pop_front();
    }
    events_.push_back(std::move(event));
  }
  if (presses && events_.size() >= options_.queue_max) press(true);
  return dropped;
}

void BatchQueue::take_over(Events& events) {
  uint64_t dropped = 0;
  {
    const std::lock_guard lock(mutex_);
    dropped = take_in(events);
    waiting_.store(static_cast<uint32_t>(events_.size()), std::memory_order_relaxed);
    schedule();
  }
  events.clear();
  if (dropped != 0) hook_.count_dropped(dropped);
}

void BatchQueue::press(bool on) {
  std::atomic<uint32_t>* pressure = bridge_.environment().pressure;
  if (pressure == nullptr || pressing_ == on) return;
  pressing_ = on;
  if (on) {
    pressure->fetch_add(1, std::memory_order_relaxed);
    hook_.instance().log().host_line(base::LogLevel::warning,
                                     hook_.site().text + ": the queue is full, publishers are slowed");
  } else {
    pressure->fetch_sub(1, std::memory_order_relaxed);
  }
}

/// Under the mutex: sees to it that what waits is delivered, at once where there is enough for a call.
void BatchQueue::schedule() {
  if (events_.empty()) return;
  const bool at_once =
      events_.size() >= options_.batch_max || options_.batch_wait_ms == 0 || closed_.load(std::memory_order_relaxed);
  const Scheduled wanted = at_once ? Scheduled::now : Scheduled::later;
  if (scheduled_ >= wanted) return;
  const uint64_t due_ms = at_once ? 0 : bridge_.clock().steady_ms() + options_.batch_wait_ms;
  const bool posted =
      bridge_.workers().post_always(hook_.instance().held(), std::make_unique<DeliverJob>(*this), due_ms);
  if (posted) scheduled_ = wanted;
}

void BatchQueue::run() {
  if (busy_.fetch_add(1, std::memory_order_acq_rel) != 0) return;  // the one that is in there looks again
  uint32_t seen = 1;
  do {
    seen = busy_.load(std::memory_order_acquire);
    deliver_once();
  } while (!busy_.compare_exchange_strong(seen, 0, std::memory_order_acq_rel));
}

/// One call of the plugin. One that has been stopped is not called any more.
void BatchQueue::deliver_once() {
  Events batch;
  {
    const std::lock_guard lock(mutex_);
    const size_t amount = std::min<size_t>(events_.size(), options_.batch_max);
    for (size_t i = 0; i < amount; ++i) {
      batch.push_back(std::move(events_.front()));
      events_.pop_front();
    }
    waiting_.store(static_cast<uint32_t>(events_.size()), std::memory_order_relaxed);
    if (events_.size() <= options_.queue_max / 2) press(false);
    scheduled_ = Scheduled::no;
  }
  if (batch.empty()) return;
  if (hook_.instance().gate().finishes_work()) {
    hook_.deliver(batch);
  } else {
    hook_.count_dropped(batch.size());
  }
  batch.clear();
  // What is left is another job, so that the others have their turn.
  const std::lock_guard lock(mutex_);
  schedule();
}

void BatchQueue::open() {
  closed_.store(false, std::memory_order_relaxed);
}

void BatchQueue::close(bool discard) {
  uint64_t dropped = 0;
  {
    const std::lock_guard lock(mutex_);
    closed_.store(true, std::memory_order_relaxed);
    if (discard) {
      dropped = events_.size();
      events_.clear();
      waiting_.store(0, std::memory_order_relaxed);
      press(false);
    }
    schedule();
  }
  // A delivery that waits for more would keep the instance from going.
  bridge_.workers().make_due(this);
  if (dropped != 0) hook_.count_dropped(dropped);
}

}  // namespace patchbay::plugin_bridge
