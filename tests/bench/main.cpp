#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include "deadline.h"
#include "options.h"
#include "report.h"
#include "scenarios.h"

namespace {

using namespace patchbay::bench;

constexpr int kUsageExitCode = 1;
constexpr int kErrorsExitCode = 2;

void add_settings(const Options& options, Report& report) {
  report.add("scenario", "scenario", options.scenario_name);
  report.add("mqtt_version", "MQTT version", std::string(options.version == ProtocolVersion::v5 ? "5" : "3.1.1"));
  report.add("qos", "QoS", std::uint64_t{options.qos});
  report.add("payload_bytes", "payload (bytes)", std::uint64_t{options.payload_size});
  report.add("publishers", "publishers", std::uint64_t{options.publishers});
  report.add("subscribers", "subscribers (fan-out, shared)", std::uint64_t{options.subscribers});
  report.add("window", "window", std::uint64_t{options.window});
  report.add("rate_per_s", "rate (0 = closed loop)", options.rate);
  report.add("threads", "threads of this tool", std::uint64_t{options.threads});
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
