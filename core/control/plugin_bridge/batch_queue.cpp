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
  DeliverJob(BatchQueue& queue, When when) : queue_(queue), when_(when) {}
  void run() override { queue_.run(when_); }
  [[nodiscard]] const void* group() const override { return &queue_; }

 private:
  BatchQueue& queue_;
  When when_;
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
    schedule(From::anywhere);
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
void BatchQueue::schedule(From from) {
  if (events_.empty()) return;
  const bool at_once =
      events_.size() >= options_.batch_max || options_.batch_wait_ms == 0 || closed_.load(std::memory_order_relaxed);
  if (at_once) {
    if (!posted_) post(When::at_once, from);
  } else if (!posted_ && !ticking_) {
    post(When::later, from);
  }
}

/// Under the mutex.
void BatchQueue::post(When when, From from) {
  const uint64_t due_ms = when == When::at_once ? 0 : bridge_.clock().steady_ms() + options_.batch_wait_ms;
  WorkerPool& workers = bridge_.workers();
  HeldCounters& held = hook_.instance().held();
  auto job = std::make_unique<DeliverJob>(*this, when);
  const bool posted = from == From::job ? workers.post_next(held, std::move(job), due_ms)
                                        : workers.post_always(held, std::move(job), due_ms);
  (when == When::at_once ? posted_ : ticking_) = posted;
}

void BatchQueue::run(When when) {
  if (when == When::later) {
    const std::lock_guard lock(mutex_);
    ticking_ = false;
  }
  if (busy_.fetch_add(1, std::memory_order_acq_rel) != 0) return;  // the one that is in there looks again
  uint32_t seen = 1;
  do {
    seen = busy_.load(std::memory_order_acquire);
    deliver_once();
  } while (!busy_.compare_exchange_strong(seen, 0, std::memory_order_acq_rel));
}

/// Under the mutex: whether events keep coming, so that a worker does well to look again after the wait.
bool BatchQueue::is_steady(size_t delivered) {
  if (delivered == 0) return false;
  const uint64_t now_ms = bridge_.clock().steady_ms();
  const uint64_t before_ms = std::exchange(delivered_at_ms_, now_ms);
  return before_ms != 0 && now_ms - before_ms <= 2 * uint64_t{options_.batch_wait_ms} && options_.batch_wait_ms != 0 &&
         !closed_.load(std::memory_order_relaxed);
}

/// One call of the plugin. One that has been stopped is not called any more.
void BatchQueue::deliver_once() {
  Events batch;
  batch.reserve(std::min(waiting(), options_.batch_max));  // before the mutex, for which shards may wait
  {
    const std::lock_guard lock(mutex_);
    const size_t amount = std::min<size_t>(events_.size(), options_.batch_max);
    for (size_t i = 0; i < amount; ++i) {
      batch.push_back(std::move(events_.front()));
      events_.pop_front();
    }
    waiting_.store(static_cast<uint32_t>(events_.size()), std::memory_order_relaxed);
    if (events_.size() <= options_.queue_max / 2) press(false);
    posted_ = false;
    // Posted before the call, so that what comes meanwhile wakes no other worker.
    if (is_steady(amount) && !ticking_) post(When::later, From::job);
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
  schedule(From::job);
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
    schedule(From::anywhere);
  }
  // A delivery that waits for more would keep the instance from going.
  bridge_.workers().make_due(this);
  if (dropped != 0) hook_.count_dropped(dropped);
}

}  // namespace patchbay::plugin_bridge
