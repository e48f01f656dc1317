#include "ctl/ctl_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

namespace patchbay::ctl {

namespace {

std::string upper(std::string_view name) {
  std::string text(name);
  for (char& letter : text)
    letter = static_cast<char>(letter == '_' ? '-' : std::toupper(static_cast<unsigned char>(letter)));
  return text;
}

void add_general_options(CLI::App& app, CtlLine& line) {
  app.add_flag("--json", line.json, "The answer as the API gives it, for scripts");
  app.add_option("--data", line.data_dir, "The broker's data directory: says where the API is, and has a token")
      ->type_name("DIR");
  app.add_option("--url", line.url, "Where the API is: http://127.0.0.1:18083")->type_name("URL");
  app.add_option("--token-file", line.token_file, "File with the address and, in its last line, a bearer token")
      ->type_name("FILE");
  app.add_option("--api-key-file", line.api_key, "File with KEY:SECRET, instead of a token")->type_name("FILE");
  app.add_option("--cacert", line.ca_file, "Who has signed the API's certificate")->type_name("FILE");
}

/// Arguments that must be there are told by their place, the others by options; secrets never by either.
void add_arguments(CLI::App& app, const CtlCommand& command, CtlLine& line) {
  for (const CtlArgument& argument : command.arguments) {
    const bool fixed = argument.help.empty() && argument.place != Place::query;
    if (argument.place == Place::secret || fixed) continue;
    const auto take = [&line, &argument](const std::string& value) { line.values[std::string(argument.name)] = value; };
    CLI::Option* option = app.add_option_function<std::string>(option_name(argument), take, std::string(argument.help));
    option->type_name("");
    if (argument.required) option->required();
  }
}

CtlLine said(std::string text, int exit_code) {
  CtlLine line;
  line.text = std::move(text);
  line.exit_code = exit_code;
  return line;
}

CLI::App* group_of(CLI::App& app, std::string_view name) {
  for (CLI::App* group : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (group->get_name() == name) return group;
  }
  return app.add_subcommand(std::string(name));
}

std::string group_help(std::string_view group) {
  std::string names;
  for (const CtlCommand& command : ctl_commands()) {
    if (command.group != group) continue;
    if (!names.empty()) names += ", ";
    names += command.name.empty() ? command.help : command.name;
  }
  return names;
}

}  // namespace

std::string option_name(const CtlArgument& argument) {
  if (argument.required) return upper(argument.name);
  std::string name(argument.option.empty() ? argument.name : argument.option);
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name;
}

CtlLine parse_ctl_line(const std::vector<std::string>& arguments) {
  CtlLine line;
  CLI::App app("Talk to a running broker", "patchbay ctl");
  app.require_subcommand(1);
  app.fallthrough();
  add_general_options(app, line);
  for (const CtlCommand& command : ctl_commands()) {
    CLI::App* place = group_of(app, command.group);
    place->description(group_help(command.group));
    if (!command.name.empty()) {
      place->require_subcommand(1);
      place = place->add_subcommand(std::string(command.name), std::string(command.help));
    } else {
      place->description(std::string(command.help));
    }
    place->fallthrough();
    add_arguments(*place, command, line);
    place->callback([&line, &command] { line.command = &command; });
  }
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    return said(app.help("", CLI::AppFormatMode::Normal), 0);
  } catch (const CLI::ParseError& error) {
    return said("patchbay ctl: " + std::string(error.what()) + "\nRun patchbay ctl --help.\n", 1);
  }
  return line;
}

}  // namespace patchbay::ctl
