#include "plugin_host/host_core.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "package/private_copy.h"
#include "plugin_host/control_steps.h"

namespace patchbay::plugin_host {

namespace {

constexpr uint64_t kBusyTickMs = 5;
constexpr uint64_t kIdleTickMs = 200;

}  // namespace

HostCore::HostCore(HostEnvironment environment, config::PluginsConfig plugins, config::PluginMap instances)
    : environment_(std::move(environment)),
      loaded_dir_(std::filesystem::absolute(environment_.data_dir) / "plugins" / ".loaded"),
      installed_dir_(std::filesystem::absolute(environment_.data_dir) / "plugins" / "installed"),
      control_(environment_.clock,
               [this](const ControlStep& step) {
                 if (step.instance.empty()) return;
                 environment_.alarms.raise(alarm_name(step.instance) + "/" + step.name,
                                           step.name + "() of plugin '" + step.instance + "' has not returned within " +
                                               std::to_string(step.limit_ms) + " ms; its thread is lost");
               }),
      conductor_([this] { return tick(); }),
      store_(environment_.data_dir, environment_.clock),
      state_file_(environment_.data_dir),
      crash_guard_(environment_.data_dir),
      plugins_(std::move(plugins)) {
  take_configuration(std::move(instances));
}

HostCore::~HostCore() {
  stop();
}

void HostCore::start() {
  plugin_bridge::WatchdogCallbacks callbacks;
  const std::weak_ptr<HostCore> weak = weak_from_this();
  const auto later = [weak](auto work) {
    if (const auto core = weak.lock()) core->conductor_.post([core, work] { work(*core); });
  };
  callbacks.on_hang = [later](const plugin_bridge::HangReport& report) {
    later([report](HostCore& core) { core.on_hang(report, false); });
  };
  callbacks.on_hang_over = [later](const plugin_bridge::HangReport& report) {
    later([report](HostCore& core) { core.on_hang(report, true); });
  };
  callbacks.on_breaker = [later](const plugin_bridge::BreakerReport& report) {
    later([report](HostCore& core) { core.on_breaker(report); });
  };
  environment_.bridge.watchdog().set_callbacks(std::move(callbacks));
  const auto removed = package::remove_stale_copies(loaded_dir_);
  if (!removed) base::log(base::LogArea::plugin, base::LogLevel::warning, "old copies", {{"error", removed.error()}});
  conductor_.start();
}

void HostCore::post(Done done, std::function<void(const Done&)> operation) {
  const auto shared = std::make_shared<Done>(done ? std::move(done) : Done([](const Outcome&) {}));
  const bool posted = conductor_.post([self = shared_from_this(), shared, operation = std::move(operation)] {
    if (self->stopped_) return (*shared)(Outcome::refused("the plugin host has stopped"));
    operation(*shared);
  });
  if (!posted) (*shared)(Outcome::refused("the plugin host has stopped"));
}

InstanceRecord& HostCore::record_of(const std::string& name) {
  const std::lock_guard lock(mutex_);
  InstanceRecord& record = records_[name];
  record.name = name;
  return record;
}

InstanceRecord* HostCore::find(const std::string& name) {
  const auto found = records_.find(name);
  return found == records_.end() ? nullptr : &found->second;
}

void HostCore::set_state(InstanceRecord& record, PluginState state, std::string reason) {
  const std::string before(plugin_state_name(record.state));
  const std::string after(plugin_state_name(state));
  base::log(base::LogArea::plugin,
            state == PluginState::failed || state == PluginState::zombie ? base::LogLevel::error : base::LogLevel::info,
            "plugin state", {{"instance", record.name}, {"before", before}, {"after", after}, {"reason", reason}});
  {
    const std::lock_guard lock(mutex_);
    record.move_to(state, std::move(reason), environment_.clock.unix_ms());
  }
  tell(hooks::HookId::plugin_state, {record.name, before, after, "node", "{}"});
}

void HostCore::fail(InstanceRecord& record, const std::string& sentence) {
  set_state(record, PluginState::failed, sentence);
  environment_.alarms.raise(alarm_name(record.name), "plugin '" + record.name + "' does not run: " + sentence);
}

base::Result<ChainPlan, std::string> HostCore::plan(const InstanceRecord* changed, const LoadedPlugin* plugin) const {
  std::vector<ChainMember> members;
  for (const auto& [name, record] : records_) {
    const LoadedPlugin* asked = &record == changed ? plugin : record.current.get();
    if (asked != nullptr) members.push_back({asked->instance(), &asked->manifest(), &record.config});
  }
  return plan_chains(members, plugins_.hook);
}

// One step of the control thread, so that no hook of the control plane runs while the chains change.
void HostCore::publish(ChainPlan plan, std::function<void()> and_then) {
  const auto published = run_step(control_, "", environment_.limits.publish,
                                  [&bridge = environment_.bridge, barrier_ms = environment_.limits.barrier_ms,
                                   chains = std::move(plan.chains), and_then = std::move(and_then)]() mutable {
                                    const bool passed = bridge.publish(std::move(chains), barrier_ms);
                                    if (and_then) and_then();
                                    return passed;
                                  });
  if (!published || !*published)
    base::log(base::LogArea::plugin, base::LogLevel::warning, "a shard is slow to leave the hooks of before");
  const std::lock_guard lock(mutex_);
  order_ = std::move(plan.order);
}

Outcome HostCore::republish() {
  auto next = plan(nullptr, nullptr);
  if (!next) return Outcome::refused(next.error());
  publish(std::move(*next), nullptr);
  return Outcome::done();
}

void HostCore::retire(std::string instance, std::shared_ptr<LoadedPlugin> plugin, bool started, uint64_t drain_ms,
                      std::string note, bool last, Done done) {
  Retirement retirement(retirement_tools(), std::move(plugin), started, drain_ms);
  {
    const std::lock_guard lock(mutex_);
    leaving_.push_back({std::move(instance), std::move(retirement), std::move(note), last, std::move(done)});
  }
  advance_leaving();
}

void HostCore::abandon(const BringUpFailure& failure, const std::string& instance) {
  if (failure.left_over == nullptr) return;
  if (!failure.stuck) return retire(instance, failure.left_over, false, 0, "its start failed", false, {});
  failure.left_over->keep_mapped();
  keep_for_ever(failure.left_over);
  const std::lock_guard lock(mutex_);
  zombies_.push_back(
      {instance, failure.left_over->manifest().version.text(), PluginState::zombie, failure.sentence, {}});
}

void HostCore::take_out_of_service(InstanceRecord& record, std::string note, uint64_t drain_ms, const Done& done) {
  std::shared_ptr<LoadedPlugin> plugin;
  {
    const std::lock_guard lock(mutex_);
    plugin = std::move(record.current);
    record.current = nullptr;
    record.soak.reset();
    record.breakers.clear();
  }
  set_state(record, PluginState::draining, note);
  auto without = plan(nullptr, nullptr);
  // Without one of its members an order that could be made can still be made.
  if (without) publish(std::move(*without), nullptr);
  retire(record.name, std::move(plugin), true, drain_ms, std::move(note), true, done);
}

uint64_t HostCore::tick() {
  advance_leaving();
  const uint64_t now = now_ms();
  for (auto& [name, record] : records_) look_after(record, now);
  look_for_deciders();
  return leaving_.empty() ? kIdleTickMs : kBusyTickMs;
}

// A failure of who decides about access must not open the door.
void HostCore::look_for_deciders() {
  const auto tell = [this](bool InstanceRecord::*decides, bool& told, const std::function<void(bool)>& listener) {
    const bool absent = std::any_of(records_.begin(), records_.end(), [decides](const auto& entry) {
      const InstanceRecord& record = entry.second;
      return record.enabled && record.*decides && record.current == nullptr;
    });
    if (absent == told || !listener) return;
    told = absent;
    listener(absent);
  };
  tell(&InstanceRecord::authenticates, authenticator_absent_, environment_.authenticator_absent);
  tell(&InstanceRecord::authorizes, authorizer_absent_, environment_.authorizer_absent);
}

void HostCore::show(Leaving& leaving) {
  const Retirement& retirement = leaving.retirement;
  LeavingStatus view{leaving.instance, retirement.version(), retirement.state(), retirement.reason(),
                     retirement.held()};
  const std::lock_guard lock(mutex_);
  leaving.view = std::move(view);
}

void HostCore::advance_leaving() {
  for (auto one = leaving_.begin(); one != leaving_.end();) {
    const bool over = one->retirement.advance();
    show(*one);
    if (!over) {
      ++one;
      continue;
    }
    // Out of the list before anybody is told, who may look.
    std::list<Leaving> gone;
    {
      const std::lock_guard lock(mutex_);
      const auto next = std::next(one);
      gone.splice(gone.begin(), leaving_, one);
      one = next;
    }
    finish_leaving(gone.front());
  }
}

void HostCore::finish_leaving(Leaving& leaving) {
  Retirement& retirement = leaving.retirement;
  InstanceRecord& record = record_of(leaving.instance);
  const bool gone = retirement.state() == PluginState::unloaded;
  if (gone) {
    base::log(base::LogArea::plugin, base::LogLevel::info, "plugin unmapped",
              {{"instance", leaving.instance}, {"version", retirement.version()}, {"why", leaving.note}});
    const std::lock_guard lock(mutex_);
    if (record.soak && record.soak->previous_version == retirement.version() && !leaving.last)
      record.soak->previous.emplace(retirement.take_package());
  } else {
    environment_.alarms.raise(alarm_name(leaving.instance) + "/zombie",
                              "version " + retirement.version() + " of plugin '" + leaving.instance +
                                  "' stays mapped and is not called any more: " + retirement.reason());
    const std::lock_guard lock(mutex_);
    record.left_behind.leaks += retirement.leaks();
    record.left_behind.threads_left += retirement.threads_left();
    zombies_.push_back(
        {leaving.instance, retirement.version(), PluginState::zombie, retirement.reason(), retirement.held()});
  }
  if (leaving.last && record.current == nullptr)
    set_state(record, retirement.state(), gone ? leaving.note : retirement.reason());
  if (!leaving.done) return;
  Outcome outcome{gone, gone ? "unmapped" : retirement.reason(), retirement.held()};
  leaving.done(outcome);
}

}  // namespace patchbay::plugin_host
