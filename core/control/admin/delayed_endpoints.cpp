// Messages published to $delayed/{seconds}/{topic} that wait for their time.

#include "admin/client_session_endpoints.h"
#include "admin/delayed_query.h"
#include "admin/endpoints.h"
#include "admin/error_codes.h"
#include "admin/message_json.h"
#include "admin/node_commands.h"
#include "admin/paging.h"
#include "admin/schema.h"
#include "base/utc_time.h"
#include "topic/topic_name.h"

namespace patchbay::admin {

namespace {

constexpr uint64_t kDelayedSecondMs = 1'000;

Json delayed_json(const config::DelayedConfig& delayed) {
  return {{"enable", delayed.enable}, {"max_delayed_messages", delayed.max_delayed_messages}};
}

Json delayed_schema() {
  const Json lists = schema::array(schema::string());
  return schema::object({{"enable", schema::boolean()},
                         {"max_delayed_messages", schema::integer(0, 100'000'000)},
                         {"applied", lists},
                         {"needs_restart", lists}});
}

ApiResponse put_delayed(const NodeAccess& node, const ApiRequest& request) {
  const Json& body = request.body;
  const auto outcome = node.commands.change_configuration(
      [&body](config::Config& config) {
        config.delayed.enable = body.value("enable", config.delayed.enable);
        config.delayed.max_delayed_messages = body.value("max_delayed_messages", config.delayed.max_delayed_messages);
      },
      request.caller.name);
  if (!outcome) return ApiResponse::error(400, code::kUpdateFailed, outcome.error().front());
  Json json = delayed_json(node.commands.configuration().delayed);
  json["applied"] = outcome->applied;
  json["needs_restart"] = outcome->needs_restart;
  return ApiResponse::json(json);
}

Json delayed_message_json(const NodeAccess& node, const DelayedView& view) {
  const mqtt::Message& message = *view.waiting.message;
  const auto parsed = topic::parse_delayed_topic(message.topic());
  const uint64_t expected_at_ms = node.clock.unix_ms() + static_cast<uint64_t>(view.remaining_ms);
  Json json = message_summary(message);
  json["msgid"] = view.id.text();
  json["topic"] = parsed ? parsed->topic : message.topic();
  json["node"] = node.node_name;
  json["delayed_interval"] = view.waiting.delay_s;
  json["delayed_remaining"] = static_cast<uint64_t>(view.remaining_ms) / kDelayedSecondMs;
  json["expected_at"] = base::utc_time_text(expected_at_ms);
  return json;
}

Json delayed_message_schema(bool with_payload) {
  Json message = schema::object({{"msgid", schema::string()},
                                 {"node", schema::string()},
                                 {"publish_at", schema::date_time()},
                                 {"delayed_interval", schema::integer(0, UINT32_MAX, "Seconds")},
                                 {"delayed_remaining", schema::integer(0, UINT32_MAX, "Seconds")},
                                 {"expected_at", schema::date_time()},
                                 {"topic", schema::string()},
                                 {"qos", schema::qos()},
                                 {"from_clientid", schema::string()}});
  if (with_payload) message["properties"]["payload"] = schema::string("In base64");
  return message;
}

ApiResponse list_delayed(const NodeAccess& node, const ApiRequest& request) {
  const Page page = page_of(request);
  const DelayedList found = find_delayed(node.shards, page.offset(), page.limit);
  if (!found.answered) return shard_did_not_answer();
  Json data = Json::array();
  for (const DelayedView& view : found.messages) data.push_back(delayed_message_json(node, view));
  return paged(std::move(data), page, node.metrics.snapshot().get(base::Counter::delayed), !found.complete);
}

/// The id in the path, or the answer that says why it is none.
std::optional<DelayedId> id_of(const NodeAccess& node, const ApiRequest& request, ApiResponse& refusal) {
  if (request.path_parameter("node") != node.node_name) {
    refusal = ApiResponse::error(404, code::kBadNodeName, "there is no node of that name");
    return std::nullopt;
  }
  const auto id = DelayedId::parse(request.path_parameter("msgid"));
  if (!id) refusal = ApiResponse::error(400, code::kMessageIdSchemaError, "msgid: not 32 hexadecimal digits");
  return id;
}

ApiResponse no_such_message() {
  return ApiResponse::error(404, code::kMessageIdNotFound, "Message ID not found");
}

ApiResponse get_delayed(const NodeAccess& node, const ApiRequest& request) {
  ApiResponse refusal;
  const auto id = id_of(node, request, refusal);
  if (!id) return refusal;
  const auto found = find_delayed(node.shards, *id);
  if (!found) return shard_did_not_answer();
  if (found->empty()) return no_such_message();
  Json json = delayed_message_json(node, found->front());
  json["payload"] = payload_text(*found->front().waiting.message, PayloadForm::base64, kShownPayloadBytes);
  return ApiResponse::json(json);
}

ApiResponse delete_delayed(const NodeAccess& node, const ApiRequest& request) {
  ApiResponse refusal;
  const auto id = id_of(node, request, refusal);
  if (!id) return refusal;
  const auto cancelled = cancel_delayed(node.shards, *id);
  if (!cancelled) return shard_did_not_answer();
  return *cancelled == 0 ? no_such_message() : ApiResponse::no_content();
}

ApiResponse delete_of_topic(const NodeAccess& node, const ApiRequest& request) {
  const std::string& topic = request.path_parameter("topic");
  if (!topic::is_valid_topic_name(topic)) return ApiResponse::error(400, code::kBadTopic, "not a topic name");
  const auto cancelled = cancel_delayed(node.shards, topic);
  if (!cancelled) return shard_did_not_answer();
  if (*cancelled == 0) return ApiResponse::error(404, code::kNotFound, "no message waits for this topic");
  return ApiResponse::no_content();
}

Route delayed_route(const char* method, const char* path, Access access, const char* summary) {
  Route route;
  route.method = method;
  route.path = std::string("/mqtt/delayed") + path;
  route.tag = "Delayed";
  route.scope = "connections";
  route.access = access;
  route.summary = summary;
  return route;
}

void add_delayed_settings(RouteTable& routes, const NodeAccess& node) {
  Route get = delayed_route("GET", "", Access::read, "Whether messages are delayed, and how many may wait");
  get.responses = {{200, delayed_schema()}};
  get.handler = [&node](const ApiRequest&) {
    return ApiResponse::json(delayed_json(node.commands.configuration().delayed));
  };
  routes.add(std::move(get));
  Route put = delayed_route("PUT", "", Access::write,
                            "Change that; the answer says which keys are in force, and which need a restart");
  put.body_schema = delayed_schema();
  put.responses = {{200, delayed_schema()}};
  put.handler = [&node](const ApiRequest& request) { return put_delayed(node, request); };
  routes.add(std::move(put));
}

}  // namespace

void add_delayed_routes(RouteTable& routes, const NodeAccess& node) {
  add_delayed_settings(routes, node);
  Route list = delayed_route("GET", "/messages", Access::read, "Messages that wait for their time");
  list.query = paging_parameters();
  list.responses = {{200, paged_schema(delayed_message_schema(false))}};
  list.handler = [&node](const ApiRequest& request) { return list_delayed(node, request); };
  routes.add(std::move(list));
  Route get = delayed_route("GET", "/messages/{node}/{msgid}", Access::read, "One of them");
  get.responses = {{200, delayed_message_schema(true)}};
  get.handler = [&node](const ApiRequest& request) { return get_delayed(node, request); };
  routes.add(std::move(get));
  Route remove = delayed_route("DELETE", "/messages/{node}/{msgid}", Access::write, "Drop one of them");
  remove.responses = {{204, nullptr}};
  remove.handler = [&node](const ApiRequest& request) { return delete_delayed(node, request); };
  routes.add(std::move(remove));
  Route clear = delayed_route("DELETE", "/messages/{topic}", Access::write, "Drop all that wait for a topic");
  clear.responses = {{204, nullptr}};
  clear.handler = [&node](const ApiRequest& request) { return delete_of_topic(node, request); };
  routes.add(std::move(clear));
}

}  // namespace patchbay::admin
