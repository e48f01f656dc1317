#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "alarms/alarms.h"
#include "package/secret_source.h"
#include "plugin_host/instance_services.h"
#include "plugin_host/plugin_host.h"
#include "plugin_protocols/node_protocols.h"
#include "plugin_services/node_services.h"

namespace patchbay::broker {

/// Tells the services behind the host's interfaces of the lives that the plugin host leads.
class InstanceServiceAdapter final : public plugin_host::InstanceServices {
 public:
  /// Both must outlive this.
  InstanceServiceAdapter(plugin_services::NodeServices& services, plugin_protocols::NodeProtocols& protocols)
      : services_(services), protocols_(protocols) {}

  void attach(plugin_bridge::Instance& instance, const package::Manifest& manifest) override;
  void set_settings(plugin_bridge::Instance& instance, std::string_view masked_json, uint64_t version) override;
  void opened(plugin_bridge::Instance& instance) override;
  void draining(plugin_bridge::Instance& instance) override;
  void stopping(plugin_bridge::Instance& instance) override;
  void stopped(plugin_bridge::Instance& instance) override;
  [[nodiscard]] std::vector<int> thread_ids() const override;

 private:
  static constexpr uint64_t kStopMs = 5'000;
  static constexpr uint64_t kConnectionsMs = 2'000;  ///< more than a connection has to say goodbye

  plugin_services::NodeServices& services_;
  plugin_protocols::NodeProtocols& protocols_;
};

/// The node's alarms, as instances raise them.
class InstanceAlarms final : public plugin_services::AlarmBoard {
 public:
  explicit InstanceAlarms(alarms::Alarms& alarms) : alarms_(alarms) {}
  bool raise(const plugin_bridge::InstanceFacts& instance, std::string_view name, std::string_view text) override;
  void clear(const plugin_bridge::InstanceFacts& instance, std::string_view name) override;

 private:
  alarms::Alarms& alarms_;
};

/// Secrets that plugins ask for by reference.
class InstanceSecrets final : public plugin_services::SecretResolver {
 public:
  patchbay_status resolve(std::string_view reference, std::string& value) override;

 private:
  package::SecretSources sources_;
};

/// The plugin host, for plugins that may start and stop others.
class HostAdministration final : public plugin_services::InstanceAdministration {
 public:
  /// `host` is asked when it is needed: it is made later than this.
  explicit HostAdministration(std::function<plugin_host::PluginHost&()> host) : host_(std::move(host)) {}
  void list(const Visit& visit) override;
  [[nodiscard]] bool knows(std::string_view instance) const override;
  void request_start(std::string_view author, std::string_view instance) override;
  void request_stop(std::string_view author, std::string_view instance) override;

 private:
  std::function<plugin_host::PluginHost&()> host_;
};

}  // namespace patchbay::broker
