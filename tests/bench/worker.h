#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "bench/credits.h"
#include "bench/event_loop.h"
#include "bench/histogram.h"
#include "bench/publisher.h"
#include "bench/run_state.h"
#include "bench/subscriber.h"
#include "bench/traffic_plan.h"

namespace patchbay::bench {

// One thread of the tool, with every threads-th publisher and subscriber of the plan. run() is the thread's body; all
// that is not marked is for after it has returned.
class Worker {
 public:
  Worker(const TrafficPlan& plan, std::size_t index, RunState& run);

  // Called once, before any worker runs: where the credits of the other workers' publishers go.
  void know_peers(std::span<const std::unique_ptr<Worker>> workers) { workers_ = workers; }
  void run();
  void wake() { loop_.wake(); }                                         // [any-thread]
  const WorkerCounters& counters() const { return counters_; }          // [any-thread]
  void give_remote(std::uint32_t publisher, std::uint64_t deliveries);  // [any-thread]

  const Histogram& latency() const { return latency_; }
  const SlotLatencies& slots() const { return slots_; }
  const std::deque<Publisher>& publishers() const { return publishers_; }
  const std::deque<Subscriber>& subscribers() const { return subscribers_; }
  const std::vector<DeliveryBitmap>& shared_deliveries() const { return shared_deliveries_; }

 private:
  struct alignas(64) RemoteCredit {
    std::atomic<std::uint64_t> deliveries{0};
  };

  std::int64_t wait_ns(std::int64_t now_ns) const;
  void end_turn(std::int64_t now_ns);
  void open_clients(std::int64_t now_ns);
  bool open_next();
  std::size_t most_openings(std::int64_t now_ns) const;
  void begin_publishing();
  void give_credits();
  void take_remote_credits();
  void release_due(std::int64_t now_ns);
  void pump(std::int64_t now_ns);
  void look_after(std::int64_t now_ns);
  void keep_alive(std::int64_t now_ns);
  void close_all();
  std::int64_t next_due_ns() const;

  const TrafficPlan& plan_;
  RunState& run_;
  std::size_t index_;
  std::span<const std::unique_ptr<Worker>> workers_;
  EventLoop loop_;
  WorkerCounters counters_;
  Histogram latency_;
  SlotLatencies slots_;
  CreditBook credits_;
  std::vector<DeliveryBitmap> shared_deliveries_;
  RunnableList runnable_;
  RunnableList pumping_;
  std::deque<Publisher> publishers_;  // deques: clients must not move
  std::deque<Subscriber> subscribers_;
  std::vector<RemoteCredit> remote_credits_;  // by own publisher
  std::atomic<bool> has_remote_credits_{false};

  std::size_t opened_subscribers_ = 0;
  std::size_t opened_publishers_ = 0;
  std::int64_t first_open_ns_ = 0;
  std::uint64_t next_due_ = 0;  // how many messages of this worker the schedule has reached
  std::int64_t next_look_ns_ = 0;
  std::size_t next_ping_ = 0;
  std::int64_t ping_start_ns_ = 0;
  bool publishing_ = false;
};

}  // namespace patchbay::bench
