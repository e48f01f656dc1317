#include "broker/node_commands.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/log.h"
#include "broker/flow_limits.h"
#include "config/config_command.h"
#include "config/config_keys.h"
#include "config/runtime_changes.h"
#include "package/durable_file.h"

namespace patchbay::broker {

namespace {

/// "tcp:default", taken apart and looked up.
struct NamedListener {
  config::ListenerType type = config::ListenerType::tcp;
  std::string name;
  const config::ListenerConfig* config = nullptr;  ///< null: there is none
};

std::optional<NamedListener> find_listener(const config::Config& config, std::string_view id) {
  const size_t colon = id.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  for (const config::ListenerType type : config::kListenerTypes) {
    if (config::listener_type_name(type) != id.substr(0, colon)) continue;
    NamedListener named{type, std::string(id.substr(colon + 1)), nullptr};
    const config::ListenerMap& map = config::listener_map(config.listeners, type);
    const auto found = map.find(named.name);
    if (found != map.end()) named.config = &found->second;
    return named;
  }
  return std::nullopt;
}

std::string id_of(config::ListenerType type, const std::string& name) {
  return std::string(config::listener_type_name(type)) + ':' + name;
}

std::optional<net::ListenerOptions> options_of(const config::Config& config, std::string_view id) {
  for (const net::ListenerOptions& options : listener_options(config)) {
    if (std::string(net::listener_type_name(options.type)) + ':' + options.name == id) return options;
  }
  return std::nullopt;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "; ") + line;
  return text;
}

template <class Enum>
std::optional<Enum> named(std::string_view name, size_t count, std::string_view (*name_of)(Enum)) {
  for (size_t value = 0; value < count; ++value) {
    if (name_of(static_cast<Enum>(value)) == name) return static_cast<Enum>(value);
  }
  return std::nullopt;
}

}  // namespace

NodeCommands::NodeCommands(LiveNode live, std::function<Problems(const config::Config&)> problems,
                           std::function<bool(const config::Config&)> has_authenticator)
    : live_(live), flow_problems_(std::move(problems)), has_authenticator_(std::move(has_authenticator)) {}

config::Config NodeCommands::configuration() const {
  const std::lock_guard lock(live_.mutex);
  return live_.config;
}

std::string NodeCommands::runtime_path() const {
  return live_.config.node.data_dir + '/' + config::kRuntimeFile;
}

NodeCommands::Problems NodeCommands::problems_of_start(const config::Config& after,
                                                       const config::ConfigSources& sources) const {
  std::vector<config::ConfigProblem> found;
  const config::LoadedConfig loaded = config::load_checked(sources, has_authenticator_(after), found);
  Problems problems;
  for (const config::ConfigProblem& problem : found) problems.push_back(config::to_text(problem));
  if (problems.empty()) problems = flow_problems_(loaded.config);
  return problems;
}

base::Result<std::string, NodeCommands::Problems> NodeCommands::checked(const config::Config& after) const {
  auto changes = config::RuntimeChanges::parse(live_.sources.runtime_text.value_or(""));
  if (!changes) return base::fail(Problems{runtime_path() + ": " + changes.error()});
  config::ConfigSources sources = live_.sources;
  sources.runtime_text.reset();
  std::vector<config::ConfigProblem> ignored;  // the running configuration came from the same texts
  const config::Config base = config::load_config(sources, ignored).config;
  Problems problems = changes->record(live_.config, after, base);
  if (!problems.empty()) return base::fail(std::move(problems));
  sources.runtime_name = std::string("the request (") + config::kRuntimeFile + ')';  // as problems name it
  sources.runtime_text = changes->text();
  problems = problems_of_start(after, sources);
  if (!problems.empty()) return base::fail(std::move(problems));
  std::vector<config::ConfigProblem> none;
  problems = config::overruled(after, config::load_config(sources, none), *changes);
  if (!problems.empty()) return base::fail(std::move(problems));
  return changes->text();
}

base::Result<bool, std::string> NodeCommands::keep(std::string text) {
  auto written = package::write_durably(runtime_path(), text);
  if (!written) return written;
  live_.sources.runtime_name = runtime_path();
  live_.sources.runtime_text = std::move(text);
  return true;
}

base::Result<admin::ConfigOutcome, std::vector<std::string>> NodeCommands::change_configuration(
    const std::function<void(config::Config&)>& change, std::string_view author) {
  const std::lock_guard lock(live_.mutex);
  config::Config after = live_.config;
  change(after);
  const auto text = checked(after);
  if (!text) return base::fail(text.error());
  if (const auto kept = keep(*text); !kept) return base::fail(Problems{kept.error()});
  Problems notes;
  admin::ConfigOutcome outcome;
  bool concerns_plugins = false;
  for (config::ConfigChange& made : apply_configuration(live_, after, author, notes)) {
    concerns_plugins = concerns_plugins || made.key.compare(0, 6, "plugin") == 0;
    auto& keys = made.reload == config::Reload::sighup ? outcome.applied : outcome.needs_restart;
    keys.push_back(std::move(made.key));
  }
  if (concerns_plugins) live_.plugins.reload(after);
  for (const std::string& note : notes)
    base::log(base::LogArea::config, base::LogLevel::warning, "configuration", {{"note", note}});
  return outcome;
}

