// /mqtt/topic_metrics: counters for topics that an operator has registered.
#include "admin/endpoints.h"
#include "admin/error_codes.h"
#include "admin/schema.h"
#include "base/utc_time.h"
#include "operations/operations.h"

namespace patchbay::admin {

namespace {

using operations::TopicMetrics;

Json topic_metrics_json(const TopicMetrics::Report& report) {
  Json metrics = Json::object();
  for (size_t i = 0; i < operations::kTopicCounterCount; ++i) {
    const std::string name(operations::topic_counter_name(static_cast<operations::TopicCounter>(i)));
    metrics[name + ".count"] = report.counts[i];
    metrics[name + ".rate"] = report.rates[i];
  }
  Json json = {{"topic", report.topic},
               {"create_time", base::utc_time_text(report.created_unix_ms)},
               {"metrics", std::move(metrics)}};
  if (report.reset_unix_ms) json["reset_time"] = base::utc_time_text(*report.reset_unix_ms);
  return json;
}

Json topic_metrics_schema() {
  return schema::object({{"topic", schema::string()},
                         {"create_time", schema::string("RFC 3339.")},
                         {"reset_time", schema::string("RFC 3339; missing when it was never reset.")},
                         {"metrics", schema::map_of(schema::number("Counts, and rates per second."))}});
}

ApiResponse no_topic(const std::string& topic) {
  return ApiResponse::error(404, code::kTopicNotFound, "not registered: " + topic);
}

ApiResponse register_topic(const NodeAccess& node, const ApiRequest& request) {
  const std::string topic = request.body.at("topic").get<std::string>();
  const auto refusal = node.operations.topic_metrics().add(topic);
  if (!refusal) return ApiResponse::no_content();
  switch (*refusal) {
    case TopicMetrics::Refusal::exists:
      return ApiResponse::error(400, code::kBadTopic, "topic: is registered already: " + topic);
    case TopicMetrics::Refusal::full:
      return ApiResponse::error(409, code::kExceedLimit,
                                "at most " + std::to_string(TopicMetrics::kTopicsMax) + " topics");
    default:
      return ApiResponse::error(400, code::kBadTopic, "topic: is no topic filter: " + topic);
  }
}

ApiResponse reset_topics(const NodeAccess& node, const ApiRequest& request) {
  TopicMetrics& metrics = node.operations.topic_metrics();
  if (!request.body.contains("topic")) {
    metrics.reset_all();
    return ApiResponse::no_content();
  }
  const std::string topic = request.body.at("topic").get<std::string>();
  return metrics.reset(topic) ? ApiResponse::no_content() : no_topic(topic);
}

ApiResponse list_topic_metrics(const NodeAccess& node) {
  Json list = Json::array();
  for (const TopicMetrics::Report& report : node.operations.topic_metrics().list())
    list.push_back(topic_metrics_json(report));
  return ApiResponse::json(list);
}

Route topic_metrics_route(std::string method, std::string path, Access access, std::string summary) {
  Route route;
  route.method = std::move(method);
  route.path = std::move(path);
  route.tag = "MQTT";
  route.scope = "monitoring";
  route.access = access;
  route.summary = std::move(summary);
  return route;
}

void add_topic_metrics_of_one(RouteTable& routes, const NodeAccess& node) {
  Route one = topic_metrics_route("GET", "/mqtt/topic_metrics/{topic}", Access::read, "The counters of one topic.");
  one.responses = {{200, topic_metrics_schema()}};
  one.handler = [&node](const ApiRequest& request) {
    const auto report = node.operations.topic_metrics().find(request.path_parameter("topic"));
    return report ? ApiResponse::json(topic_metrics_json(*report)) : no_topic(request.path_parameter("topic"));
  };
  routes.add(std::move(one));

  Route remove = topic_metrics_route("DELETE", "/mqtt/topic_metrics/{topic}", Access::write, "Takes a topic out.");
  remove.responses = {{204, nullptr}};
  remove.handler = [&node](const ApiRequest& request) {
    const std::string& topic = request.path_parameter("topic");
    return node.operations.topic_metrics().remove(topic) ? ApiResponse::no_content() : no_topic(topic);
  };
  routes.add(std::move(remove));
}

}  // namespace

void add_topic_metrics_routes(RouteTable& routes, const NodeAccess& node) {
  Route list = topic_metrics_route("GET", "/mqtt/topic_metrics", Access::read, "The counters of registered topics.");
  list.responses = {{200, schema::array(topic_metrics_schema())}};
  list.handler = [&node](const ApiRequest&) { return list_topic_metrics(node); };
  routes.add(std::move(list));

  Route add = topic_metrics_route("POST", "/mqtt/topic_metrics", Access::write,
                                  "Registers a topic, or a filter with wildcards.");
  add.body_schema = schema::object({{"topic", schema::text(1, 65'535)}}, {"topic"});
  add.responses = {{204, nullptr}};
  add.handler = [&node](const ApiRequest& request) { return register_topic(node, request); };
  routes.add(std::move(add));

  Route reset = topic_metrics_route("PUT", "/mqtt/topic_metrics", Access::write, "Starts counting from 0.");
  reset.body_schema = schema::object(
      {{"action", schema::one_of_words({"reset"})}, {"topic", schema::text(1, 65'535, "All when it is left out.")}},
      {"action"});
  reset.responses = {{204, nullptr}};
  reset.handler = [&node](const ApiRequest& request) { return reset_topics(node, request); };
  routes.add(std::move(reset));

  add_topic_metrics_of_one(routes, node);
}

}  // namespace patchbay::admin
