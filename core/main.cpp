#include <algorithm>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "broker/broker.h"
#include "broker/log_setup.h"
#include "config/config_command.h"
#include "ctl/ctl_program.h"
#include "plugin_host/crash_handler.h"
#include "plugin_tools/inspect.h"
#include "plugin_tools/new_plugin.h"
#include "plugin_tools/validate.h"

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

using patchbay::base::LogArea;
using patchbay::base::LogLevel;

/// The configuration, or, in `report`, everything that is wrong with it.
std::optional<LoadedConfig> read_configuration(const CommandLine& line, std::string& report) {
  // Whether somebody decides who may connect is known only from the plugins that the configuration names: where it
  // would be in order with an authenticator, they are looked at.
  auto loaded = patchbay::config::read_configuration(line, true, report);
  if (!loaded) return std::nullopt;
  if (!Broker::has_authenticator(loaded->config)) loaded = patchbay::config::read_configuration(line, false, report);
  if (!loaded) return std::nullopt;
  for (const std::string& problem : Broker::problems(loaded->config))
    report += problem + (problem.ends_with('\n') ? "" : "\n");
  if (!report.empty()) return std::nullopt;
  return loaded;
}

void log_lines(LogLevel level, std::string_view what, std::string_view lines) {
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    patchbay::base::log(LogArea::config, level, what, {{"line", lines.substr(0, end)}});
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

void reload(Broker& broker, patchbay::logging::AsyncLog& log, const CommandLine& line) {
  std::string report;
  const auto loaded = read_configuration(line, report);
  if (!loaded) {
    log_lines(LogLevel::error, "reload refused, the running configuration stays", report);
    return;
  }
  log.reopen();
  patchbay::broker::set_log_levels(loaded->config.log);
  for (const std::string& note : broker.reload(*loaded)) {
    patchbay::base::log(LogArea::config, LogLevel::warning, "reload", {{"note", note}});
  }
}

/// Runs until SIGTERM or SIGINT.
void serve(Broker& broker, patchbay::logging::AsyncLog& log, const CommandLine& line, const sigset_t& signals) {
  for (;;) {
    const uint64_t wait_ms = broker.housekeeping();
    const timespec timeout{static_cast<time_t>(wait_ms / 1000), static_cast<long>(wait_ms % 1000) * 1'000'000};
    const int signal = sigtimedwait(&signals, nullptr, &timeout);
    if (signal == SIGHUP) reload(broker, log, line);
    if (signal == SIGTERM || signal == SIGINT) return;
  }
}

int fail(const std::string& text) {
  std::fprintf(stderr, "%s%s", text.c_str(), text.ends_with('\n') ? "" : "\n");
  return 1;
}

int check_config(const CommandLine& line) {
  std::string report;
  if (!read_configuration(line, report)) return fail(report);
  std::printf("the configuration is valid\n");
  return 0;
}

/// The folder of everything that is kept: nobody else's business.
std::string make_data_dir(const std::string& path) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(path, error);
  if (error) return "node.data_dir: " + path + ": " + error.message();
  if (made) std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  return {};
}

int run(const CommandLine& line) {
  std::string report;
  const auto loaded = read_configuration(line, report);
  if (!loaded) return fail(report);
  const std::string data_dir_error = make_data_dir(loaded->config.node.data_dir);
  if (!data_dir_error.empty()) return fail(data_dir_error);
  // Blocked before any thread exists, so that all of them inherit it and only sigtimedwait takes these signals.
  const sigset_t signals = handled_signals();
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  const patchbay::base::SystemClock clock;
  patchbay::plugin_host::install_crash_handler(loaded->config.node.data_dir);
  const auto log = patchbay::broker::open_log(loaded->config.log, clock);
  if (!log) return fail(log.error());
  int exit_code = 0;
  {
    Broker broker(*loaded, PATCHBAY_VERSION);
    const auto started = broker.start();
    if (started) {
      std::string ready = "patchbay ready";
      for (const std::string& listener : *started) ready += " " + listener;
      std::printf("%s\n", ready.c_str());
      std::fflush(stdout);
      serve(broker, **log, line, signals);
      broker.stop();
    } else {
      exit_code = fail(started.error());
    }
  }
  patchbay::base::set_log_sink(nullptr);
  return exit_code;
}

/// `patchbay plugin ...`; nothing when the command is another one.
std::optional<int> run_plugin_command(const CommandLine& line) {
  namespace tools = patchbay::plugin_tools;
  const patchbay::config::PluginCommandLine& plugin = line.plugin;
  switch (line.command) {
    case CommandLine::Command::plugin_inspect:
      return tools::run_inspect({plugin.files.front(), plugin.json}, stdout, stderr);
    case CommandLine::Command::plugin_validate:
      return tools::run_validate({plugin.files, plugin.json, plugin.in_process, plugin.seed, plugin.runs});
    case CommandLine::Command::plugin_new:
      return tools::run_new({plugin.kind, plugin.name, plugin.language, plugin.dir});
    default:
      return std::nullopt;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const CommandLine line = patchbay::config::parse_command_line(argc, argv, PATCHBAY_VERSION);
  if (line.command == CommandLine::Command::start) return run(line);
  if (line.command == CommandLine::Command::check_config) return check_config(line);
  if (line.command == CommandLine::Command::ctl) return patchbay::ctl::ctl_program(line.ctl);
  if (const auto exit_code = run_plugin_command(line)) return *exit_code;
  const auto output = patchbay::config::run_command(line, patchbay::config::process_limits());
  std::fputs(output.standard_output.c_str(), stdout);
  std::fputs(output.standard_error.c_str(), stderr);
  return output.exit_code;
}
