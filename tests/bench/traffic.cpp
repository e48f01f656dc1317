#include "bench/traffic.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>

#include "bench/clock.h"

namespace patchbay::bench {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(5);
constexpr double kSettleSeconds = 0.5;
constexpr double kQuietSeconds = 0.1;
constexpr double kNoLimitSeconds = 1e6;
// What was held has requests that are due, all at once.
constexpr std::int64_t kSettleNs = 100'000'000;
constexpr std::int64_t kScheduleLeadNs = 5'000'000;

// The broker may still be allocating for the last connection when its SUBACK is here.
void settle() {
  std::this_thread::sleep_for(std::chrono::duration<double>(kSettleSeconds));
}

// How long nothing has been published, delivered or acknowledged any more.
class QuietWatch {
 public:
  double quiet_seconds(const TrafficSnapshot& now) {
    std::uint64_t progress = now.delivered + now.completed + now.published;
    if (progress != last_progress_ || last_progress_ns_ == 0) last_progress_ns_ = now.at_ns;
    last_progress_ = progress;
    return ns_to_seconds(now.at_ns - last_progress_ns_);
  }

 private:
  std::uint64_t last_progress_ = 0;
  std::int64_t last_progress_ns_ = 0;
};

}  // namespace

TrafficRun::TrafficRun(const TrafficPlan& plan, const Options& options, const Deadline& deadline)
    : plan_(plan), options_(options), deadline_(deadline) {
  for (std::size_t i = 0; i < plan.threads; ++i) workers_.push_back(std::make_unique<Worker>(plan, i, run_));
  for (auto& worker : workers_) worker->know_peers(workers_);
  before_ = snapshot(true);
  for (auto& worker : workers_) {
    threads_.emplace_back([this, body = worker.get()] {
      try {
        body->run();
      } catch (const std::exception& error) {
        run_.errors.add("worker", error.what());
      }
    });
  }
}

TrafficRun::~TrafficRun() {
  finish();
}

void TrafficRun::enter(RunPhase phase) {
  run_.phase.store(phase);
  for (auto& worker : workers_) worker->wake();
}

TrafficSnapshot TrafficRun::snapshot(bool with_broker) const {
  TrafficSnapshot sum;
  for (const auto& worker : workers_) {
    const WorkerCounters& counters = worker->counters();
    sum.published += counters.published.get();
    sum.completed += counters.completed.get();
    sum.refused += counters.refused.get();
    sum.delivered += counters.delivered.get();
    sum.connections_lost += counters.connections_lost.get();
    sum.window_resets += counters.window_resets.get();
    sum.unexpected += counters.unexpected.get();
    sum.subscribers_ready += counters.subscribers_ready.get();
    sum.publishers_ready += counters.publishers_ready.get();
  }
  sum.tool_cpu_us = own_cpu_us();
  if (with_broker) sum.broker = sample_process(options_.broker);
  sum.at_ns = monotonic_ns();
  return sum;
}

bool TrafficRun::wait_until(const std::function<bool(const TrafficSnapshot&)>& reached, double seconds) {
  std::int64_t end = monotonic_ns() + seconds_to_ns(seconds);
  while (!reached(snapshot(false))) {
    if (deadline_.passed()) {
      partial_reason_ = deadline_.reason();
      return false;
    }
    if (monotonic_ns() >= end) return false;
    std::this_thread::sleep_for(kPoll);
  }
  return true;
}

bool TrafficRun::wait_ready(std::size_t subscribers, std::size_t publishers) {
  auto failed = [this] { return run_.errors.count() > 0; };
  wait_until(
      [&](const TrafficSnapshot& now) {
        return failed() || (now.subscribers_ready >= subscribers && now.publishers_ready >= publishers);
      },
      kNoLimitSeconds);
  return !failed() && partial_reason_.empty();
}

bool TrafficRun::connect_all() {
  std::int64_t start = monotonic_ns();
  if (!wait_ready(plan_.subscribers.size(), 0)) return false;
  enter(RunPhase::connect_publishers);
  if (!wait_ready(plan_.subscribers.size(), plan_.publishers.size())) return false;
  connect_seconds_ = ns_to_seconds(monotonic_ns() - start);
  settle();
  connected_ = snapshot(true);
  return true;
}

bool TrafficRun::hold(double seconds) {
  enter(RunPhase::publish);  // there is no publisher, but from here on the workers keep the connections alive
  wait_until([](const TrafficSnapshot& now) { return now.connections_lost > 0; }, seconds);
  end_ = snapshot(true);
  return run_.errors.count() == 0 && partial_reason_.empty();
}

bool TrafficRun::publish() {
  run_.schedule_start_ns.store(monotonic_ns() + kScheduleLeadNs);
  from_ = snapshot(true);
  if (options_.warmup_s <= 0) {
    lay_out_slots();
    run_.measure_from_ns.store(0);
  }
  enter(RunPhase::publish);
  measure();
  drain();
  end_ = snapshot(true);
  return partial_reason_.empty();
}

void TrafficRun::lay_out_slots() {
  if (plan_.slots == 0) return;
  run_.slots = {from_.at_ns, seconds_to_ns(options_.alternate_every_s), kSettleNs, plan_.slots};
}

void TrafficRun::measure() {
  if (options_.warmup_s > 0) {
    wait_until([this](const TrafficSnapshot& now) { return all_lost(now); }, options_.warmup_s);
    from_ = snapshot(true);
    lay_out_slots();
    run_.measure_from_ns.store(from_.at_ns);
  }
  ProcessBeside beside(options_.alternate_pid);
  std::uint64_t limit = plan_.message_limit * plan_.publishers.size();
  QuietWatch watch;
  wait_until(
      [&](const TrafficSnapshot& now) {
        if (!beside.follow(run_.slots, now.at_ns)) run_.errors.add("alternation", "the process beside is gone");
        double quiet_s = watch.quiet_seconds(now);
        bool through = limit > 0 && now.published >= limit && (all_arrived(now) || quiet_s > options_.drain_s);
        return all_lost(now) || through;
      },
      options_.duration_s);
  until_ = snapshot(true);
  run_.measure_until_ns.store(until_.at_ns);
}

void TrafficRun::drain() {
  enter(RunPhase::drain);
  QuietWatch watch;
  wait_until(
      [&](const TrafficSnapshot& now) {
        double quiet_s = watch.quiet_seconds(now);
        // A publisher may be in the middle of a batch, and a duplicate may follow: one quiet look is not enough.
        return all_lost(now) || (all_arrived(now) && quiet_s > kQuietSeconds) || quiet_s > options_.drain_s;
      },
      kNoLimitSeconds);
}

std::uint64_t TrafficRun::expected_deliveries(const TrafficSnapshot& now) const {
  // All publishers of a plan have the same fan-out.
  return plan_.publishers.empty() ? 0 : now.published * plan_.publishers.front().fan_out;
}

bool TrafficRun::all_arrived(const TrafficSnapshot& now) const {
  bool acknowledged = plan_.qos == 0 || now.completed + now.refused >= now.published;
  return acknowledged && now.delivered >= expected_deliveries(now);
}

bool TrafficRun::all_lost(const TrafficSnapshot& now) const {
  return now.connections_lost >= plan_.publishers.size() + plan_.subscribers.size();
}

void TrafficRun::finish() {
  enter(RunPhase::stop);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace patchbay::bench
