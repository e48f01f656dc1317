#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "plugin_bridge/bridge.h"
#include "plugin_host/control_thread.h"
#include "plugin_host/instance_services.h"
#include "plugin_host/loaded_plugin.h"
#include "plugin_host/plugin_state.h"
#include "plugin_host/step_limits.h"

namespace patchbay::plugin_host {

/// What a retirement works with. Outlives it.
struct RetirementTools {
  ControlThread& control;
  plugin_bridge::Bridge& bridge;
  InstanceServices& services;
  const StepLimits& limits;
  const base::Clock& clock;
};

/// The way of one loaded plugin out of the process, from the moment that its hooks are unpublished: barrier, drain,
/// stop, destroy, unmap, and the proof that it is unmapped. Each step is begun when what it waits for is true; what
/// cannot be proved ends in a zombie: mapped for ever, and never called again.
class Retirement {
 public:
  /// `started`: start() was called. `drain_ms`: how long open questions, leases and connections are waited for.
  Retirement(RetirementTools tools, std::shared_ptr<LoadedPlugin> plugin, bool started, uint64_t drain_ms);

  /// Does what can be done now; true when it is over. [conductor]
  bool advance();
  /// draining, stopped, unloaded or zombie.
  [[nodiscard]] PluginState state() const { return state_; }
  /// Of a zombie: why. While it lasts: what is waited for.
  [[nodiscard]] std::string reason() const;
  [[nodiscard]] std::vector<std::string> held() const { return held_; }
  /// Of a zombie: how many kinds of things it has not given back, and how many threads of its own run on.
  [[nodiscard]] size_t leaks() const { return held_.size() - threads_.size(); }
  [[nodiscard]] size_t threads_left() const { return threads_.size(); }
  [[nodiscard]] const std::string& instance_name() const { return name_; }
  [[nodiscard]] const std::string& version() const { return version_; }
  /// The package for another load; once, when unloaded.
  [[nodiscard]] package::PluginPackage take_package() { return plugin_->take_package(); }

 private:
  enum class Stage : uint8_t { barrier, drain, quiet, stop, running_out, destroy, memory, close, over };

  /// The step's answer is "go on at once".
  bool step();
  bool pass_barrier();
  bool drain();
  bool wait_until_quiet();
  bool stop();
  bool wait_until_nothing_runs();
  bool destroy();
  bool wait_for_memory();
  bool close();
  bool become_zombie(std::string reason);
  [[nodiscard]] bool late() const { return tools_.clock.steady_ms() >= deadline_ms_; }
  /// What may still run code of the plugin, or use its instance.
  [[nodiscard]] bool anything_runs() const;
  void note_strangers();

  RetirementTools tools_;
  std::shared_ptr<LoadedPlugin> plugin_;
  std::string name_;
  std::string version_;
  bool started_;
  bool slots_asked_ = false;
  Stage stage_ = Stage::barrier;
  PluginState state_ = PluginState::draining;
  uint64_t deadline_ms_;
  std::vector<std::string> held_;
  std::vector<int> threads_;  // of its own; in held_ as well
  std::string reason_;
};

/// Keeps what may never be destroyed, and finds it again for whoever looks for leaks. [any-thread]
void keep_for_ever(std::shared_ptr<LoadedPlugin> plugin);

}  // namespace patchbay::plugin_host
