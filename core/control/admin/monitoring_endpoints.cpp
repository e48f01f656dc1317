// /stats, /metrics, /monitor, /prometheus: the node in numbers.
#include "admin/endpoints.h"
#include "admin/error_codes.h"
#include "admin/node_commands.h"
#include "admin/node_statistics.h"
#include "admin/prometheus_page.h"
#include "admin/schema.h"
#include "metrics/prometheus_text.h"
#include "operations/operations.h"

namespace patchbay::admin {

namespace {

using Collect = std::vector<Statistic> (*)(const NodeAccess& node);

Json statistics_json(const std::vector<Statistic>& statistics) {
  Json json = Json::object();
  for (const Statistic& statistic : statistics) json[statistic.name] = statistic.value;
  return json;
}

/// Of one node, or of each node in a list, as EMQX has it.
ApiResponse answer_statistics(const NodeAccess& node, const ApiRequest& request, Collect collect) {
  const auto wanted = request.query_value("node");
  if (wanted && *wanted != node.node_name && *wanted != "all")
    return ApiResponse::error(404, code::kNotFound, "there is no node " + *wanted);
  Json json = statistics_json(collect(node));
  if (request.query_flag("aggregate", false)) return ApiResponse::json(json);
  json["node"] = node.node_name;
  return ApiResponse::json(Json::array({std::move(json)}));
}

Json sample_json(const operations::MonitorSample& sample) {
  // What this broker does not have (durable storage, validation, transformation) happens never.
  return {{"time_stamp", sample.unix_ms},
          {"connections", sample.connections},
          {"live_connections", sample.live_connections},
          {"sessions", sample.sessions},
          {"topics", sample.topics},
          {"subscriptions", sample.subscriptions},
          {"subscriptions_durable", 0},
          {"disconnected_durable_sessions", 0},
          {"received", sample.received},
          {"sent", sample.sent},
          {"dropped", sample.dropped},
          {"received_bytes", sample.received_bytes},
          {"sent_bytes", sample.sent_bytes},
          {"persisted", 0},
          {"validation_succeeded", 0},
          {"validation_failed", 0},
          {"transformation_succeeded", 0},
          {"transformation_failed", 0}};
}

Json current_json(const NodeAccess& node) {
  const operations::MonitorSample now = node.operations.monitor().now();
  const operations::Monitor::Rates rates = node.operations.monitor().rates();
  return {{"connections", now.connections},
          {"live_connections", now.live_connections},
          {"cluster_sessions", now.sessions},
          {"disconnected_durable_sessions", 0},
          {"topics", now.topics},
          {"subscriptions", now.subscriptions},
          {"subscriptions_ram", now.subscriptions},
          {"subscriptions_durable", 0},
          {"shared_subscriptions", now.shared_subscriptions},
          {"retained_msg_count", now.retained},
          {"received_msg_rate", rates.received},
          {"sent_msg_rate", rates.sent},
          {"dropped_msg_rate", rates.dropped},
          {"received_bytes_rate", rates.received_bytes},
          {"sent_bytes_rate", rates.sent_bytes},
          {"persisted_rate", 0},
          {"validation_succeeded_rate", 0},
          {"validation_failed_rate", 0},
          {"transformation_succeeded_rate", 0},
          {"transformation_failed_rate", 0}};
}

ApiResponse list_samples(const NodeAccess& node, const ApiRequest& request) {
  Json list = Json::array();
  const uint64_t latest_ms = request.query_number("latest").value_or(0) * 1000;
  for (const operations::MonitorSample& sample : node.operations.monitor().samples(latest_ms))
    list.push_back(sample_json(sample));
  return ApiResponse::json(list);
}

/// The handler for /…/nodes/{node}: the same as without, where the name is this node's.
std::function<ApiResponse(const ApiRequest&)> for_this_node(const NodeAccess& node,
                                                            std::function<ApiResponse(const ApiRequest&)> handler) {
  return [&node, handler = std::move(handler)](const ApiRequest& request) {
    const std::string& wanted = request.path_parameter("node");
    if (wanted == node.node_name) return handler(request);
    return ApiResponse::error(404, code::kNotFound, "there is no node " + wanted);
  };
}

Route monitoring_route(std::string path, std::string tag, std::string summary, Json answer) {
  Route route;
  route.method = "GET";
  route.path = std::move(path);
  route.tag = std::move(tag);
  route.scope = "monitoring";
  route.access = Access::read;
  route.summary = std::move(summary);
  route.responses = {{200, std::move(answer)}};
  return route;
}

void add_statistics_routes(RouteTable& routes, const NodeAccess& node, const std::string& name,
                           const std::string& summary, Collect collect) {
  Route all =
      monitoring_route("/" + name, "Metrics", summary,
                       schema::anything("A list with an object for each node; one object with aggregate=true."));
  all.query = {{"aggregate", schema::with_default(schema::boolean(), false), "One object for all nodes together."},
               {"node", schema::string(), "Of this node only."}};
  all.handler = [&node, collect](const ApiRequest& request) { return answer_statistics(node, request, collect); };
  routes.add(std::move(all));

  Route one = monitoring_route("/nodes/{node}/" + name, "Nodes", summary, schema::open_object());
  one.handler = for_this_node(
      node, [&node, collect](const ApiRequest&) { return ApiResponse::json(statistics_json(collect(node))); });
  routes.add(std::move(one));
}

void add_history_routes(RouteTable& routes, const NodeAccess& node) {
  const std::vector<QueryParameter> latest = {
      {"latest", schema::integer(1, 7 * 86'400), "Only the last seconds; all that is kept when it is left out."}};
  const auto samples = [&node](const ApiRequest& request) { return list_samples(node, request); };
  Route history = monitoring_route("/monitor", "Monitor", "A sample every 10 s for an hour, every 5 min for a day.",
                                   schema::array(schema::open_object()));
  history.query = latest;
  history.handler = samples;
  routes.add(std::move(history));

  Route of_node = monitoring_route("/monitor/nodes/{node}", "Monitor", "The samples of one node.",
                                   schema::array(schema::open_object()));
  of_node.query = latest;
  of_node.handler = for_this_node(node, samples);
  routes.add(std::move(of_node));

  Route clear = monitoring_route("/monitor", "Monitor", "Forgets the samples.", nullptr);
  clear.method = "DELETE";
  clear.access = Access::write;
  clear.responses = {{204, nullptr}};
  clear.handler = [&node](const ApiRequest&) {
    node.operations.monitor().clear();
    return ApiResponse::no_content();
  };
  routes.add(std::move(clear));
}

void add_current_routes(RouteTable& routes, const NodeAccess& node) {
  Route current = monitoring_route("/monitor_current", "Monitor", "How many there are and how much happens now.",
                                   schema::open_object());
  current.handler = [&node](const ApiRequest&) { return ApiResponse::json(current_json(node)); };
  routes.add(std::move(current));

  Route of_node =
      monitoring_route("/monitor_current/nodes/{node}", "Monitor", "The same of one node.", schema::open_object());
  of_node.handler = for_this_node(node, [&node](const ApiRequest&) {
    Json json = current_json(node);
    json["node_uptime"] = node_info(node).uptime_ms / 1000;
    return ApiResponse::json(json);
  });
  routes.add(std::move(of_node));
}

Json prometheus_settings(const config::Config& config) {
  return {{"enable_basic_auth", config.prometheus.enable_basic_auth}};
}

ApiResponse put_prometheus_settings(const NodeAccess& node, const ApiRequest& request) {
  const bool needed = request.body.at("enable_basic_auth").get<bool>();
  const auto outcome = node.commands.change_configuration(
      [needed](config::Config& config) { config.prometheus.enable_basic_auth = needed; }, request.caller.name);
  if (!outcome) return ApiResponse::error(400, code::kUpdateFailed, outcome.error().front());
  return ApiResponse::json(prometheus_settings(node.commands.configuration()));
}

void add_prometheus_routes(RouteTable& routes, const NodeAccess& node) {
  const Json settings = schema::object({{"enable_basic_auth", schema::boolean()}}, {"enable_basic_auth"});
  Route get = monitoring_route("/prometheus", "Monitor", "Whether scrapers must log in.", settings);
  get.handler = [&node](const ApiRequest&) {
    return ApiResponse::json(prometheus_settings(node.commands.configuration()));
  };
  routes.add(std::move(get));

  Route put = monitoring_route("/prometheus", "Monitor", "Whether they must from now on.", settings);
  put.method = "PUT";
  put.scope = "system";
  put.access = Access::write;
  put.body_schema = settings;
  put.handler = [&node](const ApiRequest& request) { return put_prometheus_settings(node, request); };
  routes.add(std::move(put));

  Route page = monitoring_route("/prometheus/stats", "Monitor", "All metrics in Prometheus's text format.", nullptr);
  page.query = {
      {"mode",
       schema::with_default(schema::one_of_words({"node", "all_nodes_aggregated", "all_nodes_unaggregated"}), "node"),
       "There is one node: all are the same."}};
  page.open_when = [&node] { return !node.commands.configuration().prometheus.enable_basic_auth; };
  page.handler = [&node](const ApiRequest&) {
    return ApiResponse::text(prometheus_page(node), metrics::kPrometheusContentType);
  };
  routes.add(std::move(page));
}

}  // namespace

void add_monitoring_routes(RouteTable& routes, const NodeAccess& node) {
  add_statistics_routes(routes, node, "stats", "How many there are, and the most there were.", &node_stats);
  add_statistics_routes(routes, node, "metrics", "What has happened since the start.", &node_counters);
  add_history_routes(routes, node);
  add_current_routes(routes, node);
  add_prometheus_routes(routes, node);
}

}  // namespace patchbay::admin
