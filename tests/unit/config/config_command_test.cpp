#include "config/config_command.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace patchbay::config;  // NOLINT: test

namespace {

using Command = CommandLine::Command;

// A folder of this test's own, removed at the end.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("patchbay_config_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string path() const { return path_; }
  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

CommandOutput run(Command command, const std::string& config_file = {}, std::vector<std::string> overrides = {}) {
  CommandLine line;
  line.command = command;
  line.config_file = config_file;
  line.overrides = std::move(overrides);
  return run_command(line, ProcessLimits{20000, 2});
}

}  // namespace

TEST_CASE("check-config accepts a valid file and the defaults") {
  const Folder folder;
  const CommandOutput output = run(Command::check_config, folder.write("a.toml", "mqtt.max_inflight = 5\n"));
  CHECK(output.exit_code == 0);
  CHECK(output.standard_output == "the configuration is valid\n");
  CHECK(output.standard_error.empty());
  CHECK(run(Command::check_config).exit_code == 0);
  CHECK(run(Command::check_config, folder.write("empty.toml", "")).exit_code == 0);
}

TEST_CASE("check-config lists all problems on standard error and fails") {
  const Folder folder;
  const std::string file = folder.write("a.toml", "mqtt.max_inflight = 0\n\n[node]\nshard = 1\n");
  const CommandOutput output = run(Command::check_config, file, {"listeners.tcp.default.bind=0.0.0.0:1883"});
  CHECK(output.exit_code == 1);
  CHECK(output.standard_output.empty());
  CHECK(output.standard_error.find(file + ":1: mqtt.max_inflight: found 0") != std::string::npos);
  CHECK(output.standard_error.find(file + ":4: node.shard: unknown key; did you mean node.shards?") !=
        std::string::npos);
  CHECK(output.standard_error.find("--set: listeners.tcp.default.bind: ") != std::string::npos);
  CHECK(output.standard_error.find("3 problems in the configuration\n") != std::string::npos);
}

TEST_CASE("files that are not there, and folders, are refused") {
  const Folder folder;
  CHECK(run(Command::check_config, folder.path() + "/none.toml").standard_error.find("No such file") !=
        std::string::npos);
  CHECK(run(Command::check_config, folder.path()).exit_code == 1);
  CHECK(run(Command::check_config, folder.path()).standard_error.find("cannot be read") != std::string::npos);
}

TEST_CASE("certificate files are looked for") {
  const Folder folder;
  const std::string pem = folder.write("c.pem", "x");
  const std::string set = "listeners.ssl.default.ssl.";
  CHECK(run(Command::check_config, {}, {set + "certfile=" + pem, set + "keyfile=" + pem}).exit_code == 0);
  CHECK(run(Command::check_config, {}, {set + "certfile=" + pem, set + "keyfile=" + pem + "x"}).exit_code == 1);
}

TEST_CASE("the environment of the process is read") {
  REQUIRE(setenv("PATCHBAY_MQTT__MAX_INFLIGHT", "7", 1) == 0);
  std::string report;
  const auto loaded = read_configuration(CommandLine{}, false, report);
  unsetenv("PATCHBAY_MQTT__MAX_INFLIGHT");
  REQUIRE(loaded.has_value());
  CHECK(loaded->config.mqtt.max_inflight == 7);
}

TEST_CASE("--print-limits prints what is in effect") {
  const CommandOutput output = run(Command::print_limits, {}, {"mqtt.max_inflight=9"});
  CHECK(output.exit_code == 0);
  CHECK(output.standard_output.find("mqtt.max_inflight = 9\n") != std::string::npos);
  CHECK(output.standard_output.find("mqtt.max_packet_size = \"1MiB\"\n") != std::string::npos);
  CHECK(output.standard_output.find("node.max_connections = 17936\n") != std::string::npos);
  CHECK(output.standard_output.find("node.shards = 2\n") != std::string::npos);
  CHECK(output.standard_output.find("listeners.tcp.default.backlog = 1024\n") != std::string::npos);
  CHECK(output.standard_output.find("listeners.ssl") == std::string::npos);
  CHECK(run(Command::print_limits, {}, {"mqtt.max_inflight=0"}).exit_code == 1);
}

TEST_CASE("help and mistakes of the command line are passed on") {
  CommandLine line;
  line.text = "text\n";
  CHECK(run_command(line, {}).standard_output == "text\n");
  line.exit_code = 1;
  CHECK(run_command(line, {}).standard_error == "text\n");
  CHECK(run_command(line, {}).exit_code == 1);
}

TEST_CASE("limits of this process are known") {
  CHECK(process_limits().open_files > 0);
}