std::vector<admin::ProtocolView> NodeCommands::protocols() const {
  std::vector<admin::ProtocolView> views;
  for (const plugin_protocols::ProtocolRecord& record : live_.plugins.protocols().list()) {
    views.push_back({record.id, record.name, record.plugin, record.open, record.created_unix_ms, record.started_unix_ms,
                     record.stopped_unix_ms});
  }
  return views;
}

std::vector<admin::ListenerView> NodeCommands::listeners() const {
  const std::vector<net::ListenerStatus> all = live_.listeners.status();
  const std::lock_guard lock(live_.mutex);
  std::vector<admin::ListenerView> views;
  for (const config::ListenerType type : config::kListenerTypes) {
    for (const auto& [name, listener] : config::listener_map(live_.config.listeners, type)) {
      if (listener.bind.empty()) continue;  // off: there only so that it can be given a bind
      admin::ListenerView view;
      view.id = id_of(type, name);
      view.type = type;
      view.name = name;
      view.config = listener;
      view.enabled = listener.enable;
      view.bound = listener.bind;
      for (const net::ListenerStatus& status : all) {
        if (status.id != view.id) continue;
        view.current_connections += status.connections;  // of an earlier run, too
        if (!status.running) continue;
        view.running = true;
        view.bound = status.bind;
      }
      views.push_back(std::move(view));
    }
  }
  return views;
}

base::Result<bool, std::string> NodeCommands::start_listener(std::string_view id) {
  const std::lock_guard lock(live_.mutex);
  const auto named = find_listener(live_.config, id);
  if (!named || named->config == nullptr) return base::fail(std::string(id) + ": no such listener");
  config::Config config = live_.config;
  config::listener_map(config.listeners, named->type)[named->name].enable = true;  // until the next restart
  const auto options = options_of(config, id);
  if (!options) return base::fail(std::string(id) + ": has no bind");
  const auto started = broker::start_listener(live_, *options);
  if (!started) return base::fail(started.error());
  return true;
}

base::Result<bool, std::string> NodeCommands::stop_listener(std::string_view id) {
  const std::lock_guard lock(live_.mutex);
  const auto named = find_listener(live_.config, id);
  if (!named || named->config == nullptr) return base::fail(std::string(id) + ": no such listener");
  if (!broker::stop_listener(live_, id, true)) return base::fail(std::string(id) + ": does not run");
  return true;
}

base::Result<bool, std::string> NodeCommands::rerun(std::string_view id, const config::Config& config) {
  const auto options = options_of(config, id);
  const bool ran = broker::stop_listener(live_, id, !options);  // clients stay, unless the listener goes off
  if (!options) return true;
  auto started = broker::start_listener(live_, *options);
  if (started) return true;
  const auto old_options = options_of(live_.config, id);
  if (ran && old_options) static_cast<void>(broker::start_listener(live_, *old_options));
  return base::fail(started.error());
}

base::Result<bool, std::vector<std::string>> NodeCommands::put_listener(const admin::ListenerView& listener) {
  const std::lock_guard lock(live_.mutex);
  config::Config after = live_.config;
  config::ListenerConfig& place = config::listener_map(after.listeners, listener.type)[listener.name];
  place = listener.config;
  place.enable = listener.enabled;
  const auto text = checked(after);
  if (!text) return base::fail(text.error());
  const auto runs = rerun(id_of(listener.type, listener.name), after);
  if (!runs) return base::fail(Problems{runs.error()});
  if (const auto kept = keep(*text); !kept) {
    static_cast<void>(rerun(id_of(listener.type, listener.name), live_.config));
    return base::fail(Problems{kept.error()});
  }
  live_.config = std::move(after);
  return true;
}

base::Result<bool, std::string> NodeCommands::remove_listener(std::string_view id) {
  const std::lock_guard lock(live_.mutex);
  const auto named = find_listener(live_.config, id);
  if (!named || named->config == nullptr) return base::fail(std::string(id) + ": no such listener");
  config::Config after = live_.config;
  config::listener_map(after.listeners, named->type).erase(named->name);
  const auto text = checked(after);
  if (!text) return base::fail(joined(text.error()));
  if (const auto kept = keep(*text); !kept) return kept;
  broker::stop_listener(live_, id, true);
  live_.config = std::move(after);
  return true;
}

base::Result<bool, std::string> NodeCommands::set_log_level(std::string_view area, std::string_view level) {
  const auto wanted = named<base::LogLevel>(level, static_cast<size_t>(base::LogLevel::off) + 1, base::log_level_name);
  if (!wanted) return base::fail("no such level: allowed are debug, info, warning, error, off");
  constexpr auto kAreas = static_cast<size_t>(base::LogArea::count_);
  if (area.empty()) {
    for (size_t i = 0; i < kAreas; ++i) base::set_log_level(static_cast<base::LogArea>(i), *wanted);
    return true;
  }
  const auto one = named<base::LogArea>(area, kAreas, base::log_area_name);
  if (!one) return base::fail("no such area of the log");
  base::set_log_level(*one, *wanted);
  return true;
}

}  // namespace patchbay::broker
