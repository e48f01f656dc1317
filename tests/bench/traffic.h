#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/deadline.h"
#include "bench/options.h"
#include "bench/process_stats.h"
#include "bench/report.h"
#include "bench/run_state.h"
#include "bench/traffic_plan.h"
#include "bench/worker.h"

namespace patchbay::bench {

// Sums over all workers at one moment, with the broker's figures of the same moment.
struct TrafficSnapshot {
  std::int64_t at_ns = 0;
  std::uint64_t published = 0;
  std::uint64_t completed = 0;
  std::uint64_t refused = 0;
  std::uint64_t delivered = 0;
  std::uint64_t connections_lost = 0;
  std::uint64_t window_resets = 0;
  std::uint64_t unexpected = 0;
  std::uint64_t subscribers_ready = 0;
  std::uint64_t publishers_ready = 0;
  double tool_cpu_us = 0;
  ProcessSample broker;
};

// One run of a plan: the workers' threads, and the phases that the controlling thread leads them through.
class TrafficRun {
 public:
  TrafficRun(const TrafficPlan& plan, const Options& options, const Deadline& deadline);
  ~TrafficRun();

  // Each returns false if the run cannot go on; finish() may be called all the same.
  bool connect_all();
  bool publish();
  // Idle for a time with all connections open; their loss ends it.
  bool hold(double seconds);
  // Ends the workers. What follows is for after it.
  void finish();

  TrafficSnapshot snapshot(bool with_broker) const;
  void report_connections(Report& report) const;
  void report_traffic(Report& report) const;
  void report_errors(Report& report) const;
  double connect_seconds() const { return connect_seconds_; }

 private:
  struct Verdict {
    std::uint64_t expected = 0;
    std::uint64_t lost = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t order_violations = 0;
  };

  void enter(RunPhase phase);
  bool wait_until(const std::function<bool(const TrafficSnapshot&)>& reached, double seconds);
  bool wait_ready(std::size_t subscribers, std::size_t publishers);
  void lay_out_slots();
  void measure();
  void drain();
  bool all_arrived(const TrafficSnapshot& now) const;
  bool all_lost(const TrafficSnapshot& now) const;
  std::uint64_t expected_deliveries(const TrafficSnapshot& now) const;
  std::vector<std::uint64_t> published_by_publisher() const;
  Verdict verdict() const;
  void judge_subscribers(Verdict& verdict) const;
  void judge_shared(Verdict& verdict) const;
  void report_rates(Report& report) const;
  void report_verdict(Report& report) const;

  const TrafficPlan& plan_;
  const Options& options_;
  const Deadline& deadline_;
  RunState run_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
  std::string partial_reason_;
  double connect_seconds_ = 0;
  TrafficSnapshot before_;     // nothing connected
  TrafficSnapshot connected_;  // all connected, nothing published
  TrafficSnapshot from_;       // warmed up
  TrafficSnapshot until_;
  TrafficSnapshot end_;
};

}  // namespace patchbay::bench
