#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/plugin_config.h"
#include "hooks/hook_points.h"
#include "package/hook_order.h"
#include "package/settings_store.h"
#include "plugin_host/host_environment.h"
#include "plugin_host/host_status.h"

namespace patchbay::plugin_host {

class HostCore;

/// Loads, orders, configures, upgrades and unloads plugins while clients stay connected. All operations are taken in
/// order, one at a time, by a thread of the host; they return at once, and `done` is told of the end. [any-thread]
/// unless marked.
class PluginHost {
 public:
  PluginHost(HostEnvironment environment, config::PluginsConfig plugins, config::PluginMap instances);
  /// stop()
  ~PluginHost();
  PluginHost(const PluginHost&) = delete;
  PluginHost& operator=(const PluginHost&) = delete;

  /// What is wrong with the configuration of plugins, as far as no file has to be read: a line each.
  [[nodiscard]] static std::vector<std::string> problems(const config::PluginsConfig& plugins,
                                                         const config::PluginMap& instances);

  /// Starts what is enabled, and waits for it. What fails is left out, with an alarm; the error is a sentence about one
  /// whose `boot` is "required". [control]
  [[nodiscard]] base::Result<bool, std::string> boot();
  /// Stops all instances in order, users before providers, and waits; then nothing of the host runs any more.
  /// Idempotent. [control]
  void stop();

  /// Does what a changed configuration says: enables, disables, reconfigures, reorders, and upgrades to files whose
  /// content has changed. `done` gets a detail for each thing that was done or refused.
  void reload(config::PluginsConfig plugins, config::PluginMap instances, Done done);

  /// Takes a file into the host's own folder, checked and nothing of it run; the outcome's sentence is its path there.
  /// As the file of an instance where the request names one; of one that runs, the file has to be given to upgrade().
  void install(InstallRequest request, Done done);
  /// Forgets an instance that doesn't run, and deletes its file where it lies in the host's own folder and nobody else
  /// has it. Its settings are kept. Not of one that the configuration file names.
  void forget(std::string instance, Done done);
  /// Starts an instance that is not running; `config` null: what is known of it.
  void enable(std::string instance, std::optional<config::PluginConfig> config, Done done);
  /// Takes an instance out of service; done when it is unmapped, or can never be.
  void disable(std::string instance, Done done);
  /// Runs a new version beside the old one, swaps all hooks in one step, lets the old one go, and goes back to it when
  /// the new one does badly within the soak time. `file` "": the same file again.
  void upgrade(std::string instance, std::filesystem::path file, std::string sha256, Done done);

  void configure(std::string instance, SettingsRequest request, Done done);
  /// Settings of all versions but their text, newest first. [control], reads files
  [[nodiscard]] std::vector<package::SettingsVersion> versions(const std::string& instance) const;
  void roll_back(std::string instance, uint64_t version, std::string author, Done done);

  /// "front", "rear", "before:x", "after:x", or "" for what the manifests say.
  void reorder(std::string instance, std::string position, Done done);
  /// The explicit order of one hook; an empty list takes it back.
  void order_hook(std::string hook, std::vector<std::string> instances, Done done);
  /// The operator's word on a breaker; `hook` "": all of the instance. Closing ends a quarantine.
  void force_breaker(std::string instance, std::string hook, bool open, Done done);

  [[nodiscard]] std::vector<InstanceStatus> list() const;
  [[nodiscard]] std::optional<InstanceStatus> status(const std::string& instance) const;
  /// JSON Schema of an instance's settings; nothing: there is no such instance, or its file has not been looked at.
  [[nodiscard]] std::optional<std::string> settings_schema(const std::string& instance) const;
  /// Versions that are on their way out, and zombies.
  [[nodiscard]] std::vector<LeavingStatus> leaving() const;
  /// The order of every hook that somebody listens to, with the reason for each place.
  [[nodiscard]] std::vector<package::HookOrder> order() const;
  /// Whether anybody listens to the hook of that name.
  [[nodiscard]] bool listens(std::string_view hook) const;
  [[nodiscard]] std::vector<DependencyEdge> dependencies() const;
  /// The threads of workers and plugins, and what they get of the processors. Lives as long as the bridge.
  [[nodiscard]] const plugin_bridge::BackgroundThreads& background_threads() const;

  /// Tells the observers of a control hook, on the control thread, soon.
  void tell(hooks::HookId hook, ControlNews news);
  /// Asks acl.admin or admin.before on the control thread; `answer` gets the decision there.
  void ask(hooks::HookId hook, AdminQuestion question, std::function<void(bool)> answer);
  /// Runs something on the control thread, behind what waits there: for services that tell plugins. `instance` is
  /// whose code it calls.
  void on_control(std::string instance, std::string what, std::function<void()> work);
  [[nodiscard]] bool is_control_thread() const;

 private:
  std::shared_ptr<HostCore> core_;
};

/// Starts an operation and waits for its end: wait_for([&](Done done) { host.disable("a", done); }). Not from a thread
/// of the host.
[[nodiscard]] Outcome wait_for(const std::function<void(Done)>& start);

}  // namespace patchbay::plugin_host
