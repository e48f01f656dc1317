#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "package/hook_order.h"
#include "package/service_order.h"
#include "package/settings_store.h"
#include "plugin_host/bring_up.h"
#include "plugin_host/conductor.h"
#include "plugin_host/control_thread.h"
#include "plugin_host/crash_guard.h"
#include "plugin_host/hook_chains.h"
#include "plugin_host/host_environment.h"
#include "plugin_host/host_status.h"
#include "plugin_host/instance_record.h"
#include "plugin_host/retirement.h"
#include "plugin_host/state_file.h"

namespace patchbay::plugin_host {

/// The inside of the plugin host. Everything but what is marked [any-thread] runs on the conductor; what other threads
/// look at changes under the lock.
class HostCore : public std::enable_shared_from_this<HostCore> {
 public:
  HostCore(HostEnvironment environment, config::PluginsConfig plugins, config::PluginMap instances);
  ~HostCore();

  void start();
  [[nodiscard]] base::Result<bool, std::string> boot();
  void stop();
  /// Runs an operation on the conductor; `done` is told that the host is stopped when it is. [any-thread]
  void post(Done done, std::function<void(const Done&)> operation);

  // --- operations ---
  void reload(config::PluginsConfig plugins, config::PluginMap instances, const Done& done);
  void install(const InstallRequest& request, const Done& done);
  void forget(const std::string& name, const Done& done);
  void enable(const std::string& name, std::optional<config::PluginConfig> config, const Done& done);
  void disable(const std::string& name, const Done& done);
  void upgrade(const std::string& name, const std::filesystem::path& file, const std::string& sha256, const Done& done);
  void configure(const std::string& name, const SettingsRequest& request, const Done& done);
  void roll_back(const std::string& name, uint64_t version, const std::string& author, const Done& done);
  void reorder(const std::string& name, const std::string& position, const Done& done);
  void order_hook(const std::string& hook, std::vector<std::string> instances, const Done& done);
  void force_breaker(const std::string& name, const std::string& hook, bool open, const Done& done);

  // --- views [any-thread] ---
  [[nodiscard]] std::vector<InstanceStatus> list() const;
  [[nodiscard]] std::optional<std::string> settings_schema(const std::string& instance) const;
  [[nodiscard]] std::vector<LeavingStatus> leaving() const;
  [[nodiscard]] std::vector<package::HookOrder> order() const;
  [[nodiscard]] bool listens(std::string_view hook) const;
  [[nodiscard]] std::vector<DependencyEdge> dependencies() const;
  [[nodiscard]] const plugin_bridge::BackgroundThreads& background_threads() const {
    return environment_.bridge.places().background();
  }
  [[nodiscard]] std::vector<package::SettingsVersion> versions(const std::string& instance) const;
  [[nodiscard]] ControlThread& control() { return control_; }
  void tell(hooks::HookId hook, ControlNews news);
  void ask(hooks::HookId hook, AdminQuestion question, std::function<void(bool)> answer);

 private:
  struct Leaving {
    std::string instance;
    Retirement retirement;
    std::string note;   ///< why it goes
    bool last = false;  ///< the instance's state follows it
    Done done;
    LeavingStatus view = {};  ///< what other threads see of it
  };

  // --- records ---
  InstanceRecord& record_of(const std::string& name);
  [[nodiscard]] InstanceRecord* find(const std::string& name);
  void set_enabled(InstanceRecord& record, bool enabled);
  void set_state(InstanceRecord& record, PluginState state, std::string reason);
  void fail(InstanceRecord& record, const std::string& sentence);

