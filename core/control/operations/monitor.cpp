#include "operations/monitor.h"

#include <algorithm>

namespace patchbay::operations {

namespace {

MonitorSample difference(const MonitorSample& now, const MonitorSample& before) {
  MonitorSample sample = now;
  sample.received -= before.received;
  sample.sent -= before.sent;
  sample.dropped -= before.dropped;
  sample.received_bytes -= before.received_bytes;
  sample.sent_bytes -= before.sent_bytes;
  return sample;
}

}  // namespace

void MonitorSample::extend_by(const MonitorSample& newer) {
  MonitorSample sum = newer;
  sum.received += received;
  sum.sent += sent;
  sum.dropped += dropped;
  sum.received_bytes += received_bytes;
  sum.sent_bytes += sent_bytes;
  *this = sum;
}

Monitor::Monitor(const OperationsEnvironment& environment) : environment_(environment) {
  last_taken_ = {environment.clock.steady_ms(), now()};
  recent_.push_back(last_taken_);  // what happens within the first second is part of the first rate
}

MonitorSample Monitor::now() const {
  using base::Counter;
  const metrics::MetricsSnapshot snapshot = environment_.metrics.snapshot();
  MonitorSample sample;
  sample.unix_ms = environment_.clock.unix_ms();
  sample.connections = snapshot.get(Counter::connections);
  sample.live_connections = snapshot.get(Counter::live_connections);
  sample.sessions = snapshot.get(Counter::sessions);
  sample.topics = environment_.topics ? environment_.topics() : 0;
  sample.subscriptions = snapshot.get(Counter::subscriptions);
  sample.shared_subscriptions = snapshot.get(Counter::subscriptions_shared);
  sample.retained = snapshot.get(Counter::retained);
  sample.received = snapshot.get(Counter::messages_received);
  sample.sent = snapshot.get(Counter::messages_sent);
  sample.dropped = snapshot.get(Counter::messages_dropped);
  sample.received_bytes = snapshot.get(Counter::bytes_received);
  sample.sent_bytes = snapshot.get(Counter::bytes_sent);
  return sample;
}

void Monitor::tick() {
  const Moment moment{environment_.clock.steady_ms(), now()};
  const SystemCpu cpu = SystemCpu::now();
  const std::lock_guard lock(mutex_);
  topics_max_ = std::max(topics_max_, moment.totals.topics);
  cpu_use_percent_ = cpu.use_percent_since(cpu_);
  cpu_ = cpu;
  recent_.push_back(moment);
  if (recent_.size() > kRateTicks + 1) recent_.pop_front();
  if (moment.steady_ms - last_taken_.steady_ms < kFineMs) return;
  take(moment);
  compact(moment.totals.unix_ms);
}

void Monitor::take(const Moment& moment) {
  fine_.push_back(difference(moment.totals, last_taken_.totals));
  last_taken_ = moment;
}

void Monitor::compact(uint64_t now_unix_ms) {
  while (!fine_.empty() && fine_.front().unix_ms + kFineKeptMs < now_unix_ms) {
    const MonitorSample& old = fine_.front();
    const bool same = !coarse_.empty() && coarse_.back().unix_ms / kCoarseMs == old.unix_ms / kCoarseMs;
    if (same) {
      coarse_.back().extend_by(old);
    } else {
      coarse_.push_back(old);
    }
    fine_.pop_front();
  }
  while (!coarse_.empty() && coarse_.front().unix_ms + kCoarseKeptMs < now_unix_ms) coarse_.pop_front();
}

std::vector<MonitorSample> Monitor::samples(uint64_t latest_ms) const {
  const uint64_t now_unix_ms = environment_.clock.unix_ms();
  const uint64_t from_ms = latest_ms == 0 || latest_ms > now_unix_ms ? 0 : now_unix_ms - latest_ms;
  const std::lock_guard lock(mutex_);
  std::vector<MonitorSample> samples;
  for (const auto* part : {&coarse_, &fine_}) {
    for (const MonitorSample& sample : *part) {
      if (sample.unix_ms >= from_ms) samples.push_back(sample);
    }
  }
  return samples;
}

void Monitor::clear() {
  const std::lock_guard lock(mutex_);
  fine_.clear();
  coarse_.clear();
}

uint64_t Monitor::topics_max() const {
  const uint64_t topics = environment_.topics ? environment_.topics() : 0;
  const std::lock_guard lock(mutex_);
  return std::max(topics_max_, topics);
}

double Monitor::cpu_use_percent() const {
  const std::lock_guard lock(mutex_);
  return cpu_use_percent_;
}

Monitor::Rates Monitor::rates() const {
  const std::lock_guard lock(mutex_);
  if (recent_.size() < 2) return {};
  const Moment& from = recent_.front();
  const Moment& until = recent_.back();
  if (until.steady_ms <= from.steady_ms) return {};
  const double seconds = static_cast<double>(until.steady_ms - from.steady_ms) / 1000;
  const MonitorSample happened = difference(until.totals, from.totals);
  const auto per_second = [seconds](uint64_t count) { return static_cast<double>(count) / seconds; };
  return {per_second(happened.received), per_second(happened.sent), per_second(happened.dropped),
          per_second(happened.received_bytes), per_second(happened.sent_bytes)};
}

}  // namespace patchbay::operations
