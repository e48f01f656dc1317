#pragma once

#include <cstddef>

#include "plugin_bridge/instance.h"
#include "plugin_services/admin_service.h"
#include "plugin_services/alarm_service.h"
#include "plugin_services/client_service.h"
#include "plugin_services/fd_service.h"
#include "plugin_services/job_service.h"
#include "plugin_services/kv_service.h"
#include "plugin_services/metric_service.h"
#include "plugin_services/publish_service.h"
#include "plugin_services/query_answers.h"
#include "plugin_services/retained_service.h"
#include "plugin_services/route_service.h"
#include "plugin_services/service_account.h"
#include "plugin_services/service_declarations.h"
#include "plugin_services/service_directory.h"
#include "plugin_services/service_environment.h"
#include "plugin_services/settings_service.h"
#include "plugin_services/subscription_service.h"
#include "plugin_services/thread_service.h"
#include "plugin_services/timer_service.h"
#include "plugin_services/transport_service.h"

namespace patchbay::plugin_services {

/// All services of one instance. Made before its code runs, destroyed with it; see NodeServices for its end.
class ServiceSet final : public plugin_bridge::InstanceExtension {
 public:
  ServiceSet(plugin_bridge::Instance& instance, const ServiceEnvironment& environment,
             ServiceDeclarations declarations);
  ServiceSet(const ServiceSet&) = delete;
  ServiceSet& operator=(const ServiceSet&) = delete;

  /// Where Instance keeps it.
  [[nodiscard]] static size_t key();
  /// Null: the instance has no services.
  [[nodiscard]] static ServiceSet* of(const plugin_bridge::Instance& instance) {
    return static_cast<ServiceSet*>(instance.extension(key()));
  }

  [[nodiscard]] plugin_bridge::Instance& instance() { return instance_; }
  [[nodiscard]] ServiceAccount& account() { return account_; }
  [[nodiscard]] AdminService& admin() { return admin_; }
  [[nodiscard]] AlarmService& alarms() { return alarms_; }
  [[nodiscard]] ClientService& clients() { return clients_; }
  [[nodiscard]] FdService& descriptors() { return descriptors_; }
  [[nodiscard]] JobService& jobs() { return jobs_; }
  [[nodiscard]] KvService& kv() { return kv_; }
  [[nodiscard]] MetricService& metrics() { return metrics_; }
  [[nodiscard]] const MetricStore& metric_store() const { return metrics_.store(); }
  [[nodiscard]] PublishService& publishing() { return publishing_; }
  [[nodiscard]] RegistryService& registry() { return registry_; }
  [[nodiscard]] RetainedService& retained() { return retained_; }
  [[nodiscard]] RouteService& routes() { return routes_; }
  [[nodiscard]] SecretService& secrets() { return secrets_; }
  [[nodiscard]] SettingsService& settings() { return settings_; }
  [[nodiscard]] TransportService& streams() { return streams_; }
  [[nodiscard]] SubscriptionService& subscriptions() { return subscriptions_; }
  [[nodiscard]] ThreadService& threads() { return threads_; }
  [[nodiscard]] TimerService& timers() { return timers_; }

  /// Timers, watches, streams and subscriptions of this shard end; it calls nothing of the instance any more. [shard]
  void stop_on_shard();
  /// Whether nothing is under way any more between shards and workers. [control]
  [[nodiscard]] bool at_rest() const;

 private:
  plugin_bridge::Instance& instance_;
  ServiceAccount account_;
  QueryAnswers answers_;
  AdminService admin_;
  AlarmService alarms_;
  ClientService clients_;
  FdService descriptors_;
  JobService jobs_;
  KvService kv_;
  MetricService metrics_;
  PublishService publishing_;
  RegistryService registry_;
  RetainedService retained_;
  RouteService routes_;
  SecretService secrets_;
  SettingsService settings_;
  TransportService streams_;
  SubscriptionService subscriptions_;
  ThreadService threads_;
  TimerService timers_;
};

/// The services of the instance whose table this is. [any-thread]
[[nodiscard]] inline ServiceSet& services_of(const patchbay_host* host) {
  return *ServiceSet::of(plugin_bridge::Instance::of(host));
}

}  // namespace patchbay::plugin_services
