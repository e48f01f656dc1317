#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/command_line.h"
#include "config/config_loader.h"
#include "config/config_reference.h"

namespace patchbay::config {

/// Output of a command that does not run the broker.
struct CommandOutput {
  std::string standard_output;
  std::string standard_error;
  int exit_code = 0;
};

/// Loads and checks as a start would. What is wrong is added to `problems`. [control]
[[nodiscard]] LoadedConfig load_checked(const ConfigSources& sources, bool has_authenticator,
                                        std::vector<ConfigProblem>& problems);

/// The texts that the command line names: the file, the environment, what was changed at run time and lies in the data
/// directory that these name. [control]
[[nodiscard]] ConfigSources read_sources(const CommandLine& line, std::vector<ConfigProblem>& problems);

/// Reads the file and the environment that the command line names, loads and checks everything. Nothing on any problem:
/// `report` then lists all of them. Used at the start, by check-config and at SIGHUP. [control]
[[nodiscard]] std::optional<LoadedConfig> read_configuration(const CommandLine& line, bool has_authenticator,
                                                             std::string& report);

/// Carries out every command but start. [control]
[[nodiscard]] CommandOutput run_command(const CommandLine& line, const ProcessLimits& process);

/// The descriptor limit and the number of cores of this process. [control]
[[nodiscard]] ProcessLimits process_limits();

}  // namespace patchbay::config
