#include "bench/alternation.h"
#include "bench/clock.h"
#include "bench/traffic.h"

namespace patchbay::bench {

std::vector<std::uint64_t> TrafficRun::published_by_publisher() const {
  std::vector<std::uint64_t> published(plan_.publishers.size(), 0);
  for (const auto& worker : workers_) {
    for (const Publisher& publisher : worker->publishers()) published[publisher.number()] = publisher.published();
  }
  return published;
}

void TrafficRun::judge_subscribers(Verdict& verdict) const {
  std::vector<std::uint64_t> published = published_by_publisher();
  for (const auto& worker : workers_) {
    for (const Subscriber& subscriber : worker->subscribers()) {
      for (std::size_t i = 0; i < subscriber.checkers().size(); ++i) {
        const SequenceChecker& checker = subscriber.checkers()[i];
        verdict.lost += checker.lost(published[subscriber.plan().first_publisher + i]);
        verdict.duplicates += checker.duplicates();
        verdict.order_violations += checker.order_violations();
      }
    }
  }
}

void TrafficRun::judge_shared(Verdict& verdict) const {
  std::vector<std::uint64_t> published = published_by_publisher();
  for (std::size_t i = 0; i < published.size(); ++i) {
    DeliveryBitmap all;
    for (const auto& worker : workers_) all.merge(worker->shared_deliveries()[i]);
    verdict.lost += published[i] > all.distinct() ? published[i] - all.distinct() : 0;
    verdict.duplicates += all.duplicates();
  }
  for (const auto& worker : workers_) {
    for (const Subscriber& subscriber : worker->subscribers()) {
      for (const SharedOrderChecker& checker : subscriber.shared_checkers()) {
        verdict.order_violations += checker.order_violations();
      }
    }
  }
}

TrafficRun::Verdict TrafficRun::verdict() const {
  Verdict verdict;
  verdict.expected = expected_deliveries(end_);
  if (!plan_.stamped()) {
    verdict.lost = verdict.expected > end_.delivered ? verdict.expected - end_.delivered : 0;
    verdict.duplicates = end_.delivered > verdict.expected ? end_.delivered - verdict.expected : 0;
  } else if (plan_.shared) {
    judge_shared(verdict);
  } else {
    judge_subscribers(verdict);
  }
  return verdict;
}

void TrafficRun::report_rates(Report& report) const {
  double seconds = ns_to_seconds(until_.at_ns - from_.at_ns);
  if (seconds <= 0) return;
  double delivered = static_cast<double>(until_.delivered - from_.delivered);
  report.add("measured_s", "measured for (s)", seconds);
  report.add("published_per_s", "published per second",
             static_cast<double>(until_.published - from_.published) / seconds);
  report.add("delivered_per_s", "delivered per second", delivered / seconds);
  report.add("delivered", "delivered while measured", until_.delivered - from_.delivered);
  if (delivered > 0) {
    report.add("tool_cpu_us_per_delivered", "this tool's CPU per delivered (us)",
               (until_.tool_cpu_us - from_.tool_cpu_us) / delivered);
  }
  report.add_cpu(from_.broker, until_.broker, delivered, "delivered");
}

void TrafficRun::report_verdict(Report& report) const {
  Verdict found = verdict();
  report.add("published_total", "published in all", end_.published);
  report.add("expected_total", "deliveries expected in all", found.expected);
  report.add("delivered_total", "delivered in all", end_.delivered);
  report.add("lost", "lost", found.lost);
  report.add("duplicates", "duplicates", found.duplicates);
  report.add("order_violations", "order violations", found.order_violations);
  report.add("unexpected", "deliveries to the wrong client", end_.unexpected);
  report.add("window_resets", "windows reopened after a loss", end_.window_resets);
  if (plan_.qos > 0) {
    report.add("acknowledged_total", "acknowledged in all", end_.completed);
    report.add("refused_total", "refused by reason code", end_.refused);
  }
}

void TrafficRun::report_traffic(Report& report) const {
  report_rates(report);
  Histogram latency;
  for (const auto& worker : workers_) latency.merge(worker->latency());
  report.add_latency("latency", "latency", latency);
  SlotLatencies slots;
  for (const auto& worker : workers_) slots.merge(worker->slots());
  report_alternation(slots, report);
  report_verdict(report);
  if (!before_.broker.valid || !end_.broker.valid) return;
  report.add("broker_rss_before_bytes", "broker RSS before any connection (bytes)", before_.broker.rss_bytes);
  report.add("broker_rss_connected_bytes", "broker RSS, connected (bytes)", connected_.broker.rss_bytes);
  report.add("broker_rss_after_bytes", "broker RSS after the traffic (bytes)", end_.broker.rss_bytes);
}

void TrafficRun::report_connections(Report& report) const {
  double count = static_cast<double>(plan_.subscribers.size());
  report.add("connections", "connections", std::uint64_t{connected_.subscribers_ready});
  report.add("connect_s", "connected and subscribed within (s)", connect_seconds_);
  if (connect_seconds_ > 0) report.add("connections_per_s", "connections per second", count / connect_seconds_);
  report.add_memory(before_.broker, connected_.broker, count, "connection");
  if (end_.at_ns == 0) return;
  double held = ns_to_seconds(end_.at_ns - connected_.at_ns);
  report.add("held_s", "held for (s)", held);
  report.add("connections_lost", "connections lost meanwhile", end_.connections_lost);
  report.add_cpu(connected_.broker, end_.broker, 0, "connection");
}

void TrafficRun::report_errors(Report& report) const {
  if (run_.errors.count() > run_.errors.texts().size()) {
    report.add_error(std::to_string(run_.errors.count()) + " errors, the first of them:");
  }
  for (std::string& text : run_.errors.texts()) report.add_error(std::move(text));
  if (end_.refused > 0) report.add_error(std::to_string(end_.refused) + " messages refused");
  if (!partial_reason_.empty()) report.mark_partial(partial_reason_);
}

}  // namespace patchbay::bench
