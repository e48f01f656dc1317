#pragma once

#include <string>

#include "base/result.h"
#include "operations/banned.h"
#include "operations/flapping.h"
#include "operations/monitor.h"
#include "operations/node_watch.h"
#include "operations/operations_environment.h"
#include "operations/slow_subscriptions.h"
#include "operations/topic_metrics.h"
#include "operations/traces.h"
#include "operations/work_queue.h"

namespace patchbay::operations {

struct OperationsSettings {
  FlappingSettings flapping;
  SlowSettings slow;
};

/// What operators have watched or kept out. The flow plane knows nothing of it: whoever watches puts entries of the
/// core's own at hook points, for as long as there is something to watch. [control]
class Operations {
 public:
  explicit Operations(OperationsEnvironment environment);
  ~Operations() { stop(); }
  Operations(const Operations&) = delete;
  Operations& operator=(const Operations&) = delete;

  /// Reads what was kept and goes on with it, before anybody can connect. The error is a sentence: the node must not
  /// run when it cannot read who is banned. Shards and the thread of chains run.
  [[nodiscard]] base::Result<bool, std::string> start(const OperationsSettings& settings);
  /// Changed settings take effect at once.
  void configure(const OperationsSettings& settings);
  /// Nothing is done any more; while the shards still run. Idempotent.
  void stop() { queue_.stop(); }
  /// What is done about every second: for tests, which have no thread.
  void tick();

  [[nodiscard]] Banned& banned() { return banned_; }
  [[nodiscard]] TopicMetrics& topic_metrics() { return topic_metrics_; }
  [[nodiscard]] SlowSubscriptions& slow_subscriptions() { return slow_; }
  [[nodiscard]] Traces& traces() { return traces_; }
  [[nodiscard]] Monitor& monitor() { return monitor_; }
  [[nodiscard]] const NodeWatch& node_watch() const { return node_watch_; }
  [[nodiscard]] WorkQueue& queue() { return queue_; }

 private:
  const OperationsEnvironment environment_;
  WorkQueue queue_;
  Banned banned_;
  Flapping flapping_;
  TopicMetrics topic_metrics_;
  SlowSubscriptions slow_;
  Traces traces_;
  Monitor monitor_;
  NodeWatch node_watch_;
};

}  // namespace patchbay::operations
