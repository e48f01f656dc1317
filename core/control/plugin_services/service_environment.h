#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.h"
#include "plugin_bridge/call_place.h"
#include "plugin_bridge/held.h"
#include "plugin_bridge/worker_pool.h"
#include "plugin_services/admin_service.h"
#include "plugin_services/alarm_service.h"
#include "plugin_services/kv_store.h"
#include "plugin_services/service_directory.h"
#include "plugin_services/service_limits.h"
#include "plugin_services/service_shards.h"
#include "plugin_services/settings_service.h"

namespace patchbay::plugin_services {

/// What the services of all instances of a node are built on. Everything outlives them.
struct ServiceEnvironment {
  const base::Clock& clock;
  const ServiceShards& shards;
  plugin_bridge::WorkerPool& workers;
  plugin_bridge::CallPlaces& places;
  plugin_bridge::HeldCounters& node_account;  ///< for jobs that belong to no instance
  const ServiceLimits& limits;
  KvDirectory& kv;
  ServiceDirectory& directory;
  AlarmBoard& alarms;
  SecretResolver& secrets;
  InstanceAdministration& administration;
};

}  // namespace patchbay::plugin_services
