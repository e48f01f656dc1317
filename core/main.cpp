#include <csignal>
#include <cstdio>
#include <ctime>
#include <string>

#include "broker/broker.h"
#include "config/config_command.h"

namespace {

using patchbay::broker::Broker;
using patchbay::config::CommandLine;
using patchbay::config::LoadedConfig;

sigset_t handled_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

void reload(Broker& broker, const CommandLine& line) {
  std::string report;
  const auto loaded = patchbay::config::read_configuration(line, false, report);
  if (!loaded) {
    std::fprintf(stderr, "reload refused, the running configuration stays:\n%s", report.c_str());
    return;
  }
  for (const std::string& note : broker.reload(loaded->config)) std::fprintf(stderr, "reload: %s\n", note.c_str());
}

int run(const CommandLine& line) {
  std::string report;
  const auto loaded = patchbay::config::read_configuration(line, false, report);
  if (!loaded) {
    std::fputs(report.c_str(), stderr);
    return 1;
  }
  // Blocked before any thread exists, so that all of them inherit it and only sigtimedwait below takes these signals.
  const sigset_t signals = handled_signals();
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  Broker broker(loaded->config, PATCHBAY_VERSION);
  const auto started = broker.start();
  if (!started) {
    std::fprintf(stderr, "%s\n", started.error().c_str());
    return 1;
  }
  std::string ready = "patchbay ready";
  for (const std::string& listener : *started) ready += " " + listener;
  std::printf("%s\n", ready.c_str());
  std::fflush(stdout);
  for (;;) {
    const uint64_t wait_ms = broker.housekeeping();
    const timespec timeout{static_cast<time_t>(wait_ms / 1000), static_cast<long>(wait_ms % 1000) * 1'000'000};
    const int signal = sigtimedwait(&signals, nullptr, &timeout);
    if (signal == SIGHUP) reload(broker, line);
    if (signal == SIGTERM || signal == SIGINT) break;
  }
  broker.stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const CommandLine line = patchbay::config::parse_command_line(argc, argv, PATCHBAY_VERSION);
  if (line.command == CommandLine::Command::start) return run(line);
  const auto output = patchbay::config::run_command(line, patchbay::config::process_limits());
  std::fputs(output.standard_output.c_str(), stdout);
  std::fputs(output.standard_error.c_str(), stderr);
  return output.exit_code;
}
