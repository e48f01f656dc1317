#include "admin/topic_endpoints.h"

#include "admin/client_session_endpoints.h"
#include "admin/error_codes.h"
#include "admin/paging.h"
#include "admin/schema.h"
#include "admin/subscription_query.h"

namespace patchbay::admin {

namespace {

Json topic_json(const std::string& topic, const NodeAccess& node) {
  return {{"topic", topic}, {"node", node.node_name}};
}

Json topic_schema() {
  return schema::object({{"topic", schema::string()}, {"node", schema::string()}});
}

ApiResponse list_topics(const NodeAccess& node, const ApiRequest& request) {
  SubscriptionFilter filter;
  filter.topic = request.query_value("topic");
  const auto wanted_node = request.query_value("node");
  filter.nothing = wanted_node && *wanted_node != node.node_name;
  const Page page = page_of(request);
  const TopicPage found = find_topics(node.shards, filter, page.offset(), page.limit);
  if (!found.answered) return shard_did_not_answer();
  Json data = Json::array();
  for (const std::string& topic : found.topics) data.push_back(topic_json(topic, node));
  std::optional<uint64_t> count;
  if (found.complete) count = found.seen;
  return paged(std::move(data), page, count, !found.complete);
}

ApiResponse get_topic(const NodeAccess& node, const ApiRequest& request) {
  SubscriptionFilter filter;
  filter.topic = request.path_parameter("topic");
  const SubscriptionPage found = find_subscriptions(node.shards, filter, 0, 1);
  if (!found.answered) return shard_did_not_answer();
  if (found.subscriptions.empty()) return ApiResponse::error(404, code::kTopicNotFound, "Topic not found");
  return ApiResponse::json(Json::array({topic_json(*filter.topic, node)}));
}

}  // namespace

void add_topic_routes(RouteTable& routes, const NodeAccess& node) {
  routes.add({.method = "GET",
              .path = "/topics",
              .tag = "Topics",
              .scope = "connections",
              .summary = "Topic filters that have subscribers, each once",
              .query = paging_parameters(
                  {{"topic", schema::string(), "Only this one."}, {"node", schema::string(), "Only of this node."}}),
              .responses = {{200, paged_schema(topic_schema())}},
              .handler = [&node](const ApiRequest& request) { return list_topics(node, request); }});
  routes.add({.method = "GET",
              .path = "/topics/{topic}",
              .tag = "Topics",
              .scope = "connections",
              .summary = "Whether a topic filter has subscribers",
              .responses = {{200, schema::array(topic_schema())}},
              .handler = [&node](const ApiRequest& request) { return get_topic(node, request); }});
}

}  // namespace patchbay::admin
