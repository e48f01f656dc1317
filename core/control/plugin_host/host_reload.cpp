#include <algorithm>
#include <set>

#include "base/log.h"
#include "package/plugin_file.h"
#include "package/sha256.h"
#include "plugin_host/host_core.h"

namespace patchbay::plugin_host {

namespace {

/// The hash of a plugin file that may be loaded; "": it cannot be read, which the upgrade will say in a sentence.
std::string hash_of(const std::filesystem::path& file, const package::TrustPolicy& trust) {
  const auto opened = package::PluginFile::open(file, trust);
  if (!opened) return {};
  const auto bytes = opened->read();
  if (!bytes) return {};
  package::Sha256 hash;
  hash.add(bytes->data(), bytes->size());
  return hash.finish();
}

bool needs_new_instance(const config::PluginConfig& before, const config::PluginConfig& after) {
  return before.permissions != after.permissions || before.allow_draft != after.allow_draft ||
         before.execution != after.execution || before.max_open_deferrals != after.max_open_deferrals;
}

bool contains(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

void HostCore::reload(config::PluginsConfig plugins, config::PluginMap instances, const Done& done) {
  std::vector<std::string> details;
  std::map<std::string, config::PluginConfig> before;
  for (const auto& [name, record] : records_) before[name] = record.config;
  {
    const std::lock_guard lock(mutex_);
    // Folders and workers were taken at the start.
    plugins.dir = plugins_.dir;
    plugins.dirs = plugins_.dirs;
    plugins.workers = plugins_.workers;
    plugins.leftovers = plugins_.leftovers;
    plugins_ = std::move(plugins);
  }
  take_configuration(std::move(instances));
  std::vector<std::string> wanted;
  for (auto& [name, record] : records_) {
    if (record.enabled && record.current == nullptr) wanted.push_back(name);
    if (record.enabled && record.current != nullptr) reload_running(record, before[name], details);
    if (!record.enabled && record.state == PluginState::failed) {
      environment_.alarms.clear(alarm_name(name));
      set_state(record, PluginState::installed, "disabled");
    }
    if (record.enabled || record.current == nullptr) continue;
    details.push_back("plugin." + name + ": disabled");
    // Its table may have gone with it: what held while it ran holds for its end.
    take_out_of_service(record, "no longer in plugins.enabled", uint64_t{before[name].drain_s} * 1000, {});
  }
  static_cast<void>(start_all(wanted));
  for (const std::string& name : wanted) {
    const InstanceRecord& record = record_of(name);
    details.push_back("plugin." + name + ": " +
                      (record.current != nullptr ? "version " + record.version + " runs" : record.reason));
  }
  // Where the file has said something new, what the operator said before is over.
  keep_state();
  const Outcome ordered = republish();
  if (!ordered.ok) details.push_back("plugins.hook: " + ordered.sentence);
  for (const std::string& detail : details)
    base::log(base::LogArea::plugin, base::LogLevel::info, "reload", {{"note", detail}});
  base::log(base::LogArea::plugin, base::LogLevel::info, "the configuration of plugins has been taken over");
  done({true, "the configuration of plugins has been taken over", std::move(details)});
}

// What the file says now; where the operator has said otherwise since and the file has not changed, the operator
// counts.
void HostCore::take_configuration(config::PluginMap instances) {
  std::set<std::string> names(plugins_.enabled.begin(), plugins_.enabled.end());
  for (const auto& [name, record] : records_) names.insert(name);
  for (const auto& [name, config] : instances) names.insert(name);
  for (const std::string& name : names) {
    InstanceRecord& record = record_of(name);
    const std::lock_guard lock(mutex_);
    record.enabled = contains(plugins_.enabled, name);
    const auto table = instances.find(name);
    if (table != instances.end()) {
      record.config = table->second;
    } else if (file_config_.find(name) != file_config_.end()) {
      record.config = {};
    }
  }
  file_config_ = std::move(instances);
  restore_state(HostState(state_));
}

void HostCore::reload_running(InstanceRecord& record, const config::PluginConfig& before,
                              std::vector<std::string>& details) {
  const auto note = [&](const Outcome& outcome) {
    details.push_back("plugin." + record.name + ": " + outcome.sentence);
    if (!outcome.ok) {
      base::log(base::LogArea::plugin, base::LogLevel::error, "reload refused, what runs stays",
                {{"instance", record.name}, {"reason", outcome.sentence}});
    }
  };
  const std::filesystem::path file = file_of(record);
  const std::string hash = hash_of(file, trust());
  const bool other_file = hash != record.sha256 && hash != record.refused_sha256;
  bool from_file = false;
  const std::string settings = choose_settings(record, from_file);
  if (other_file || needs_new_instance(before, record.config)) {
    const Outcome outcome = upgrade_now(record, {file, settings, other_file, false, "configuration reloaded"});
    if (outcome.ok && from_file) keep_stored(record, "file");
    return note(outcome);
  }
  if (from_file) note(apply_settings(record, settings, "file", "", false));
}

void HostCore::reorder(const std::string& name, const std::string& position, const Done& done) {
  InstanceRecord* record = find(name);
  if (record == nullptr) return done(Outcome::refused("there is no instance '" + name + "'"));
  const bool relative = position.starts_with("before:") || position.starts_with("after:");
  if (relative && find(position.substr(position.find(':') + 1)) == nullptr)
    return done(Outcome::refused("found \"" + position + "\"; there is no instance of that name"));
  if (!relative && !position.empty() && position != "front" && position != "rear") {
    return done(Outcome::refused("found \"" + position +
                                 "\"; allowed: front, rear, before:<instance>, after:<instance>, or nothing"));
  }
  record->config.position = position;
  Outcome outcome = republish();
  if (outcome.ok) outcome.sentence = "reordered";
  keep_state();
  done(outcome);
}

void HostCore::order_hook(const std::string& hook, std::vector<std::string> instances, const Done& done) {
  if (!hooks::hook_id_from(hook))
    return done(Outcome::refused("found \"" + hook + "\"; allowed: the name of a hook point"));
  const std::vector<config::HookRuleConfig> before = plugins_.hook;
  auto rule = std::find_if(plugins_.hook.begin(), plugins_.hook.end(),
                           [&](const config::HookRuleConfig& one) { return one.hook == hook; });
  if (rule == plugins_.hook.end()) rule = plugins_.hook.insert(plugins_.hook.end(), {hook, {}, {}});
  rule->order = instances;
  Outcome outcome = republish();
  if (!outcome.ok) {
    plugins_.hook = before;
    return done(outcome);
  }
  state_.hook_order[hook] = std::move(instances);
  keep_state();
  done(Outcome::done("reordered"));
}

void HostCore::keep_state() {
  for (const auto& [name, record] : records_) {
    const auto in_file = file_config_.find(name);
    const config::PluginConfig said = in_file == file_config_.end() ? config::PluginConfig{} : in_file->second;
    InstanceChange change{
        record.enabled, contains(plugins_.enabled, name), record.config.file, said.file, record.config.position,
        said.position,  record.config.permissions,        said.permissions};
    const bool as_the_file = change.enabled == change.file_enabled && change.file == change.file_before &&
                             change.position == change.position_before &&
                             change.permissions == change.permissions_before;
    if (as_the_file) {
      state_.instances.erase(name);
    } else {
      state_.instances[name] = std::move(change);
    }
  }
  const auto written = state_file_.write(state_);
  if (!written) environment_.alarms.raise("plugins/state", "the operator's changes are not kept: " + written.error());
}

void HostCore::restore_state(const HostState& state) {
  state_ = state;
  for (const auto& [name, change] : state.instances) {
    InstanceRecord& record = record_of(name);
    const std::lock_guard lock(mutex_);
    if (change.file_enabled == contains(plugins_.enabled, name)) record.enabled = change.enabled;
    if (change.file_before == record.config.file) record.config.file = change.file;
    if (change.position_before == record.config.position) record.config.position = change.position;
    if (change.permissions_before == record.config.permissions) record.config.permissions = change.permissions;
  }
  for (const auto& [hook, list] : state.hook_order) {
    const std::lock_guard lock(mutex_);
    const auto rule = std::find_if(plugins_.hook.begin(), plugins_.hook.end(),
                                   [&](const config::HookRuleConfig& one) { return one.hook == hook; });
    if (rule == plugins_.hook.end()) plugins_.hook.push_back({hook, list, {}});
  }
}

}  // namespace patchbay::plugin_host
