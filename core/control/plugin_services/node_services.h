#pragma once

#include <cstdint>
#include <functional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/metric_family.h"
#include "plugin_bridge/interface_directory.h"
#include "plugin_services/service_declarations.h"
#include "plugin_services/service_environment.h"
#include "plugin_services/service_set.h"

namespace patchbay::plugin_services {

/// The routes that an instance serves.
struct ServedRoutes {
  std::string instance;
  std::vector<RouteDeclaration> routes;
};

/// Runs `work` on every shard and waits until all have; false: not within `limit_ms`, it will still run on the others.
/// Not from a shard.
using OnEachShard = std::function<bool(const std::function<void()>& work, uint64_t limit_ms)>;

/// The services of all instances of this node: the plugin host tells of their lives, the REST server and the metrics
/// page ask. Outlives the instances.
class NodeServices {
 public:
  /// `on_each_shard` empty: by mail to the shards' threads.
  explicit NodeServices(const ServiceEnvironment& environment, OnEachShard on_each_shard = {});
  NodeServices(const NodeServices&) = delete;
  NodeServices& operator=(const NodeServices&) = delete;

  /// Enters all interfaces that every instance can have. [control]
  static void offer_interfaces(plugin_bridge::InterfaceDirectory& directory);

  // An instance's life, in this order. [control]
  /// Before its code runs.
  void attach(plugin_bridge::Instance& instance, ServiceDeclarations declarations);
  void set_settings(plugin_bridge::Instance& instance, std::string masked_json, uint64_t version);
  /// start() was OK: what it provides can be had, its routes are served.
  void opened(plugin_bridge::Instance& instance);
  /// It is to go: no requests any more; the users of its services are asked for their leases.
  void draining(plugin_bridge::Instance& instance);
  /// Waits for those leases. False: some are still out.
  [[nodiscard]] bool wait_for_leases(plugin_bridge::Instance& instance, uint64_t limit_ms);
  /// Its threads are asked to stop; just before stop().
  void stopping(plugin_bridge::Instance& instance);
  /// stop() has returned and the gate is closed: ends all that is left and waits for it. True: no shard, worker or
  /// thread of the host runs or will run code of the instance. False: not within `limit_ms`; may be asked again.
  [[nodiscard]] bool stopped(plugin_bridge::Instance& instance, uint64_t limit_ms);

  /// A request below {api}/plugins/{instance}/api/; 404 where there is no such instance. The answer may come from
  /// within this call, and must not call this object. [any-thread]
  void handle_request(std::string_view instance, RouteRequest request, RouteAnswer answer);
  /// What is served below those roots now, by instance. [any-thread]
  [[nodiscard]] std::vector<ServedRoutes> served_routes() const;
  /// The metrics that instances have declared, and how often limits have refused them something; of two versions of one
  /// instance the newer one's. [any-thread]
  [[nodiscard]] std::vector<metrics::MetricFamily> metric_families() const;
  /// Kernel ids of the threads that run for instances. [any-thread]
  [[nodiscard]] std::vector<int> thread_ids() const;
  [[nodiscard]] ServiceDirectory& directory() { return environment_.directory; }

 private:
  [[nodiscard]] bool on_each_shard(const std::function<void()>& work, uint64_t limit_ms);
  void withdraw_from_requests(ServiceSet& services);

  const ServiceEnvironment environment_;
  const OnEachShard on_each_shard_;
  /// Guards what follows; held shared for the length of a request's hand-over and of a metrics page, so that no set is
  /// destroyed meanwhile.
  mutable std::shared_mutex mutex_;
  std::vector<ServiceSet*> sets_;     ///< all
  std::vector<ServiceSet*> serving_;  ///< those that get requests
};

}  // namespace patchbay::plugin_services
