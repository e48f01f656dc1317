#include "config/command_line.h"

#include <CLI/CLI.hpp>

#include "config/did_you_mean.h"
#include "config/toml_string.h"

namespace patchbay::config {

namespace {

using Command = CommandLine::Command;

struct CommandName {
  const char* name;
  const char* help;
  Command command;
  bool shown;
};

constexpr CommandName kCommands[] = {
    {"start", "Run the broker in the foreground; SIGTERM stops it in order, SIGHUP reloads", Command::start, true},
    {"check-config", "Check the configuration and list all problems; exit code 0 or 1", Command::check_config, true},
    {"config-reference", "Print the reference page of all keys", Command::config_reference, false},
};

/// The commands about plugin files: `patchbay plugin <name>`.
struct PluginCommandName {
  const char* name;
  const char* help;
  Command command;
};

constexpr const char* kPluginCommand = "plugin";
constexpr const char* kCtlCommand = "ctl";
constexpr PluginCommandName kPluginCommands[] = {
    {"inspect", "Show what a plugin file says about itself, and what speaks against loading it; runs none of it",
     Command::plugin_inspect},
    {"validate", "Test plugin files against the contract, each test in a process of its own", Command::plugin_validate},
    {"new", "Write a folder with a plugin to start from", Command::plugin_new},
};

void add_plugin_options(CLI::App& command, Command which, PluginCommandLine& line) {
  if (which == Command::plugin_new) {
    command.add_option("KIND", line.kind, "hook, auth, acl, sink, store, protocol, service or ui")->required();
    command.add_option("NAME", line.name, "Letters, digits and '-'")->required();
    command.add_option("--lang", line.language, "Language of the source")->check(CLI::IsMember({"cpp", "c", "rust"}));
    command.add_option("--dir", line.dir, "Where the plugin's folder is made; default: here")->type_name("DIR");
    return;
  }
  auto* files = command.add_option("FILE", line.files, "Plugin file (.so)")->required();
  if (which == Command::plugin_inspect) files->expected(1);
  command.add_flag("--json", line.json, "Answer in JSON, for tools");
  if (which == Command::plugin_inspect) return;
  command.add_option("--seed", line.seed, "Seed of the fuzzing, to repeat a run")->type_name("N");
  command.add_option("--runs", line.runs, "Rounds of fuzzing")->type_name("N")->check(CLI::PositiveNumber);
  command.add_flag("--in-process", line.in_process, "All tests in this process: for debuggers");
}

void add_plugin_commands(CLI::App& app, PluginCommandLine& line) {
  CLI::App* const plugin = app.add_subcommand(kPluginCommand, "Work with plugin files: inspect, validate, new");
  plugin->require_subcommand(0, 1);
  for (const PluginCommandName& row : kPluginCommands) {
    add_plugin_options(*plugin->add_subcommand(row.name, row.help), row.command, line);
  }
}

/// `patchbay ctl` has commands and options of its own, and its own help: all that follows is left to it.
void add_ctl_command(CLI::App& app) {
  CLI::App* const ctl = app.add_subcommand(kCtlCommand, "Talk to a running broker: clients, plugins, listeners, ...");
  ctl->set_help_flag();
  ctl->prefix_command();
}

void add_options(CLI::App& app, CommandLine& line) {
  app.add_option("--config", line.config_file, "Configuration file (TOML); none: the defaults hold")->type_name("FILE");
  app.add_option("--data", line.data_dir, "Folder of everything that is kept (node.data_dir)")->type_name("DIR");
  // One value for each --set, taken as it is: CLI11 would take a value in brackets apart.
  app.add_option("--set", line.overrides, "Set one key; may be repeated")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

CommandLine print(std::string text, int exit_code) {
  CommandLine line;
  line.text = std::move(text);
  line.exit_code = exit_code;
  return line;
}

CommandLine wrong(const std::string& what) {
  return print("patchbay: " + what + "\nRun patchbay --help.\n", 1);
}

CommandLine unknown_command(const std::string& word) {
  std::vector<std::string> names;
  std::string known;
  for (const CommandName& command : kCommands) {
    names.emplace_back(command.name);
    if (!command.shown) continue;
    known += command.name;
    known += ", ";
  }
  for (const char* group : {kPluginCommand, kCtlCommand}) names.emplace_back(group);
  known += std::string(kPluginCommand) + ", " + kCtlCommand;
  const std::optional<std::string> nearest = did_you_mean(word, names);
  const std::string hint = nearest ? "; did you mean " + *nearest + "?" : ".";
  return wrong("unknown command " + toml_string(word) + hint + " Commands: " + known + ".");
}

/// The innermost command that the user named, or the program itself.
const CLI::App& innermost(const CLI::App& app) {
  const CLI::App* named = &app;
  while (!named->get_subcommands().empty()) named = named->get_subcommands().front();
  return *named;
}

/// `plugin` with a command that there is, or what is wrong with it. `rest`: what the parser could not place.
CommandLine finish_plugin(const CLI::App& plugin, CommandLine line, const std::vector<std::string>& rest) {
  const bool has_command = !plugin.get_subcommands().empty();
  if (!has_command) {
    const std::string found = rest.empty() ? "no command" : toml_string(rest.front());
    return wrong("plugin: found " + found + ", expected one of inspect, validate, new");
  }
  if (!rest.empty()) return wrong("unexpected argument " + toml_string(rest.front()));
  for (const PluginCommandName& row : kPluginCommands) {
    if (plugin.get_subcommands().front()->get_name() == row.name) line.command = row.command;
  }
  return line;
}

CommandLine finish(const CLI::App& app, CommandLine line, bool print_limits) {
  const std::vector<std::string> rest = app.remaining(true);
  const CLI::App* chosen = app.get_subcommands().empty() ? nullptr : app.get_subcommands().front();
  if (chosen != nullptr && chosen->get_name() == kCtlCommand) {
    line.command = Command::ctl;
    line.ctl = chosen->remaining();
    return line;
  }
  if (chosen != nullptr && chosen->get_name() == kPluginCommand) return finish_plugin(*chosen, std::move(line), rest);
  if (!rest.empty()) {
    const bool is_word = rest.front().empty() || rest.front().front() != '-';
    if (chosen == nullptr && is_word) return unknown_command(rest.front());
    return wrong("unexpected argument " + toml_string(rest.front()));
  }
  if (print_limits) {
    line.command = Command::print_limits;
    return line;
  }
  if (chosen == nullptr) return wrong("no command given");
  for (const CommandName& command : kCommands) {
    if (chosen->get_name() == command.name) line.command = command.command;
  }
  return line;
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv, const std::string& version) {
  CLI::App app("Patchbay: an MQTT broker that hosts plugins", "patchbay");
  CommandLine line;
  bool print_limits = false;
  add_options(app, line);
  app.set_version_flag("--version", "patchbay " + version);
  app.add_flag("--print-limits", print_limits, "Print every limit in effect and exit");
  app.allow_extras();
  app.require_subcommand(0, 1);
  for (const CommandName& command : kCommands) {
    CLI::App* subcommand = app.add_subcommand(command.name, command.help);
    subcommand->fallthrough();
    if (!command.shown) subcommand->group("");
  }
  add_plugin_commands(app, line.plugin);
  add_ctl_command(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return print(innermost(app).help(), 0);
  } catch (const CLI::CallForVersion& version_text) {
    return print(std::string(version_text.what()) + '\n', 0);
  } catch (const CLI::ParseError& error) {
    return wrong(error.what());
  }
  return finish(app, std::move(line), print_limits);
}

}  // namespace patchbay::config
