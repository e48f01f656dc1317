#pragma once

#include <string>

#include "bench/deadline.h"
#include "bench/options.h"
#include "bench/report.h"
#include "bench/traffic_plan.h"

namespace patchbay::bench {

// Each runs one scenario to its end, or to the deadline, and writes what it found into the report. They throw only what
// keeps a run from starting: an unknown host, or no descriptors.
void run_scenario(const Options& options, const Deadline& deadline, Report& report);
void run_traffic(const Options& options, const Deadline& deadline, Report& report);
void run_connections(const Options& options, const Deadline& deadline, Report& report);
void run_subscriptions(const Options& options, const Deadline& deadline, Report& report);
void run_retained(const Options& options, const Deadline& deadline, Report& report);
void run_churn(const Options& options, const Deadline& deadline, Report& report);

// "bench/<this process>": no other run of this tool at the same broker uses these topics.
std::string topic_root();
TrafficPlan plan_traffic(const Options& options);
ConnectFields connect_fields(const Options& options);
BrokerAddress broker_address(const Options& options);

}  // namespace patchbay::bench
