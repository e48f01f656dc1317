#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "patchbay/routes.h"
#include "plugin_bridge/worker_pool.h"
#include "plugin_services/service_account.h"

namespace patchbay::plugin_services {

/// One route as the manifest declares it.
struct RouteDeclaration {
  std::string method;  ///< "GET"
  std::string path;    ///< below the instance's root: "/queues/{name}"
  std::string summary = {};
  std::string request_schema = {};   ///< of the body, JSON text; "": not told
  std::string response_schema = {};  ///< of the answer
};

/// A request that the REST server has authenticated and authorized.
struct RouteRequest {
  std::string method;
  std::string path;   ///< below the instance's root, decoded
  std::string query;  ///< as sent
  std::string user;
  std::vector<std::pair<std::string, std::string>> parameters;  ///< of the query, decoded
  std::string body;
};

struct RouteResponse {
  uint32_t http_status = 0;
  std::string content_type;
  std::string body;
};

/// Called exactly once, on any thread, perhaps before handle() has returned.
using RouteAnswer = std::function<void(RouteResponse)>;

/// A response of the host itself: {"code": ..., "message": ...}.
[[nodiscard]] RouteResponse error_response(uint32_t http_status, std::string_view code, std::string_view message);

/// patchbay.routes/1 for one instance: the routes that it serves, and the requests that it has not answered yet.
class RouteService {
 public:
  /// `declared`: the manifest's. `node` is the account for what must happen also when the instance hangs.
  RouteService(ServiceAccount& account, plugin_bridge::WorkerPool& workers, plugin_bridge::HeldCounters& node,
               const base::Clock& clock, std::vector<RouteDeclaration> declared);
  RouteService(const RouteService&) = delete;
  RouteService& operator=(const RouteService&) = delete;
  ~RouteService();

  /// Inside start() only. [control]
  patchbay_status add(std::string_view method, std::string_view path, patchbay_route_fn function, void* self);
  /// [any-thread]
  patchbay_status respond(uint64_t request, uint32_t http_status, std::string_view content_type, std::string_view body);

  /// Hands a request to the plugin, on a worker. 404 and 405 where no route matches; 503 when it drains, has too many
  /// open, or has not answered by the deadline; 500 when it throws. [any-thread]
  void handle(RouteRequest request, RouteAnswer answer);

  /// Those of the manifest that are served. [any-thread]
  [[nodiscard]] std::vector<RouteDeclaration> served() const;

  /// Answers what is open with 503 and serves nothing any more. [control]
  void close();
  [[nodiscard]] size_t pending() const;

 private:
  struct Route {
    RouteDeclaration declaration;
    patchbay_route_fn function = nullptr;
    void* self = nullptr;
  };
  class Pending;

  [[nodiscard]] const Route* match(RouteRequest& request, bool& path_known) const;
  void call(const Route& route, const RouteRequest& request, uint64_t id);
  [[nodiscard]] bool post(const Route& route, RouteRequest request, uint64_t id);

  ServiceAccount& account_;
  plugin_bridge::WorkerPool& workers_;
  plugin_bridge::HeldCounters& node_;
  const base::Clock& clock_;
  const std::vector<RouteDeclaration> declared_;
  mutable std::mutex routes_mutex_;  // guards routes_, which never move
  std::vector<std::unique_ptr<Route>> routes_;
  /// Shared with the jobs that wait for deadlines, which may outlive this.
  std::shared_ptr<Pending> pending_;
};

}  // namespace patchbay::plugin_services
