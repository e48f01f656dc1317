#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

#include "base/log.h"
#include "package/service_order.h"
#include "plugin_host/host_core.h"
#include "plugin_host/plugin_path.h"

namespace patchbay::plugin_host {

namespace {

constexpr uint64_t kStopDrainMs = 5'000;  // of each instance when the node stops
constexpr uint64_t kStopPollMs = 5;

}  // namespace

std::filesystem::path HostCore::file_of(const InstanceRecord& record) const {
  return plugin_file(plugins_, record.config, record.name, installed_dir_);
}

package::TrustPolicy HostCore::trust() const {
  package::TrustPolicy policy;
  policy.allowed_dirs.emplace_back(plugins_.dir);
  for (const std::string& folder : plugins_.dirs) policy.allowed_dirs.emplace_back(folder);
  std::error_code error;
  if (std::filesystem::exists(installed_dir_, error)) policy.allowed_dirs.push_back(installed_dir_);
  policy.file_bytes_max = plugins_.max_file_size_bytes;
  return policy;
}

BringUpRequest HostCore::request_for(InstanceRecord& record, const std::filesystem::path& file,
                                     const std::string& settings) {
  BringUpRequest request;
  request.instance = record.name;
  request.config = record.config;
  request.trust = trust();
  request.file = file;
  request.loaded_dir = loaded_dir_;
  request.settings = settings;
  request.config_version = record.config_version;
  request.number = next_number_++;
  request.generation = next_generation_++;
  request.allow = [this, &record](const package::Manifest& manifest) { return allow(record, manifest); };
  return request;
}

// What only those who know the other instances can say.
std::string HostCore::allow(const InstanceRecord& record, const package::Manifest& manifest) const {
  std::vector<std::string> provided;
  for (const auto& [name, other] : records_) {
    if (&other == &record || other.current == nullptr) continue;
    if (other.plugin_id == manifest.id && manifest.instances == package::Manifest::Instances::one)
      return manifest.id + " allows one instance, and '" + name + "' is one";
    provided.insert(provided.end(), other.provides.begin(), other.provides.end());
  }
  for (const std::string& need : manifest.needs) {
    if (package::is_host_interface(need)) continue;
    if (std::find(provided.begin(), provided.end(), need) != provided.end()) continue;
    return "it needs " + need + ", which no running plugin provides";
  }
  return {};
}

std::variant<BroughtUp, BringUpFailure> HostCore::bring_up_now(const BringUpRequest& request) {
  return bring_up(bring_up_tools(), request);
}

Outcome HostCore::start_now(InstanceRecord& record) {
  if (record.current != nullptr) return Outcome::refused("'" + record.name + "' runs already");
  const std::filesystem::path file = file_of(record);
  bool from_file = false;
  const std::string settings = choose_settings(record, from_file);
  BringUpRequest request = request_for(record, file, settings);
  request.reached = [this, &record](PluginState state) {
    if (state != PluginState::started) set_state(record, state, "");
  };
  auto result = bring_up_now(request);
  if (auto* failure = std::get_if<BringUpFailure>(&result)) {
    fail(record, failure->sentence);
    abandon(*failure, record.name);
    return Outcome::refused(failure->sentence);
  }
  auto& up = std::get<BroughtUp>(result);
  const uint32_t settings_of = record.config_version;
  const Outcome outcome = put_in_service(record, std::move(up), file);
  if (outcome.ok && (from_file || settings_of < record.current->manifest().config_version))
    keep_stored(record, from_file ? "file" : "migration");
  return outcome;
}

// What the services are told when an instance's hooks are published.
std::function<void()> HostCore::opening(const InstanceRecord& record, const BroughtUp& up) const {
  return [&services = environment_.services, plugin = up.plugin, shown = up.settings.shown,
          version = record.settings_version] {
    services.set_settings(*plugin->instance(), shown, version);
    services.opened(*plugin->instance());
  };
}

Outcome HostCore::put_in_service(InstanceRecord& record, BroughtUp up, const std::filesystem::path& file) {
  auto next = plan(&record, up.plugin.get());
  if (!next) {
    fail(record, next.error());
    retire(record.name, std::move(up.plugin), true, 0, "its place in the order cannot be found", false, {});
    return Outcome::refused(next.error());
  }
  {
    const std::lock_guard lock(mutex_);
    record.take_facts(up.plugin->package());
    record.file = file;
    record.settings_shown = up.settings.shown;
    record.settings_stored = up.settings.stored;
    record.current = up.plugin;
    record.breakers.clear();
    record.forced_open.clear();
    record.health = {};
    record.failures.forget();
    record.next_health_ms = now_ms();
  }
  up.plugin->instance()->gate().move_to(plugin_bridge::GateState::open);
  publish(std::move(*next), opening(record, up));
  set_state(record, PluginState::started, "version " + record.version);
  environment_.alarms.clear(alarm_name(record.name));
  return Outcome::done("version " + record.version + " runs");
}

package::ServiceOrder HostCore::start_order(const std::vector<std::string>& names) {
  std::vector<package::ServiceUser> users;
  for (const auto& [name, record] : records_) {
    if (record.current != nullptr) users.push_back({name, {}, {}, record.provides});
  }
  for (const std::string& name : names) {
    InstanceRecord& record = record_of(name);
    const auto report =
        package::inspect_package(file_of(record), host_offer(environment_.bridge.interfaces(), record.config));
    package::ServiceUser user{name, {}, {}, {}};
    if (report && report->manifest) {
      user = {name, report->manifest->needs, report->manifest->wants, report->manifest->provides};
      const std::lock_guard lock(mutex_);
      record.sha256 = report->sha256;
      record.take_hooks(*report->manifest);
    }
    users.push_back(std::move(user));
  }
  return package::order_services(users);
}

base::Result<bool, std::string> HostCore::boot() {
  std::promise<std::string> refused;
  const bool posted = conductor_.post([this, &refused] {
    const auto state = state_file_.read();
    if (state) {
      restore_state(*state);
    } else {
      environment_.alarms.raise("plugins/state", "the operator's changes cannot be read: " + state.error());
    }
    std::vector<std::string> names;
    for (const auto& [name, record] : records_) {
      if (record.enabled) names.push_back(name);
    }
    const std::string sentence = start_all(names);
    static_cast<void>(republish());
    look_for_deciders();
    refused.set_value(sentence);
  });
  if (!posted) return base::fail(std::string("the plugin host has stopped"));
  const std::string sentence = refused.get_future().get();
  if (!sentence.empty()) return base::fail(sentence);
  return true;
}

std::string HostCore::start_all(const std::vector<std::string>& names) {
  if (crash_guard_.last()) {
    base::log(base::LogArea::plugin, base::LogLevel::error, "the process crashed before this start",
              {{"signal", crash_guard_.last()->signal}, {"place", crash_guard_.last()->place}});
  }
  const package::ServiceOrder order = start_order(names);
  std::string refused;
  const auto failed = [&](InstanceRecord& record, const std::string& sentence) {
    const bool required = record.config.boot == config::PluginBoot::required;
    if (required && refused.empty())
      refused = "plugin." + record.name + ": boot is \"required\", and it does not run: " + sentence;
  };
  for (const package::ServiceOrder::Refusal& refusal : order.refused) {
    InstanceRecord& record = record_of(refusal.instance);
    fail(record, refusal.sentence);
    failed(record, refusal.sentence);
  }
  for (const package::ServiceOrder::Position& position : order.start) {
    InstanceRecord& record = record_of(position.instance);
    if (record.current != nullptr) continue;
    const std::string blocked = crash_guard_.blocks(record.name, record.sha256);
    if (!blocked.empty()) {
      fail(record, blocked);
      failed(record, blocked);
      continue;
    }
    const Outcome outcome = start_now(record);
    if (!outcome.ok) failed(record, outcome.sentence);
  }
  return refused;
}

void HostCore::stop() {
  std::promise<void> stopped;
  const bool posted = conductor_.post([this, &stopped] {
    std::vector<package::ServiceUser> users;
    for (const auto& [name, record] : records_) {
      if (record.current != nullptr) users.push_back({name, record.needs, record.wants, record.provides});
    }
    package::ServiceOrder order = package::order_services(users);
    for (auto position = order.start.rbegin(); position != order.start.rend(); ++position) {
      take_out_of_service(record_of(position->instance), "the node stops", kStopDrainMs, {});
      while (!leaving_.empty()) {
        advance_leaving();
        if (!leaving_.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(kStopPollMs));
      }
    }
    stopped_ = true;
    stopped.set_value();
  });
  if (!posted) return;
  stopped.get_future().get();
  conductor_.stop();
  control_.stop();
}

void HostCore::set_enabled(InstanceRecord& record, bool enabled) {
  const std::lock_guard lock(mutex_);
  record.enabled = enabled;
}

void HostCore::enable(const std::string& name, std::optional<config::PluginConfig> config, const Done& done) {
  if (!package::is_instance_name(name)) {
    return done(Outcome::refused("found \"" + name +
                                 "\" as the name of an instance; allowed: letters, digits, -, _ "
                                 "and ., at most 64"));
  }
  InstanceRecord& record = record_of(name);
  if (config) record.config = std::move(*config);
  crash_guard_.forgive(name);
  const Outcome outcome = start_now(record);
  if (outcome.ok) {
    set_enabled(record, true);
    keep_state();
  }
  done(outcome);
}

void HostCore::disable(const std::string& name, const Done& done) {
  InstanceRecord* record = find(name);
  if (record == nullptr) return done(Outcome::refused("there is no instance '" + name + "'"));
  set_enabled(*record, false);
  keep_state();
  if (record->current == nullptr) {
    environment_.alarms.clear(alarm_name(name));
    return done(Outcome::done("it did not run"));
  }
  std::vector<std::string> users;
  for (const DependencyEdge& edge : dependencies()) {
    if (edge.provider == name) users.push_back("'" + edge.user + "' loses " + edge.service);
  }
  for (const std::string& user : users)
    base::log(base::LogArea::plugin, base::LogLevel::warning, "a provider goes", {{"consequence", user}});
  take_out_of_service(*record, "disabled", uint64_t{record->config.drain_s} * 1000, [done, users](Outcome outcome) {
    outcome.details.insert(outcome.details.begin(), users.begin(), users.end());
    done(outcome);
  });
}

}  // namespace patchbay::plugin_host
