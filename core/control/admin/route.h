#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "admin/api_request.h"
#include "admin/api_response.h"
#include "admin/http_handler.h"
#include "admin/json.h"
#include "package/compiled_schema.h"

namespace patchbay::admin {

/// Who may use a route.
enum class Access : uint8_t {
  open,        ///< anybody, without authentication: /login, /status
  read,        ///< viewers and above
  own,         ///< every user of the dashboard, for what is theirs: /logout, their own password; no API keys
  publish,     ///< publishers and administrators
  write,       ///< administrators
  users_only,  ///< administrators, but no API keys: users, keys
};

/// A parameter in the query. Path parameters are found in the route's path and are strings.
struct QueryParameter {
  std::string name;
  Json schema;  ///< JSON Schema of its value: {"type": "integer", "minimum": 1}
  std::string description;
  bool repeatable = false;
  bool required = false;
  package::CompiledSchema check = {};  ///< of `schema`; RouteTable::add() makes it
};

/// One operation: what serves it, what the OpenAPI document says of it, and what requests are checked against. All
/// three are this one object.
struct Route {
  std::string method;  ///< "GET", "POST", "PUT", "DELETE"
  std::string path;    ///< below /api/v5: "/clients/{clientid}/subscribe"
  std::string tag;     ///< the group that it is shown in: "Clients"
  std::string
      scope;  ///< of API keys: connections, publish, access_control, gateways, monitoring, plugins, system, audit
  Access access = Access::read;
  std::string summary;
  std::vector<QueryParameter> query = {};
  Json body_schema = nullptr;                  ///< JSON Schema; null: no body
  bool body_required = true;                   ///< where there is a schema
  std::string body_type = "application/json";  ///< or "multipart/form-data", "text/plain": then the handler reads it
  std::map<int, Json> responses = {};  ///< schema for each status; null: no body. Errors that all have are added
  std::function<ApiResponse(const ApiRequest&)> handler;
  std::map<std::string, Json> path_schemas = {};  ///< of path parameters that are more than a string
  bool passes_on = false;                         ///< a plugin serves it: query and body are not ours to check
  std::function<bool()> open_when = {};           ///< asked for each request: anybody may, as with Access::open
  bool prompt = false;                            ///< the handler waits for nobody: any thread may run it
  /// Beside the handler, where that waits for a shard: begins, and is told of the end; waits for nobody.
  std::function<Begun(const ApiRequest&, AnswerLater)> begin = {};
  package::CompiledSchema body_check = {};                          ///< of `body_schema`; RouteTable::add() makes it
  std::map<std::string, package::CompiledSchema> path_checks = {};  ///< of `path_schemas`, likewise
};

/// All routes, in the order of the document. Filled before the server starts, constant afterwards. [any-thread]
class RouteTable {
 public:
  enum class Found : uint8_t { route, other_method, nothing };

  /// Two routes of one method and path are a mistake of ours (asserted). [control]
  void add(Route route);
  /// Finds the route of a path as it was sent, percent-encoded; fills `path_parameters`, decoded. `allowed` gets the
  /// methods of the path where the route is none of them, for 405. A parameter "{name*}" at the end of a route takes
  /// all that follows.
  Found find(std::string_view method, std::string_view path, const Route*& route,
             std::map<std::string, std::string, std::less<>>& path_parameters, std::vector<std::string>& allowed) const;
  /// Whether the path, as it was sent, is that of a route that need not wait.
  [[nodiscard]] bool is_prompt(std::string_view method, std::string_view path) const;
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  [[nodiscard]] const Route* find_fixed(std::string_view method, std::string_view path) const;

  std::vector<Route> routes_;
  std::vector<std::vector<std::string>> patterns_;  ///< the parts of each route's path
  /// Routes without parameters, by their path: no other of the same method has a stronger claim to it.
  std::map<std::string, std::vector<size_t>, std::less<>> fixed_;
};

}  // namespace patchbay::admin
