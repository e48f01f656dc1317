#include <algorithm>

#include "plugin_host/control_steps.h"
#include "plugin_host/host_core.h"

namespace patchbay::plugin_host {

namespace {

constexpr uint64_t kHookWarnMs = 1'000;
constexpr uint64_t kHookLimitMs = 15'000;

std::string_view phase_name(base::Phase phase) {
  if (phase == base::Phase::decide) return "decide";
  return phase == base::Phase::transform ? "transform" : "observe";
}

void view_running(const InstanceRecord& record, InstanceStatus& status) {
  const plugin_bridge::Instance& instance = *record.current->instance();
  status.number = instance.facts().number;
  status.open_tokens = instance.open_tokens();
  status.faults.stale_answers = instance.stale();
  status.permissions.assign(instance.facts().permissions.begin(), instance.facts().permissions.end());
  for (const auto& hook : instance.hooks()) {
    HookStatus view;
    view.hook = std::string(hooks::hook_info(hook->id()).name);
    view.phase = std::string(phase_name(hook->registration().phase));
    view.statistics = hook->statistics();
    const auto breaker = record.breakers.find(hook->id());
    if (breaker != record.breakers.end()) {
      view.breaker = breaker->second.state;
      view.openings = breaker->second.openings;
    }
    status.faults.thrown += view.statistics.thrown;
    status.faults.bad_answers += view.statistics.faults - std::min(view.statistics.thrown, view.statistics.faults);
    status.faults.hung_calls += view.statistics.hard_overruns;
    status.faults.late_answers += view.statistics.late;
    status.hooks.push_back(std::move(view));
  }
}

InstanceStatus view_of(const InstanceRecord& record) {
  InstanceStatus status;
  status.name = record.name;
  status.plugin_id = record.plugin_id;
  status.version = record.version;
  status.title = record.title;
  status.file = record.file.string();
  status.sha256 = record.sha256;
  status.enabled = record.enabled;
  status.state = record.state;
  status.reason = record.reason;
  status.transitions = record.transitions;
  status.health = record.health;
  status.needs = record.needs;
  status.wants = record.wants;
  status.provides = record.provides;
  status.faults = record.left_behind;
  status.settings = record.settings_shown;
  status.settings_version = record.settings_version;
  if (record.soak) {
    status.soak_until_unix_ms = record.soak->until_unix_ms;
    status.soak_previous_version = record.soak->previous_version;
  }
  if (record.current != nullptr) view_running(record, status);
  return status;
}

}  // namespace

std::vector<InstanceStatus> HostCore::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<InstanceStatus> result;
  for (const auto& [name, record] : records_) result.push_back(view_of(record));
  return result;
}

std::optional<std::string> HostCore::settings_schema(const std::string& instance) const {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(instance);
  if (found == records_.end() || found->second.settings_schema.empty()) return std::nullopt;
  return found->second.settings_schema;
}

std::vector<LeavingStatus> HostCore::leaving() const {
  const std::lock_guard lock(mutex_);
  std::vector<LeavingStatus> result = zombies_;
  for (const Leaving& one : leaving_) result.push_back(one.view);
  return result;
}

std::vector<package::HookOrder> HostCore::order() const {
  const std::lock_guard lock(mutex_);
  return order_;
}

bool HostCore::listens(std::string_view hook) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(order_.begin(), order_.end(),
                     [hook](const package::HookOrder& one) { return one.hook == hook && !one.positions.empty(); });
}

std::vector<DependencyEdge> HostCore::dependencies() const {
  const std::lock_guard lock(mutex_);
  std::vector<DependencyEdge> edges;
  const auto add = [&](const InstanceRecord& user, const std::string& service, bool needed) {
    if (package::is_host_interface(service)) return;
    bool found = false;
    for (const auto& [name, other] : records_) {
      if (other.current == nullptr ||
          std::find(other.provides.begin(), other.provides.end(), service) == other.provides.end())
        continue;
      edges.push_back({user.name, service, name, needed});
      found = true;
    }
    if (!found) edges.push_back({user.name, service, "", needed});
  };
  for (const auto& [name, record] : records_) {
    for (const std::string& service : record.needs) add(record, service, true);
    for (const std::string& service : record.wants) add(record, service, false);
  }
  return edges;
}

void HostCore::tell(hooks::HookId hook, ControlNews news) {
  const uint64_t at_unix_ms = environment_.clock.unix_ms();
  control_.post({"", "control hook", kHookWarnMs, kHookLimitMs,
                 [&bridge = environment_.bridge, hook, news = std::move(news), at_unix_ms] {
                   const plugin_bridge::PlaceScope place(bridge.places().control());
                   bridge.control_hooks().observe(
                       hook, {news.object, news.before, news.after, news.author, news.details_json, at_unix_ms});
                 }});
}

void HostCore::ask(hooks::HookId hook, AdminQuestion question, std::function<void(bool)> answer) {
  control_.post({"", "control hook", kHookWarnMs, kHookLimitMs,
                 [&bridge = environment_.bridge, hook, question = std::move(question), answer = std::move(answer)] {
                   const plugin_bridge::PlaceScope place(bridge.places().control());
                   plugin_bridge::AdminEvent event;
                   event.user = question.user;
                   event.action = question.action;
                   event.object = question.object;
                   event.body_json = question.body_json;
                   answer(bridge.control_hooks().ask(hook, std::move(event)));
                 }});
}

void HostCore::force_breaker(const std::string& name, const std::string& hook, bool open, const Done& done) {
  InstanceRecord* record = find(name);
  if (record == nullptr || record->current == nullptr) return done(Outcome::refused("'" + name + "' does not run"));
  size_t forced = 0;
  for (const auto& one : record->current->instance()->hooks()) {
    if (!hook.empty() && hooks::hook_info(one->id()).name != hook) continue;
    if (open) record->forced_open.insert(one->id());
    if (!open) record->forced_open.erase(one->id());
    const auto taken = run_step(control_, "", environment_.limits.publish,
                                [&bridge = environment_.bridge, plugin = record->current, forced_hook = one.get(),
                                 open] { return bridge.watchdog().force(*forced_hook, open); });
    if (!taken || !*taken) continue;
    ++forced;
    environment_.alarms.clear(alarm_name(name) + "/breaker/" + std::string(hooks::hook_info(one->id()).name));
    const std::lock_guard lock(mutex_);
    record->breakers[one->id()].state = environment_.bridge.watchdog().state_of(*one);
  }
  if (forced == 0) return done(Outcome::refused("'" + name + "' has no hook \"" + hook + "\""));
  if (!open && record->state == PluginState::quarantined)
    set_state(*record, PluginState::started, "breaker closed by the operator");
  done(Outcome::done(open ? "not asked any more" : "asked again"));
}

}  // namespace patchbay::plugin_host
