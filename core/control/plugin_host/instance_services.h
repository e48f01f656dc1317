#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "package/manifest.h"
#include "plugin_bridge/instance.h"

namespace patchbay::plugin_host {

/// What the services behind the host's interfaces have to know of an instance's life. All calls come from the control
/// thread, in this order, and an instance that fails early is only told the later ones that concern it: whoever was
/// attached is stopped. [control]
class InstanceServices {
 public:
  virtual ~InstanceServices() = default;
  /// The instance exists, its code has not run yet.
  virtual void attach(plugin_bridge::Instance& instance, const package::Manifest& manifest) = 0;
  /// The settings that are in force from now on, secrets masked.
  virtual void set_settings(plugin_bridge::Instance& instance, std::string_view masked_json, uint64_t version) = 0;
  /// start() was OK and the hooks are published: what it offers becomes visible.
  virtual void opened(plugin_bridge::Instance& instance) = 0;
  /// Nobody is in its hooks any more: its services are taken away from those who use them.
  virtual void draining(plugin_bridge::Instance& instance) = 0;
  /// stop() is about to be called: threads that it started are asked to end.
  virtual void stopping(plugin_bridge::Instance& instance) = 0;
  /// stop() has returned, or the instance was never started: ends its timers, joins its threads.
  virtual void stopped(plugin_bridge::Instance& instance) = 0;
  /// Kernel ids of the threads that the services run for instances: they are no strangers. [any-thread]
  [[nodiscard]] virtual std::vector<int> thread_ids() const = 0;
};

}  // namespace patchbay::plugin_host
