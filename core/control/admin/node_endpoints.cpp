#include "admin/node_endpoints.h"

#include "admin/error_codes.h"
#include "admin/node_statistics.h"
#include "admin/schema.h"
#include "admin/system_facts.h"

namespace patchbay::admin {

namespace {

Route node_route(const char* path, const char* tag, const char* scope, const char* summary) {
  Route route;
  route.method = "GET";
  route.path = path;
  route.tag = tag;
  route.scope = scope;
  route.summary = summary;
  return route;
}

uint64_t statistic(const std::vector<Statistic>& all, std::string_view name) {
  for (const Statistic& one : all) {
    if (one.name == name) return one.value;
  }
  return 0;
}

Json node_json(const NodeAccess& node) {
  const SystemFacts facts = system_facts();
  const std::vector<Statistic> stats = node_stats(node);
  return {{"node", node.node_name},
          {"node_status", "running"},
          {"version", node.version},
          {"edition", "Opensource"},
          {"role", "core"},
          {"otp_release", "none"},
          {"uptime", node.clock.unix_ms() - node.started_unix_ms},
          {"connections", statistic(stats, "connections.count")},
          {"live_connections", statistic(stats, "live_connections.count")},
          {"cluster_sessions", statistic(stats, "sessions.count")},
          {"load1", facts.load1},
          {"load5", facts.load5},
          {"load15", facts.load15},
          {"max_fds", facts.max_fds},
          {"memory_total", memory_text(facts.memory_total_bytes)},
          {"memory_used", memory_text(facts.memory_used_bytes)},
          {"process_available", node.shards.count()},
          {"process_used", facts.threads},
          {"sys_path", node.data_dir},
          {"log_path", ""}};
}

Json node_schema() {
  constexpr uint64_t kMost = UINT64_MAX;
  return schema::object({{"node", schema::string()},
                         {"node_status", schema::one_of_words({"running", "stopped"})},
                         {"version", schema::string()},
                         {"edition", schema::string()},
                         {"role", schema::string()},
                         {"otp_release", schema::string("there is no OTP here: \"none\"")},
                         {"uptime", schema::integer(0, kMost, "ms")},
                         {"connections", schema::integer(0, kMost)},
                         {"live_connections", schema::integer(0, kMost)},
                         {"cluster_sessions", schema::integer(0, kMost)},
                         {"load1", schema::number()},
                         {"load5", schema::number()},
                         {"load15", schema::number()},
                         {"max_fds", schema::integer(0, kMost)},
                         {"memory_total", schema::string("of the machine: \"7.63G\"")},
                         {"memory_used", schema::string("of this process")},
                         {"process_available", schema::integer(0, kMost, "shards")},
                         {"process_used", schema::integer(0, kMost, "threads of this process")},
                         {"sys_path", schema::string("where the node keeps its data")},
                         {"log_path", schema::string()}});
}

ApiResponse status_answer(const NodeAccess& node, const ApiRequest& request) {
  if (request.query_value("format").value_or("text") == "json") {
    return ApiResponse::json({{"node_name", node.node_name},
                              {"rel_vsn", node.version},
                              {"broker_status", "started"},
                              {"app_status", "running"}});
  }
  return ApiResponse::text("Node " + node.node_name + " is started\nemqx is running");
}

Json code_json(const ErrorCode& one) {
  return {{"code", one.code}, {"description", one.description}};
}

void add_error_code_routes(RouteTable& routes) {
  const Json item = schema::object({{"code", schema::string()}, {"description", schema::string()}});
  Route list = node_route("/error_codes", "Error codes", "system", "All codes of errors.");
  list.responses[200] = schema::array(item);
  list.handler = [](const ApiRequest&) {
    Json codes = Json::array();
    for (const ErrorCode& one : error_codes()) codes.push_back(code_json(one));
    return ApiResponse::json(codes);
  };
  routes.add(std::move(list));

  Route one = node_route("/error_codes/{code}", "Error codes", "system", "What a code of an error means.");
  one.responses[200] = item;
  one.handler = [](const ApiRequest& request) {
    for (const ErrorCode& known : error_codes()) {
      if (known.code == request.path_parameter("code")) return ApiResponse::json(code_json(known));
    }
    return ApiResponse::error(404, code::kNotFound, "there is no error code of that name");
  };
  routes.add(std::move(one));
}

}  // namespace

Route status_route(const NodeAccess& node) {
  Route one = node_route("/status", "Status", "monitoring", "Whether the node runs; 200 as long as it can answer.");
  one.access = Access::open;
  one.prompt = true;
  one.query = {
      {"format", schema::with_default(schema::one_of_words({"text", "json"}), "text"), "The form of the answer."}};
  one.responses[200] = schema::object({{"node_name", schema::string()},
                                       {"rel_vsn", schema::string()},
                                       {"broker_status", schema::string()},
                                       {"app_status", schema::string()}});
  one.handler = [&node](const ApiRequest& request) { return status_answer(node, request); };
  return one;
}

void add_node_routes(RouteTable& routes, const NodeAccess& node) {
  routes.add(status_route(node));

  Route list = node_route("/nodes", "Nodes", "monitoring", "The nodes of the cluster: this one.");
  list.responses[200] = schema::array(node_schema());
  list.handler = [&node](const ApiRequest&) { return ApiResponse::json(Json::array({node_json(node)})); };
  routes.add(std::move(list));

  Route one = node_route("/nodes/{node}", "Nodes", "monitoring", "One node.");
  one.responses[200] = node_schema();
  one.handler = [&node](const ApiRequest& request) {
    if (request.path_parameter("node") != node.node_name)
      return ApiResponse::error(404, code::kNotFound, "there is no node of that name, this one is " + node.node_name);
    return ApiResponse::json(node_json(node));
  };
  routes.add(std::move(one));

  add_error_code_routes(routes);
}

}  // namespace patchbay::admin
