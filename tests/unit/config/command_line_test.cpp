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
  const CommandLine plugin = parse({"plugin", "new", "x"});
  CHECK(plugin.command == Command::print_text);
  CHECK(plugin.exit_code == 1);
  CHECK(contains(plugin.text, "unknown command \"plugin\""));
  CHECK(contains(plugin.text, "start, check-config"));
  CHECK(contains(parse({"strat"}).text, "did you mean start?"));
  CHECK(parse({"ctl", "status"}).exit_code == 1);
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
