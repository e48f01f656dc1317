#include "config/config_command.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include "config/config_check.h"

extern char** environ;  // NOLINT: POSIX's name

namespace patchbay::config {

namespace {

using Command = CommandLine::Command;

std::optional<std::string> text_of(const std::string& path, std::vector<ConfigProblem>& problems) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  // A folder opens like a file; only reading it fails.
  if (file && (file.peek(), !file.bad())) {
    if (!file.eof()) text << file.rdbuf();
    if (!file.bad() && !text.fail()) return text.str();
  }
  const std::string reason = errno != 0 ? std::strerror(errno) : "unreadable";
  problems.push_back({"", path, "cannot be read: " + reason, "a file that this process can read"});
  return std::nullopt;
}

void read_file(const std::string& path, ConfigSources& sources, std::vector<ConfigProblem>& problems) {
  sources.file_name = path;
  sources.file_text = text_of(path, problems);
}

void read_runtime_file(const std::string& path, ConfigSources& sources, std::vector<ConfigProblem>& problems) {
  sources.runtime_name = path;
  sources.runtime_text = text_of(path, problems);
}

void read_environment(ConfigSources& sources) {
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string variable = *entry;
    const size_t equals = variable.find('=');
    if (equals == std::string::npos) continue;
    sources.environment.emplace_back(variable.substr(0, equals), variable.substr(equals + 1));
  }
}

bool can_read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return file && (file.peek(), !file.bad());
}

CommandOutput failed(std::string report) {
  return {{}, std::move(report), 1};
}

}  // namespace

LoadedConfig load_checked(const ConfigSources& sources, bool has_authenticator, std::vector<ConfigProblem>& problems) {
  LoadedConfig loaded = load_config(sources, problems);
  check_config(loaded, CheckContext{has_authenticator, can_read}, problems);
  return loaded;
}

ConfigSources read_sources(const CommandLine& line, std::vector<ConfigProblem>& problems) {
  ConfigSources sources;
  if (!line.config_file.empty()) read_file(line.config_file, sources, problems);
  read_environment(sources);
  sources.overrides = line.overrides;
  sources.data_dir = line.data_dir;
  std::vector<ConfigProblem> found_again;
  const std::string path = load_config(sources, found_again).config.node.data_dir + '/' + kRuntimeFile;
  if (access(path.c_str(), F_OK) == 0) read_runtime_file(path, sources, problems);
  return sources;
}

std::optional<LoadedConfig> read_configuration(const CommandLine& line, bool has_authenticator, std::string& report) {
  std::vector<ConfigProblem> problems;
  const ConfigSources sources = read_sources(line, problems);
  LoadedConfig loaded = load_checked(sources, has_authenticator, problems);
  if (problems.empty()) return loaded;
  report = to_text(problems);
  return std::nullopt;
}

CommandOutput run_command(const CommandLine& line, const ProcessLimits& process) {
  if (line.command == Command::config_reference) return {reference_markdown(), {}, 0};
  if (line.command == Command::print_text) {
    return line.exit_code == 0 ? CommandOutput{line.text, {}, 0} : failed(line.text);
  }
  std::string report;
  const std::optional<LoadedConfig> loaded = read_configuration(line, false, report);
  if (!loaded) return failed(std::move(report));
  if (line.command == Command::print_limits) return {limits_text(loaded->config, process), {}, 0};
  return {"the configuration is valid\n", {}, 0};
}

ProcessLimits process_limits() {
  ProcessLimits limits;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) limits.open_files = files.rlim_cur;
  limits.cores = std::thread::hardware_concurrency();
  return limits;
}

}  // namespace patchbay::config
