#include "admin/client_session_endpoints.h"

#include "access/decision_cache.h"
#include "admin/client_actions.h"
#include "admin/client_query.h"
#include "admin/error_codes.h"
#include "admin/node_commands.h"
#include "admin/schema.h"
#include "admin/shard_query.h"
#include "base/utc_time.h"
#include "session/session.h"

namespace patchbay::admin {

namespace {

constexpr uint64_t kFiltersAtOnce = 1'000;  ///< in one request

WantedSubscription wanted_of(const Json& body) {
  WantedSubscription wanted;
  wanted.topic_filter = body.at("topic").get<std::string>();
  wanted.options.maximum_qos = body.value("qos", 0) & 3;
  wanted.options.no_local = body.value("nl", 0) & 1;
  wanted.options.retain_as_published = body.value("rap", 0) & 1;
  wanted.options.retain_handling = body.value("rh", 0) & 3;
  return wanted;
}

ApiResponse subscription_refused(const WantedSubscription& wanted, mqtt::ReasonCode reason) {
  return ApiResponse::error(400, code::kInvalidParameter,
                            "topic: \"" + wanted.topic_filter + "\": " + std::string(mqtt::reason_code_name(reason)));
}

/// Of a list, all or none would be dearer than it is worth: what was entered before a refusal stays, as with a
/// SUBSCRIBE packet.
ApiResponse subscribe_all(const NodeAccess& node, const ApiRequest& request, const Json& wishes, bool one) {
  const std::string& id = request.path_parameter("clientid");
  Json entered = Json::array();
  for (const Json& wish : wishes) {
    const WantedSubscription wanted = wanted_of(wish);
    const auto outcome = ask_home(
        node.shards, id, [id, wanted](auto& environment) { return subscribe_client(environment, id, wanted); });
    if (!outcome) return shard_did_not_answer();
    if (!outcome->client_found) return no_such_client();
    if (outcome->reason != mqtt::ReasonCode::success) return subscription_refused(wanted, outcome->reason);
    entered.push_back(subscription_json(outcome->subscription, node.node_name));
  }
  return ApiResponse::json(one ? entered.front() : entered);
}

ApiResponse unsubscribe_all(const NodeAccess& node, const ApiRequest& request, const Json& wishes) {
  const std::string& id = request.path_parameter("clientid");
  for (const Json& wish : wishes) {
    const auto filter = wish.at("topic").get<std::string>();
    const auto known = ask_home(
        node.shards, id, [id, filter](auto& environment) { return unsubscribe_client(environment, id, filter); });
    if (!known) return shard_did_not_answer();
    if (!*known) return no_such_client();
  }
  return ApiResponse::no_content();
}

}  // namespace

Json wanted_subscription_schema() {
  return schema::object({{"topic", schema::text(1, 65'535, "Topic filter")},
                         {"qos", schema::with_default(schema::qos(), 0)},
                         {"nl", schema::with_default(schema::integer(0, 1, "No local"), 0)},
                         {"rap", schema::with_default(schema::integer(0, 1, "Retain as published"), 0)},
                         {"rh", schema::with_default(schema::integer(0, 2, "Retain handling"), 0)}},
                        {"topic"});
}

ApiResponse subscribe_one(const NodeAccess& node, const ApiRequest& request) {
  return subscribe_all(node, request, Json::array({request.body}), true);
}

ApiResponse unsubscribe_one(const NodeAccess& node, const ApiRequest& request, const std::string& topic_filter) {
  return unsubscribe_all(node, request, Json::array({{{"topic", topic_filter}}}));
}

ApiResponse list_subscriptions(const NodeAccess& node, const ApiRequest& request) {
  using Subscriptions = std::optional<std::vector<SubscriptionView>>;
  const std::string& id = request.path_parameter("clientid");
  const auto answer = ask_home(node.shards, id, [id](session::SessionEnvironment& environment) -> Subscriptions {
    const session::Session* session = environment.registry->find(id);
    if (session == nullptr) return std::nullopt;
    std::vector<SubscriptionView> views;
    for (const session::Subscription& subscription : session->subscriptions())
      views.push_back(view_of(*session, subscription));
    return views;
  });
  if (!answer) return shard_did_not_answer();
  if (!*answer) return no_such_client();
  Json list = Json::array();
  for (const SubscriptionView& view : **answer) list.push_back(subscription_json(view, node.node_name));
  return ApiResponse::json(list);
}

namespace {

// What access control remembers -----------------------------------------------------------------------------------

struct RememberedDecision {
  access::Action action = access::Action::publish;
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  bool retain = false;
  std::string topic;
  bool allowed = false;
  uint64_t held_for_ms = 0;  ///< from now on
};
using RememberedDecisions = std::vector<RememberedDecision>;

std::optional<RememberedDecisions> remembered_decisions(session::SessionEnvironment& environment,
                                                        const std::string& client_id) {
  const session::Session* session = environment.registry->find(client_id);
  if (session == nullptr) return std::nullopt;
  RememberedDecisions decisions;
  const access::DecisionCache* cache = session->channel() == nullptr ? nullptr : session->channel()->decisions();
  if (cache == nullptr) return decisions;
  const uint64_t now_ms = environment.shard.now_ms;
  cache->visit(now_ms, [&](access::Action action, mqtt::Qos qos, bool retain, std::string_view topic, std::string_view,
                           const access::AuthorizeResult& result, uint64_t expires_at_ms) {
    decisions.push_back({action, qos, retain, std::string(topic), result.allowed, expires_at_ms - now_ms});
  });
  return decisions;
}

Json decision_schema() {
  return schema::object({{"access", schema::object({{"action_type", schema::one_of_words({"publish", "subscribe"})},
                                                    {"qos", schema::qos()},
                                                    {"retain", schema::boolean()}})},
                         {"topic", schema::string()},
                         {"result", schema::one_of_words({"allow", "deny"})},
                         {"updated_time", schema::integer(0, UINT64_MAX, "Milliseconds since 1970")}});
}

ApiResponse list_decisions(const NodeAccess& node, const ApiRequest& request) {
  const std::string& id = request.path_parameter("clientid");
  const auto answer =
      ask_home(node.shards, id, [id](auto& environment) { return remembered_decisions(environment, id); });
  if (!answer) return shard_did_not_answer();
  if (!*answer) return no_such_client();
  const uint64_t ttl_ms = node.commands.configuration().access.cache_ttl_ms;
  Json list = Json::array();
  for (const RememberedDecision& decision : **answer) {
    const uint64_t age_ms = ttl_ms > decision.held_for_ms ? ttl_ms - decision.held_for_ms : 0;
    const bool publishes = decision.action == access::Action::publish;
    list.push_back({{"access",
                     {{"action_type", publishes ? "publish" : "subscribe"},
                      {"qos", static_cast<int>(decision.qos)},
                      {"retain", decision.retain}}},
                    {"topic", decision.topic},
                    {"result", decision.allowed ? "allow" : "deny"},
                    {"updated_time", node.clock.unix_ms() - age_ms}});
  }
  return ApiResponse::json(list);
}

ApiResponse forget_decisions(const NodeAccess& node, const ApiRequest& request) {
  const std::string& id = request.path_parameter("clientid");
  const auto found = ask_home(node.shards, id, [id](session::SessionEnvironment& environment) {
    const session::Session* session = environment.registry->find(id);
    if (session != nullptr && session->channel() != nullptr) session->channel()->forget_decisions();
    return session != nullptr;
  });
  if (!found) return shard_did_not_answer();
  return *found ? ApiResponse::no_content() : no_such_client();
}

ApiResponse set_keep_alive(const NodeAccess& node, const ApiRequest& request) {
  const std::string& id = request.path_parameter("clientid");
  const auto interval_s = request.body.at("interval").get<uint16_t>();
  const auto changed = ask_home(node.shards, id, [id, interval_s](auto& environment) {
    return set_client_keep_alive(environment, id, interval_s);
  });
  if (!changed) return shard_did_not_answer();
  if (!*changed) return no_such_client();
  const FoundClient found = find_client(node.shards, id);
  return found.client ? ApiResponse::json(client_json(*found.client, node.node_name)) : no_such_client();
}

Route client_route(const char* method, const char* path, Access access, const char* summary) {
  Route route;
  route.method = method;
  route.path = std::string("/clients/{clientid}/") + path;
  route.tag = "Clients";
  route.scope = "connections";
  route.access = access;
  route.summary = summary;
  return route;
}

void add_with_body(RouteTable& routes, Route route, Json body, std::map<int, Json> responses,
                   std::function<ApiResponse(const ApiRequest&)> handler) {
  route.body_schema = std::move(body);
  route.responses = std::move(responses);
  route.handler = std::move(handler);
  routes.add(std::move(route));
}

void add_subscribing(RouteTable& routes, const NodeAccess& node) {
  const Json filter_schema = schema::object({{"topic", schema::text(1, 65'535, "Topic filter")}}, {"topic"});
  add_with_body(routes, client_route("GET", "subscriptions", Access::read, "Subscriptions of a client"), nullptr,
                {{200, schema::array(subscription_schema(), 10'000'000)}},
                [&node](const ApiRequest& request) { return list_subscriptions(node, request); });
  add_with_body(routes, client_route("POST", "subscribe", Access::write, "Subscribe a client"),
                wanted_subscription_schema(), {{200, subscription_schema()}},
                [&node](const ApiRequest& request) { return subscribe_one(node, request); });
  add_with_body(routes, client_route("POST", "subscribe/bulk", Access::write, "Subscribe a client to several filters"),
                schema::array(wanted_subscription_schema(), kFiltersAtOnce),
                {{200, schema::array(subscription_schema())}},
                [&node](const ApiRequest& request) { return subscribe_all(node, request, request.body, false); });
  add_with_body(routes, client_route("POST", "unsubscribe", Access::write, "End a subscription of a client"),
                filter_schema, {{204, nullptr}}, [&node](const ApiRequest& request) {
                  return unsubscribe_one(node, request, request.body.at("topic").get<std::string>());
                });
  add_with_body(routes,
                client_route("POST", "unsubscribe/bulk", Access::write, "End several subscriptions of a client"),
                schema::array(filter_schema, kFiltersAtOnce), {{204, nullptr}},
                [&node](const ApiRequest& request) { return unsubscribe_all(node, request, request.body); });
}

}  // namespace

void add_client_session_routes(RouteTable& routes, const NodeAccess& node) {
  add_subscribing(routes, node);
  add_with_body(routes,
                client_route("GET", "authorization/cache", Access::read, "What access control remembers of a client"),
                nullptr, {{200, schema::array(decision_schema())}},
                [&node](const ApiRequest& request) { return list_decisions(node, request); });
  add_with_body(routes, client_route("DELETE", "authorization/cache", Access::write, "Make it forget that"), nullptr,
                {{204, nullptr}}, [&node](const ApiRequest& request) { return forget_decisions(node, request); });
  add_with_body(routes, client_route("PUT", "keepalive", Access::write, "How long a client may be silent"),
                schema::object({{"interval", schema::integer(0, 65'535, "Seconds; 0: for ever")}}, {"interval"}),
                {{200, client_schema()}}, [&node](const ApiRequest& request) { return set_keep_alive(node, request); });
  add_client_message_routes(routes, node);
}

}  // namespace patchbay::admin
