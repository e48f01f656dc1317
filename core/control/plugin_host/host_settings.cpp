#include <nlohmann/json.hpp>

#include "base/log.h"
#include "package/json_text.h"
#include "plugin_host/control_steps.h"
#include "plugin_host/host_core.h"

namespace patchbay::plugin_host {

namespace {

constexpr const char* kFileAuthor = "file";

bool same_json(const std::string& one, const std::string& other) {
  return nlohmann::json::parse(one, nullptr, false) == nlohmann::json::parse(other, nullptr, false);
}

}  // namespace

// What was said last counts: the configuration file where its text has changed since it was taken over, else what is
// in the store.
std::string HostCore::choose_settings(InstanceRecord& record, bool& from_file) const {
  from_file = false;
  const std::string& in_file = record.config.settings;
  const auto versions = store_.list(record.name);
  if (versions) {
    for (const package::SettingsVersion& version : *versions) {
      if (version.author != kFileAuthor) continue;
      const auto whole = store_.get(record.name, version.number);
      if (!whole || !same_json(whole->settings, in_file)) break;
      const auto current = store_.current(record.name);
      if (!current) break;
      const std::lock_guard lock(mutex_);
      record.settings_version = current->number;
      record.config_version = current->config_version;
      return current->settings;
    }
  }
  from_file = true;
  record.config_version = 0;
  return in_file;
}

void HostCore::keep_stored(InstanceRecord& record, std::string author) {
  keep_settings(record, record.settings_stored, std::move(author), "");
}

void HostCore::keep_settings(InstanceRecord& record, const std::string& stored, std::string author, std::string note) {
  package::SettingsChange change;
  change.settings = stored;
  if (record.current != nullptr) change.config_version = record.current->manifest().config_version;
  record.config_version = change.config_version;
  change.author = std::move(author);
  change.note = std::move(note);
  const auto number = store_.put(record.name, change);
  if (!number) {
    base::log(base::LogArea::plugin, base::LogLevel::error, "settings are not kept",
              {{"instance", record.name}, {"error", number.error().sentence}});
    return;
  }
  const std::lock_guard lock(mutex_);
  record.settings_version = *number;
}

// The request's text with the secrets that it left out.
base::Result<std::string, Outcome> HostCore::settings_text(const InstanceRecord& record,
                                                           const std::string& settings) const {
  const auto refused = [](const package::Problems& problems) {
    Outcome outcome = Outcome::refused("the settings are not valid");
    for (const package::Problem& problem : problems) outcome.details.push_back(package::problem_line(problem));
    return outcome;
  };
  auto changed = package::parse_json(settings.empty() ? "{}" : settings, "settings", {});
  if (!changed) return base::fail(refused({changed.error()}));
  const auto current = nlohmann::json::parse(record.settings_stored, nullptr, false);
  auto whole = record.current->package().settings_schema.unmasked(
      std::move(*changed), current.is_discarded() ? nlohmann::json::object() : current);
  if (!whole) return base::fail(refused(whole.error()));
  return whole->dump();
}

Outcome HostCore::apply_settings(InstanceRecord& record, const std::string& settings, const std::string& author,
                                 const std::string& note, bool dry_run) {
  const package::SettingsSchema& schema = record.current->package().settings_schema;
  auto prepared = package::prepare_settings(schema, settings, {});
  if (!prepared) {
    Outcome outcome = Outcome::refused("the settings are not valid");
    for (const package::Problem& problem : prepared.error()) outcome.details.push_back(package::problem_line(problem));
    return outcome;
  }
  const auto text = std::make_shared<package::SecretText>(std::string(prepared->effective.view()));
  const auto checked = run_step(control_, record.name, environment_.limits.check,
                                [plugin = record.current, text] { return plugin->check(text->view()); });
  if (!checked) return Outcome::refused("check() has not returned in time");
  if (!*checked) return Outcome::refused(checked->error());
  if (dry_run) return Outcome::done("the settings would do");
  const auto restart = schema.restart_pointers(nlohmann::json::parse(record.settings_stored, nullptr, false),
                                               nlohmann::json::parse(prepared->stored, nullptr, false));
  ConfigureAnswer answer{ConfigureAnswer::Kind::needs_restart, {}};
  if (restart.empty()) {
    auto said = run_step(control_, record.name, environment_.limits.configure,
                         [plugin = record.current, text] { return plugin->configure(text->view()); });
    if (!said) return Outcome::refused("configure() has not returned in time");
    answer = std::move(*said);
  }
  if (answer.kind == ConfigureAnswer::Kind::refused) return Outcome::refused(answer.errors);
  if (answer.kind == ConfigureAnswer::Kind::needs_restart) {
    const Outcome outcome =
        upgrade_now(record, {record.current->package().copy.path(), prepared->stored, false, true, "new settings"});
    if (!outcome.ok) return outcome;
  }
  keep_settings(record, prepared->stored, author, note);
  {
    const std::lock_guard lock(mutex_);
    record.settings_stored = prepared->stored;
    record.settings_shown = prepared->shown;
  }
  static_cast<void>(
      run_step(control_, "", environment_.limits.publish,
               [&services = environment_.services, plugin = record.current, shown = prepared->shown,
                version = record.settings_version] { services.set_settings(*plugin->instance(), shown, version); }));
  tell(hooks::HookId::config_changed, {"plugin." + record.name + ".settings", "", "", author, "{}"});
  return Outcome::done("settings version " + std::to_string(record.settings_version) + " is in force");
}

void HostCore::configure(const std::string& name, const SettingsRequest& request, const Done& done) {
  InstanceRecord* record = find(name);
  if (record == nullptr || record->current == nullptr)
    return done(Outcome::refused("'" + name + "' does not run, so nobody can check its settings"));
  if (request.expected_version && *request.expected_version != record->settings_version) {
    return done(Outcome::refused("found version " + std::to_string(record->settings_version) +
                                 " of the settings in force; the change was made to version " +
                                 std::to_string(*request.expected_version)));
  }
  const auto text = settings_text(*record, request.settings);
  if (!text) return done(text.error());
  done(apply_settings(*record, *text, request.author, request.note, request.dry_run));
}

std::vector<package::SettingsVersion> HostCore::versions(const std::string& instance) const {
  const auto list = store_.list(instance);
  return list ? *list : std::vector<package::SettingsVersion>{};
}

void HostCore::roll_back(const std::string& name, uint64_t version, const std::string& author, const Done& done) {
  InstanceRecord* record = find(name);
  if (record == nullptr || record->current == nullptr) return done(Outcome::refused("'" + name + "' does not run"));
  const auto found = store_.get(name, version);
  if (!found) return done(Outcome::refused(found.error().sentence));
  done(apply_settings(*record, found->settings, author, "back to version " + std::to_string(version), false));
}

}  // namespace patchbay::plugin_host