  // --- parts of operations ---
  [[nodiscard]] std::filesystem::path file_of(const InstanceRecord& record) const;
  [[nodiscard]] package::TrustPolicy trust() const;
  [[nodiscard]] BringUpRequest request_for(InstanceRecord& record, const std::filesystem::path& file,
                                           const std::string& settings);
  [[nodiscard]] std::string allow(const InstanceRecord& record, const package::Manifest& manifest) const;
  [[nodiscard]] std::variant<BroughtUp, BringUpFailure> bring_up_now(const BringUpRequest& request);
  /// Starts what isn't running, in order; a sentence: one that is required doesn't run.
  [[nodiscard]] std::string start_all(const std::vector<std::string>& names);
  [[nodiscard]] Outcome start_now(InstanceRecord& record);
  [[nodiscard]] Outcome put_in_service(InstanceRecord& record, BroughtUp up, const std::filesystem::path& file);
  [[nodiscard]] std::function<void()> opening(const InstanceRecord& record, const BroughtUp& up) const;
  void take_out_of_service(InstanceRecord& record, std::string note, uint64_t drain_ms, const Done& done);
  struct Upgrade {
    std::filesystem::path file;
    std::string settings;
    bool soak = true;
    bool from_loaded_dir = false;  ///< the file is a private copy of the host's own
    std::string note;
  };
  [[nodiscard]] Outcome upgrade_now(InstanceRecord& record, const Upgrade& upgrade);
  [[nodiscard]] base::Result<package::PluginPackage, std::string> open_stranger(const InstallRequest& request);
  [[nodiscard]] base::Result<bool, std::string> may_adopt(const InstallRequest& request);
  void delete_installed(const std::string& file) const;
  void abandon(const BringUpFailure& failure, const std::string& instance);
  void retire(std::string instance, std::shared_ptr<LoadedPlugin> plugin, bool started, uint64_t drain_ms,
              std::string note, bool last, Done done);
  /// Plans what is to be asked, with `plugin` in place of what `record` has; null: without the record.
  [[nodiscard]] base::Result<ChainPlan, std::string> plan(const InstanceRecord* record,
                                                          const LoadedPlugin* plugin) const;
  /// `and_then` runs in the same step, behind the barrier.
  void publish(ChainPlan plan, std::function<void()> and_then);
  [[nodiscard]] Outcome republish();
  /// In which order instances start; what can't is refused with a sentence.
  [[nodiscard]] package::ServiceOrder start_order(const std::vector<std::string>& names);

  // --- settings ---
  [[nodiscard]] std::string choose_settings(InstanceRecord& record, bool& from_file) const;
  void keep_settings(InstanceRecord& record, const std::string& stored, std::string author, std::string note);
  /// What an upgrade has just put in force becomes a version of its own.
  void keep_stored(InstanceRecord& record, std::string author);
  [[nodiscard]] Outcome apply_settings(InstanceRecord& record, const std::string& settings, const std::string& author,
                                       const std::string& note, bool dry_run);
  [[nodiscard]] base::Result<std::string, Outcome> settings_text(const InstanceRecord& record,
                                                                 const std::string& settings) const;

  // --- reload ---
  void take_configuration(config::PluginMap instances);
  void reload_running(InstanceRecord& record, const config::PluginConfig& before, std::vector<std::string>& details);

  // --- what takes its time ---
  uint64_t tick();
  void look_for_deciders();
  void advance_leaving();
  void show(Leaving& leaving);
  void finish_leaving(Leaving& leaving);
  void look_after(InstanceRecord& record, uint64_t now_ms);
  void fail_running(InstanceRecord& record, const std::string& why);
  void check_soak(InstanceRecord& record, uint64_t now_ms);
  void soak_back(InstanceRecord& record, const std::string& why);
  void on_breaker(const plugin_bridge::BreakerReport& report);
  void on_hang(const plugin_bridge::HangReport& report, bool over);
  void keep_state();
  void restore_state(const HostState& state);

  [[nodiscard]] BringUpTools bring_up_tools() {
    return {control_, environment_.bridge, environment_.services, environment_.loader, environment_.limits};
  }
  [[nodiscard]] RetirementTools retirement_tools() {
    return {control_, environment_.bridge, environment_.services, environment_.limits, environment_.clock};
  }
  [[nodiscard]] uint64_t now_ms() const { return environment_.clock.steady_ms(); }
  [[nodiscard]] static std::string alarm_name(const std::string& instance) { return "plugin/" + instance; }

  HostEnvironment environment_;
  std::filesystem::path loaded_dir_;
  std::filesystem::path installed_dir_;
  ControlThread control_;
  Conductor conductor_;
  package::SettingsStore store_;
  StateFile state_file_;
  CrashGuard crash_guard_;
  uint32_t next_number_ = 1;
  uint64_t next_generation_ = 1;
  bool authenticator_absent_ = false;
  bool authorizer_absent_ = false;
  bool stopped_ = false;
  HostState state_;                ///< as it stands in the file
  config::PluginMap file_config_;  ///< what the configuration file says, without the operator's changes
  std::vector<std::string> file_enabled_;

  mutable std::mutex mutex_;  // guards what follows against other threads' looks
  config::PluginsConfig plugins_;
  std::map<std::string, InstanceRecord> records_;
  std::list<Leaving> leaving_;
  std::vector<LeavingStatus> zombies_;
  std::vector<package::HookOrder> order_;
};

}  // namespace patchbay::plugin_host
