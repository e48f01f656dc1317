#include "config/command_line.h"

#include <catch2/catch.hpp>

using namespace patchbay::config;  // NOLINT: test

namespace {

using Command = CommandLine::Command;

CommandLine parse(std::vector<const char*> words) {
  words.insert(words.begin(), "patchbay");
  return parse_command_line(static_cast<int>(words.size()), words.data(), "1.2.3");
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("start takes a file, a folder and settings") {
  const CommandLine line = parse({"start", "--config", "a.toml", "--data", "d", "--set", "a.b=1", "--set", "c.d=x y"});
  CHECK(line.command == Command::start);
  CHECK(line.config_file == "a.toml");
  CHECK(line.data_dir == "d");
  CHECK(line.overrides == std::vector<std::string>{"a.b=1", "c.d=x y"});
}

TEST_CASE("start without options uses the defaults") {
  const CommandLine line = parse({"start"});
  CHECK(line.command == Command::start);
  CHECK(line.config_file.empty());
  CHECK_FALSE(line.data_dir.has_value());
  CHECK(line.overrides.empty());
}

TEST_CASE("--set takes its value as it is") {
  const CommandLine line = parse(
      {"start", "--set=a=[\"x\", \"y\"]", "--set", "b=[1]", "--set", "c=", "--set", "d=a,b", "--set", "e={x = 1}"});
  CHECK(line.command == Command::start);
  CHECK(line.overrides == std::vector<std::string>{"a=[\"x\", \"y\"]", "b=[1]", "c=", "d=a,b", "e={x = 1}"});
}

TEST_CASE("options may stand before the command") {
  const CommandLine line = parse({"--config", "a.toml", "--set", "a=1", "check-config", "--set", "b=2"});
  CHECK(line.command == Command::check_config);
  CHECK(line.config_file == "a.toml");
  CHECK(line.overrides == std::vector<std::string>{"a=1", "b=2"});
}

TEST_CASE("--version and --help print and succeed") {
  CHECK(parse({"--version"}).text == "patchbay 1.2.3\n");
  CHECK(parse({"--version"}).exit_code == 0);
  const CommandLine help = parse({"--help"});
  CHECK(help.exit_code == 0);
  CHECK(contains(help.text, "start"));
  CHECK(contains(help.text, "check-config"));
  CHECK(contains(help.text, "--print-limits"));
  CHECK_FALSE(contains(help.text, "config-reference"));
  CHECK(parse({"start", "--help"}).exit_code == 0);
}

TEST_CASE("--print-limits and config-reference are commands of their own") {
  CHECK(parse({"--print-limits"}).command == Command::print_limits);
  CHECK(parse({"--print-limits", "--set", "mqtt.max_inflight=1"}).overrides.size() == 1);
  CHECK(parse({"config-reference"}).command == Command::config_reference);
}

TEST_CASE("unknown commands are named, with what may have been meant") {
  const CommandLine unknown = parse({"bridge", "new", "x"});
  CHECK(unknown.command == Command::print_text);
  CHECK(unknown.exit_code == 1);
  CHECK(contains(unknown.text, "unknown command \"bridge\""));
  CHECK(contains(unknown.text, "start, check-config, plugin"));
  CHECK(contains(parse({"strat"}).text, "did you mean start?"));
}

TEST_CASE("what follows ctl is left to it, options and help included") {
  const CommandLine ctl = parse({"ctl", "clients", "list", "--json", "--help"});
  CHECK(ctl.command == Command::ctl);
  CHECK(ctl.ctl == std::vector<std::string>{"clients", "list", "--json", "--help"});
  CHECK(parse({"ctl"}).command == Command::ctl);
}

TEST_CASE("every other mistake ends with exit code 1 and a hint") {
  for (const std::vector<const char*>& words :
       std::vector<std::vector<const char*>>{{},
                                             {"start", "--bogus"},
                                             {"start", "extra"},
                                             {"start", "--config"},
                                             {"start", "--set"},
                                             {"--bogus"},
                                             {"start", "check-config"},
                                             {""},
                                             {"start", "--config", "a", "--config", "b"}}) {
    const CommandLine line = parse(words);
    INFO((words.empty() ? "" : words.back()));
    CHECK(line.command == Command::print_text);
    CHECK(line.exit_code == 1);
    CHECK(contains(line.text, "patchbay: "));
    CHECK(contains(line.text, "--help"));
  }
}

TEST_CASE("control characters of a wrong argument are escaped") {
  CHECK(contains(parse({"x\x1b[31m"}).text, "\\u001B"));
}

TEST_CASE("plugin inspect takes one file") {
  const CommandLine line = parse({"plugin", "inspect", "a.so", "--json"});
  CHECK(line.command == Command::plugin_inspect);
  CHECK(line.plugin.files == std::vector<std::string>{"a.so"});
  CHECK(line.plugin.json);
  CHECK_FALSE(parse({"plugin", "inspect", "a.so"}).plugin.json);
  CHECK(parse({"plugin", "inspect"}).exit_code == 1);
  CHECK(contains(parse({"plugin", "inspect"}).text, "FILE is required"));
  CHECK(parse({"plugin", "inspect", "a.so", "b.so"}).exit_code == 1);
  CHECK(contains(parse({"plugin", "inspect", "a.so", "--jason"}).text, "unexpected argument \"--jason\""));
}

TEST_CASE("plugin validate takes files, a seed and rounds") {
  const CommandLine line =
      parse({"plugin", "validate", "a.so", "b.so", "--seed", "42", "--runs", "100", "--in-process", "--json"});
  CHECK(line.command == Command::plugin_validate);
  CHECK(line.plugin.files == std::vector<std::string>{"a.so", "b.so"});
  CHECK(line.plugin.seed == 42u);
  CHECK(line.plugin.runs == 100);
  CHECK(line.plugin.in_process);
  CHECK(line.plugin.json);
  const CommandLine plain = parse({"plugin", "validate", "a.so"});
  CHECK_FALSE(plain.plugin.seed.has_value());
  CHECK(plain.plugin.runs == 0);
  CHECK_FALSE(plain.plugin.in_process);
  CHECK(parse({"plugin", "validate", "a.so", "--seed", "x"}).exit_code == 1);
  CHECK(parse({"plugin", "validate", "a.so", "--runs", "-1"}).exit_code == 1);
  CHECK(parse({"plugin", "validate"}).exit_code == 1);
}

TEST_CASE("plugin new takes a kind and a name") {
  const CommandLine line = parse({"plugin", "new", "auth", "my-auth", "--lang", "rust", "--dir", "/tmp"});
  CHECK(line.command == Command::plugin_new);
  CHECK(line.plugin.kind == "auth");
  CHECK(line.plugin.name == "my-auth");
  CHECK(line.plugin.language == "rust");
  CHECK(line.plugin.dir == "/tmp");
  CHECK(parse({"plugin", "new", "auth", "x"}).plugin.language == "cpp");
  CHECK(contains(parse({"plugin", "new", "auth"}).text, "NAME is required"));
  CHECK(parse({"plugin", "new", "auth", "x", "--lang", "cobol"}).exit_code == 1);
}

TEST_CASE("plugin without a command, or with one that there isn't") {
  CHECK(parse({"plugin"}).text ==
        "patchbay: plugin: found no command, expected one of inspect, validate, new\n"
        "Run patchbay --help.\n");
  CHECK(contains(parse({"plugin", "inspekt", "a.so"}).text, "plugin: found \"inspekt\", expected one of inspect"));
  CHECK(contains(parse({"plugins"}).text, "did you mean plugin?"));
  CHECK(contains(parse({"plugin", "validate", "--help"}).text, "--in-process"));
  CHECK(contains(parse({"plugin", "--help"}).text, "inspect"));
}
