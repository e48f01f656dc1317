#include <fstream>
#include <set>

#include "base/log.h"
#include "package/durable_file.h"
#include "package/private_copy.h"
#include "plugin_host/control_steps.h"
#include "plugin_host/host_core.h"

namespace patchbay::plugin_host {

namespace {

constexpr uint64_t kHealthEveryMs = 5'000;
constexpr uint64_t kHealthInSoakMs = 500;
constexpr double kShareDrop = 0.1;  // more failures than before, as a share of the answers, brings the old version back

}  // namespace

// Up to the swap the old version is untouched; after it, only ever asked to leave.
Outcome HostCore::upgrade_now(InstanceRecord& record, const Upgrade& upgrade) {
  BringUpRequest request = request_for(record, upgrade.file, upgrade.settings);
  if (upgrade.from_loaded_dir) request.trust.allowed_dirs.push_back(loaded_dir_);
  if (upgrade.from_loaded_dir) request.config.sha256.clear();
  request.before = record.current;
  auto result = bring_up_now(request);
  if (auto* failure = std::get_if<BringUpFailure>(&result)) {
    abandon(*failure, record.name);
    return Outcome::refused(failure->sentence);
  }
  auto& up = std::get<BroughtUp>(result);
  auto next = plan(&record, up.plugin.get());
  if (!next) {
    retire(record.name, std::move(up.plugin), true, 0, "its place in the order cannot be found", false, {});
    return Outcome::refused(next.error());
  }
  const std::shared_ptr<LoadedPlugin> old = record.current;
  const std::string old_version = record.version;
  std::optional<Soak> soak;
  if (upgrade.soak && record.config.soak_s != 0) {
    const uint64_t soak_ms = uint64_t{record.config.soak_s} * 1000;
    soak = Soak{old->package().copy.path(),
                std::nullopt,
                old_version,
                now_ms() + soak_ms,
                environment_.clock.unix_ms() + soak_ms,
                record.failure_share().value_or(0),
                record.health.kind};
  }
  std::shared_ptr<LoadedPlugin> fresh = up.plugin;
  const std::function<void()> open = opening(record, up);
  const bool migrated = record.config_version != 0 && record.config_version < fresh->manifest().config_version;
  {
    const std::lock_guard lock(mutex_);
    record.take_facts(fresh->package());
    if (!upgrade.from_loaded_dir) record.file = upgrade.file;
    record.settings_shown = up.settings.shown;
    record.settings_stored = up.settings.stored;
    record.current = fresh;
    record.soak = std::move(soak);
    record.breakers.clear();
    record.forced_open.clear();
    record.health = {};
    record.failures.forget();
    record.next_health_ms = now_ms();
  }
  fresh->instance()->gate().move_to(plugin_bridge::GateState::open);
  publish(std::move(*next), open);
  set_state(record, PluginState::started,
            upgrade.note + "; version " + record.version + " took over from " + old_version);
  environment_.alarms.clear(alarm_name(record.name));
  if (migrated) keep_stored(record, "migration");
  retire(record.name, old, true, uint64_t{record.config.drain_s} * 1000, "version " + record.version + " took over",
         false, {});
  return Outcome::done("version " + record.version + " took over from " + old_version);
}

void HostCore::upgrade(const std::string& name, const std::filesystem::path& file, const std::string& sha256,
                       const Done& done) {
  InstanceRecord* record = find(name);
  if (record == nullptr) return done(Outcome::refused("there is no instance '" + name + "'"));
  if (record->current == nullptr) return done(Outcome::refused("'" + name + "' does not run; enable it"));
  const std::string file_before = record->config.file;
  const std::string sha256_before = record->config.sha256;
  record->config.sha256 = sha256;
  if (!file.empty()) record->config.file = file.string();
  const Outcome outcome =
      upgrade_now(*record, {file_of(*record), record->settings_stored, true, false, "upgraded by the operator"});
  if (!outcome.ok) {
    record->config.file = file_before;
    record->config.sha256 = sha256_before;
  } else {
    keep_state();
  }
  done(outcome);
}

void HostCore::look_after(InstanceRecord& record, uint64_t now_ms) {
  if (record.current == nullptr || now_ms < record.next_health_ms) return;
  record.next_health_ms = now_ms + (record.soak ? kHealthInSoakMs : kHealthEveryMs);
  const auto health = run_step(control_, record.name, environment_.limits.health,
                               [plugin = record.current] { return plugin->health(); });
  if (health) {
    const std::lock_guard lock(mutex_);
    record.health = record.failures.look(*health, FailureWatch::outcomes_of(*record.current->instance()));
  }
  if (!health) return fail_running(record, "health() has not returned in time");
  if (record.soak) check_soak(record, now_ms);
}

// A step that hangs has taken the control thread along: the instance is not asked anything any more.
void HostCore::fail_running(InstanceRecord& record, const std::string& why) {
  std::shared_ptr<LoadedPlugin> plugin = record.current;
  {
    const std::lock_guard lock(mutex_);
    record.current = nullptr;
    record.soak.reset();
  }
  auto without = plan(nullptr, nullptr);
  if (without) publish(std::move(*without), nullptr);
  fail(record, why);
  abandon({why, std::move(plugin), true}, record.name);
}

void HostCore::check_soak(InstanceRecord& record, uint64_t now_ms) {
  const Soak& soak = *record.soak;
  if (record.health.kind == PluginHealth::Kind::down && soak.health != PluginHealth::Kind::down)
    return soak_back(record, "its health is down: " + record.health.text);
  const auto share = record.failure_share();
  if (share && *share > soak.failure_share + kShareDrop)
    return soak_back(record, std::to_string(static_cast<int>(*share * 100)) + " % of its answers failed");
  for (const auto& [hook, breaker] : record.breakers) {
    if (breaker.openings != 0)
      return soak_back(record, "its breaker opened at " + std::string(hooks::hook_info(hook).name));
  }
  if (now_ms < soak.until_ms) return;
  base::log(base::LogArea::plugin, base::LogLevel::info, "an upgrade has proved itself",
            {{"instance", record.name}, {"version", record.version}});
  const std::lock_guard lock(mutex_);
  record.soak.reset();
}

void HostCore::soak_back(InstanceRecord& record, const std::string& why) {
  const std::string bad = record.version;
  const std::string bad_sha256 = record.sha256;
  // Its file must stay until it has been copied again.
  std::optional<Soak> soak;
  {
    const std::lock_guard lock(mutex_);
    soak = std::move(record.soak);
    record.soak.reset();
  }
  Upgrade upgrade{soak->previous_file, record.settings_stored, false, true,
                  "rolled back from version " + bad + ", since " + why};
  const Outcome outcome = upgrade_now(record, upgrade);
  const std::string sentence = "version " + bad + " of plugin '" + record.name + "' " +
                               (outcome.ok ? "was rolled back to " + soak->previous_version
                                           : "could not be rolled back (" + outcome.sentence + ")") +
                               ": " + why;
  environment_.alarms.raise(alarm_name(record.name) + "/rollback", sentence);
  // A reload of the configuration must not try the same file again.
  record.refused_sha256 = bad_sha256;
}

void HostCore::on_breaker(const plugin_bridge::BreakerReport& report) {
  using Change = plugin_bridge::Breaker::Change;
  for (auto& [name, record] : records_) {
    if (record.current == nullptr || record.current->instance()->facts().number != report.instance_number) continue;
    const std::string hook(hooks::hook_info(report.hook).name);
    const std::string alarm = alarm_name(name) + "/breaker/" + hook;
    {
      const std::lock_guard lock(mutex_);
      InstanceRecord::BreakerView& view = record.breakers[report.hook];
      view.openings = report.openings;
      if (report.change == Change::opened) view.state = plugin_bridge::Breaker::State::open;
      if (report.change == Change::half_opened) view.state = plugin_bridge::Breaker::State::half_open;
      if (report.change == Change::closed) view.state = plugin_bridge::Breaker::State::closed;
      if (report.change == Change::quarantined) view.state = plugin_bridge::Breaker::State::quarantined;
    }
    if (record.forced_open.count(report.hook) != 0) return;
    if (report.change == Change::closed) environment_.alarms.clear(alarm);
    if (report.change == Change::opened)
      environment_.alarms.raise(alarm, "plugin '" + name + "' is not asked at " + hook + ": its breaker opened");
    if (report.change == Change::quarantined && record.state != PluginState::quarantined) {
      environment_.alarms.raise(alarm,
                                "plugin '" + name + "' is in quarantine: its breaker at " + hook + " opened too often");
      set_state(record, PluginState::quarantined, "its breaker at " + hook + " opened too often");
    }
    if (record.soak) check_soak(record, now_ms());
    return;
  }
}

void HostCore::on_hang(const plugin_bridge::HangReport& report, bool over) {
  for (const auto& [name, record] : records_) {
    if (record.current == nullptr || record.current->instance()->facts().number != report.instance_number) continue;
    const std::string alarm = alarm_name(name) + "/hang";
    if (over) {
      environment_.alarms.clear(alarm);
      return;
    }
    environment_.alarms.raise(alarm, report.site + " has not returned; " + report.thread + " waits for it");
    if (plugins_.on_hard_hang == config::HardHang::abort) std::abort();
    return;
  }
}

}  // namespace patchbay::plugin_host
