#include <unistd.h>

#include <stdexcept>

#include "bench/alternation.h"
#include "bench/scenarios.h"
#include "bench/traffic.h"

namespace patchbay::bench {
namespace {

constexpr std::size_t kSpareDescriptors = 100;

std::string topic_of(std::size_t publisher) {
  return topic_root() + "/" + std::to_string(publisher);
}

void plan_one_to_one(const Options& options, TrafficPlan& plan) {
  for (std::size_t i = 0; i < options.publishers; ++i) {
    plan.publishers.push_back({topic_of(i), 1});
    plan.subscribers.push_back({topic_of(i), static_cast<std::uint32_t>(i), 1});
  }
}

// All publishers on topics below one root, which each of the subscribers takes as a whole.
void plan_many(const Options& options, TrafficPlan& plan, const std::string& topic_filter, std::size_t subscribers,
               std::size_t fan_out) {
  for (std::size_t i = 0; i < options.publishers; ++i) plan.publishers.push_back({topic_of(i), fan_out});
  for (std::size_t i = 0; i < subscribers; ++i) {
    plan.subscribers.push_back({topic_filter, 0, static_cast<std::uint32_t>(options.publishers)});
  }
}

void plan_parties(const Options& options, TrafficPlan& plan) {
  switch (options.scenario) {
    case Scenario::fan_out:
      // With one publisher the filter is exact, as it mostly is where one sends to many.
      plan_many(options, plan, options.publishers == 1 ? topic_of(0) : topic_root() + "/+", options.subscribers,
                options.subscribers);
      break;
    case Scenario::fan_in:
      plan_many(options, plan, topic_root() + "/+", 1, 1);
      break;
    case Scenario::shared:
      plan.shared = true;
      plan_many(options, plan, "$share/bench/" + topic_root() + "/+", options.subscribers, 1);
      break;
    case Scenario::connections:
      for (std::size_t i = 0; i < options.count; ++i) plan.subscribers.push_back({topic_of(i), 0, 0});
      break;
    default:
      plan_one_to_one(options, plan);
  }
}

void check_descriptors(const TrafficPlan& plan) {
  std::size_t wanted = plan.publishers.size() + plan.subscribers.size() + kSpareDescriptors;
  std::size_t limit = raise_descriptor_limit();
  if (wanted > limit) {
    throw std::runtime_error("this run needs " + std::to_string(wanted) + " descriptors, the process may have " +
                             std::to_string(limit));
  }
}

}  // namespace

std::string topic_root() {
  return "bench/" + std::to_string(getpid());
}

ConnectFields connect_fields(const Options& options) {
  ConnectFields fields;
  fields.version = options.version;
  fields.client_id = "bench-" + std::to_string(getpid());
  fields.username = options.username;
  fields.password = options.password;
  fields.keep_alive_s = static_cast<std::uint16_t>(options.keep_alive_s);
  return fields;
}

BrokerAddress broker_address(const Options& options) {
  return resolve_broker(options.host, options.port, options.source_addresses);
}

TrafficPlan plan_traffic(const Options& options) {
  TrafficPlan plan;
  plan.broker = broker_address(options);
  plan.connect = connect_fields(options);
  plan.qos = static_cast<std::uint8_t>(options.qos);
  plan.payload_size = options.payload_size;
  plan.window = options.window;
  plan.rate = options.rate;
  plan.connect_rate = options.connect_rate;
  plan.threads = options.threads;
  if (options.alternate_pid != 0) {
    auto groups = static_cast<std::size_t>(options.duration_s / options.alternate_every_s) / SlotPlan::kGroup;
    plan.slots = groups * SlotPlan::kGroup;
  }
  plan_parties(options, plan);
  if (options.messages > 0 && !plan.publishers.empty()) {
    plan.message_limit = std::max<std::uint64_t>(options.messages / plan.publishers.size(), 1);
  }
  check_descriptors(plan);
  return plan;
}

void run_traffic(const Options& options, const Deadline& deadline, Report& report) {
  TrafficPlan plan = plan_traffic(options);
  TrafficRun run(plan, options, deadline);
  bool connected = run.connect_all();
  if (connected) run.publish();
  run.finish();
  if (connected) run.report_traffic(report);
  run.report_errors(report);
}

void run_connections(const Options& options, const Deadline& deadline, Report& report) {
  TrafficPlan plan = plan_traffic(options);
  TrafficRun run(plan, options, deadline);
  bool connected = run.connect_all();
  if (connected) run.hold(options.hold_s);
  run.finish();
  if (connected) run.report_connections(report);
  run.report_errors(report);
}

void run_scenario(const Options& options, const Deadline& deadline, Report& report) {
  switch (options.scenario) {
    case Scenario::connections:
      return run_connections(options, deadline, report);
    case Scenario::retained:
      return run_retained(options, deadline, report);
    case Scenario::churn:
      return run_churn(options, deadline, report);
    case Scenario::subscriptions:
      return run_subscriptions(options, deadline, report);
    default:
      return run_traffic(options, deadline, report);
  }
}

}  // namespace patchbay::bench
