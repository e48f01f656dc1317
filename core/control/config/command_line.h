#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::config {

/// Arguments of `patchbay plugin ...`; which of them count depends on the command.
struct PluginCommandLine {
  std::vector<std::string> files;  ///< inspect: one; validate: one or more
  bool json = false;               ///< inspect, validate
  std::optional<uint64_t> seed;    ///< validate
  uint32_t runs = 0;               ///< validate; 0: the validator's default
  bool in_process = false;         ///< validate
  std::string kind;                ///< new
  std::string name;                ///< new
  std::string language = "cpp";    ///< new
  std::string dir;                 ///< new; "": the current folder
};

/// What the user asked for.
struct CommandLine {
  enum class Command : uint8_t {
    start,
    check_config,
    config_reference,
    print_limits,
    print_text,
    plugin_inspect,
    plugin_validate,
    plugin_new,
    ctl,
  };

  Command command = Command::print_text;
  std::string config_file;  ///< "": none, the defaults hold
  std::optional<std::string> data_dir;
  std::vector<std::string> overrides;  ///< "key=value" of each --set, in order
  std::string text;                    ///< of print_text: help, version, or what is wrong with the command line
  int exit_code = 0;                   ///< of print_text: 0 for standard output, 1 for standard error
  PluginCommandLine plugin;            ///< of the plugin commands
  std::vector<std::string> ctl;        ///< what follows `patchbay ctl`, for control/ctl
};

/// Parses `patchbay <command> [options]`. Never exits, never prints.
[[nodiscard]] CommandLine parse_command_line(int argc, const char* const* argv, const std::string& version);

}  // namespace patchbay::config
