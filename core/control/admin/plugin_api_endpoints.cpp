// What plugins serve themselves, below their own root.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "admin/error_codes.h"
#include "admin/plugin_json.h"
#include "admin/schema.h"
#include "plugin_services/node_services.h"

namespace patchbay::admin {

namespace {

using plugin_services::RouteRequest;
using plugin_services::RouteResponse;

constexpr uint64_t kAnswerMs = 35'000;  // behind the host's own deadline, which answers for a plugin that doesn't

/// The answer on its way: it may come on any thread, and after nobody waits for it any more.
struct Waiting {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<RouteResponse> response;
};

ApiResponse pass_on(const NodeAccess& node, const ApiRequest& request) {
  RouteRequest passed;
  passed.method = request.method;
  passed.path = "/" + request.path_parameter("path");
  passed.query = request.query_text;
  passed.user = request.caller.name;
  passed.parameters = request.query;
  passed.body = request.body_text;
  const auto waiting = std::make_shared<Waiting>();
  node.plugin_services.handle_request(request.path_parameter("name"), std::move(passed),
                                      [waiting](RouteResponse response) {
                                        const std::lock_guard lock(waiting->mutex);
                                        waiting->response = std::move(response);
                                        waiting->changed.notify_one();
                                      });
  std::unique_lock lock(waiting->mutex);
  if (!waiting->changed.wait_for(lock, std::chrono::milliseconds(kAnswerMs),
                                 [&] { return waiting->response.has_value(); }))
    return ApiResponse::error(503, code::kServiceUnavailable, "the plugin has not answered");
  ApiResponse response;
  response.status = static_cast<int>(waiting->response->http_status);
  response.content_type = std::move(waiting->response->content_type);
  response.body = std::move(waiting->response->body);
  return response;
}

Json schema_of_text(const std::string& text) {
  return text.empty() ? Json() : Json::parse(text, nullptr, false);
}

Route documented_route(const std::string& instance, const plugin_services::RouteDeclaration& declaration) {
  const bool reads = declaration.method == "GET";
  Route route = plugin_route(declaration.method, "/plugins/" + instance + "/api" + declaration.path,
                             reads ? Access::read : Access::write,
                             declaration.summary.empty() ? "Of the plugin." : declaration.summary);
  route.tag = "Plugin " + instance;
  route.passes_on = true;
  route.body_schema = schema_of_text(declaration.request_schema);
  if (!reads && route.body_schema.is_null()) route.body_type = "*/*";
  route.body_required = !route.body_schema.is_null();
  route.responses = {{200, schema_of_text(declaration.response_schema)}};
  return route;
}

}  // namespace

std::vector<Route> plugin_api_routes(const NodeAccess& node) {
  std::vector<Route> routes;
  for (const plugin_services::ServedRoutes& served : node.plugin_services.served_routes()) {
    for (const plugin_services::RouteDeclaration& declaration : served.routes)
      routes.push_back(documented_route(served.instance, declaration));
  }
  return routes;
}

void add_plugin_api_routes(RouteTable& routes, const NodeAccess& node) {
  for (const char* root : {"/plugins/{name}/api/{path*}", "/plugin_api/{name}/{path*}"}) {
    for (const char* method : {"GET", "POST", "PUT", "DELETE"}) {
      const bool reads = std::string_view(method) == "GET";
      Route route = plugin_route(method, root, reads ? Access::read : Access::write, "What the plugin itself serves.");
      route.passes_on = true;
      route.body_type = reads ? "application/json" : "*/*";
      route.responses = {{200, nullptr}};
      route.handler = [&node](const ApiRequest& request) { return pass_on(node, request); };
      routes.add(std::move(route));
    }
  }
}

}  // namespace patchbay::admin
