// Who has subscribed to what.

#include "admin/client_session_endpoints.h"
#include "admin/endpoints.h"
#include "admin/error_codes.h"
#include "admin/paging.h"
#include "admin/schema.h"
#include "admin/subscription_query.h"
#include "admin/topic_endpoints.h"
#include "topic/topic_filter.h"

namespace patchbay::admin {

namespace {

SubscriptionFilter subscription_filter_of(const NodeAccess& node, const ApiRequest& request) {
  SubscriptionFilter filter;
  filter.client_id = request.query_value("clientid");
  filter.topic = request.query_value("topic");
  filter.match_topic = request.query_value("match_topic");
  filter.share_group = request.query_value("share_group");
  if (const auto qos = request.query_number("qos")) filter.qos = static_cast<uint8_t>(*qos);
  const auto wanted_node = request.query_value("node");
  filter.nothing = (wanted_node && *wanted_node != node.node_name) || request.query_flag("durable", false);
  return filter;
}

ApiResponse list_all_subscriptions(const NodeAccess& node, const ApiRequest& request) {
  const SubscriptionFilter filter = subscription_filter_of(node, request);
  if (filter.match_topic && !topic::is_valid_filter(*filter.match_topic))
    return ApiResponse::error(400, code::kInvalidParameter, "match_topic: neither a topic name nor a filter");
  const Page page = page_of(request);
  const SubscriptionPage found = find_subscriptions(node.shards, filter, page.offset(), page.limit);
  if (!found.answered) return shard_did_not_answer();
  Json data = Json::array();
  for (const SubscriptionView& view : found.subscriptions) data.push_back(subscription_json(view, node.node_name));
  std::optional<uint64_t> count;
  if (found.complete) count = found.matched;
  if (filter.is_empty()) count = node.metrics.snapshot().get(base::Counter::subscriptions);
  return paged(std::move(data), page, count, !found.complete);
}

}  // namespace

void add_subscription_routes(RouteTable& routes, const NodeAccess& node) {
  routes.add({.method = "GET",
              .path = "/subscriptions",
              .tag = "Subscriptions",
              .scope = "connections",
              .summary = "Subscriptions of all clients",
              .query = paging_parameters(
                  {{"node", schema::string(), "Only of this node."},
                   {"clientid", schema::string(), "Only of this client."},
                   {"topic", schema::string(), "This topic filter, as the client wrote it."},
                   {"match_topic", schema::string(), "Filters that match this topic name, or cover this filter."},
                   {"qos", schema::qos(), "With this maximum QoS."},
                   {"share_group", schema::string(), "Members of this group; $queue for those of $queue/…"},
                   {"durable", schema::boolean(), "Subscriptions of durable sessions, which there are none of."}}),
              .responses = {{200, paged_schema(subscription_schema())}},
              .handler = [&node](const ApiRequest& request) { return list_all_subscriptions(node, request); }});
  add_topic_routes(routes, node);
}

}  // namespace patchbay::admin
