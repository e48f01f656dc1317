#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include "bench/deadline.h"
#include "bench/options.h"
#include "bench/report.h"
#include "bench/scenarios.h"

namespace {

using namespace patchbay::bench;

constexpr int kUsageExitCode = 1;
constexpr int kErrorsExitCode = 2;

bool has_traffic(Scenario scenario) {
  return scenario != Scenario::connections && scenario != Scenario::retained && scenario != Scenario::churn;
}

void add_traffic_settings(const Options& options, Report& report) {
  report.add("publishers", "publishers", std::uint64_t{options.publishers});
  if (options.scenario == Scenario::fan_out || options.scenario == Scenario::shared) {
    report.add("subscribers", "subscribers", std::uint64_t{options.subscribers});
  }
  report.add("window", "window of each publisher", std::uint64_t{options.window});
  if (options.rate > 0) report.add("rate_per_s", "scheduled per second", options.rate);
  report.add("threads", "threads of this tool", std::uint64_t{options.threads});
}

void add_settings(const Options& options, Report& report) {
  report.add("scenario", "scenario", options.scenario_name);
  report.add("mqtt_version", "MQTT version", std::string(options.version == ProtocolVersion::v5 ? "5" : "3.1.1"));
  report.add("qos", "QoS", std::uint64_t{options.qos});
  if (has_traffic(options.scenario) || options.scenario == Scenario::retained) {
    report.add("payload_bytes", "payload (bytes)", std::uint64_t{options.payload_size});
  }
  if (has_traffic(options.scenario)) add_traffic_settings(options, report);
  if (options.scenario == Scenario::churn) {
    report.add("concurrent", "clients at a time", std::uint64_t{options.concurrent});
  }
}

bool write_json(const std::string& path, const Report& report) {
  if (path.empty()) return true;
  std::ofstream file(path);
  file << report.json();
  file.close();
  return !file.fail();
}

}  // namespace

int main(int argc, char** argv) {
  int exit_code = 0;
  auto options = parse_options(argc, argv, exit_code);
  if (!options) return exit_code;
  install_interrupts(options->timeout_s);
  Deadline deadline(options->timeout_s);
  Report report;
  add_settings(*options, report);
  try {
    run_scenario(*options, deadline, report);
  } catch (const std::exception& error) {
    report.add_error(error.what());
  }
  std::fputs(report.text().c_str(), stdout);
  if (!write_json(options->json_file, report)) {
    std::fprintf(stderr, "patchbay-bench: cannot write %s\n", options->json_file.c_str());
    return kUsageExitCode;
  }
  return report.failed() ? kErrorsExitCode : 0;
}
