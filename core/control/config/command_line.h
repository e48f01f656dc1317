#pragma once

#include <optional>
#include <string>
#include <vector>

namespace patchbay::config {

/// What the user asked for.
struct CommandLine {
  enum class Command : uint8_t { start, check_config, config_reference, print_limits, print_text };

  Command command = Command::print_text;
  std::string config_file;  ///< "": none, the defaults hold
  std::optional<std::string> data_dir;
  std::vector<std::string> overrides;  ///< "key=value" of each --set, in order
  std::string text;                    ///< of print_text: help, version, or what is wrong with the command line
  int exit_code = 0;                   ///< of print_text: 0 for standard output, 1 for standard error
};

/// Parses `patchbay <command> [options]`. Never exits, never prints.
[[nodiscard]] CommandLine parse_command_line(int argc, const char* const* argv, const std::string& version);

}  // namespace patchbay::config
