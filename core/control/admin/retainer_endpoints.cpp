// Retained messages: how they are kept, which there are, and away with them.

#include "admin/api_time.h"
#include "admin/client_session_endpoints.h"
#include "admin/config_json.h"
#include "admin/endpoints.h"
#include "admin/error_codes.h"
#include "admin/message_json.h"
#include "admin/node_commands.h"
#include "admin/paging.h"
#include "admin/retained_query.h"
#include "admin/schema.h"
#include "topic/topic_filter.h"

namespace patchbay::admin {

namespace {

constexpr uint64_t kRetainerSecondMs = 1'000;

Json retainer_json(const config::RetainerConfig& retainer) {
  return {{"enable", retainer.enable},
          {"max_payload_size", config::size_text(retainer.max_payload_size_bytes)},
          {"max_retained_bytes", config::size_text(retainer.max_retained_bytes)},
          {"msg_expiry_interval", duration_text(retainer.msg_expiry_interval_s, "s")},
          {"stop_publish_clear_msg", retainer.stop_publish_clear_msg},
          {"backend",
           {{"type", "built_in_database"},
            {"storage_type", "ram"},
            {"enable", retainer.enable},
            {"max_retained_messages", retainer.max_retained_messages}}}};
}

Json retainer_schema() {
  const Json lists = schema::array(schema::string());
  return schema::object({{"enable", schema::boolean()},
                         {"max_payload_size", schema::anything("Bytes, or with KB, MB, GB (of 1024)")},
                         {"max_retained_bytes", schema::anything("The same, of all messages together")},
                         {"msg_expiry_interval", schema::anything("\"0s\": never; a number is in seconds")},
                         {"stop_publish_clear_msg", schema::boolean()},
                         {"backend", schema::object({{"type", schema::one_of_words({"built_in_database"})},
                                                     {"storage_type", schema::one_of_words({"ram"})},
                                                     {"enable", schema::boolean()},
                                                     {"max_retained_messages", schema::integer(0, UINT32_MAX)}})},
                         {"applied", lists},
                         {"needs_restart", lists}});
}

/// EMQX writes "1MB" and means 1024 * 1024.
Json size_value(const Json& given) {
  if (!given.is_string()) return given;
  auto text = given.get<std::string>();
  const bool is_binary = text.ends_with("KB") || text.ends_with("MB") || text.ends_with("GB");
  if (is_binary) text.insert(text.size() - 1, "i");
  return text;
}

/// The keys that a body changes; `error` says what is wrong.
Json changes_of(const Json& body, std::string& error) {
  Json keys = Json::object();
  for (const char* name : {"enable", "stop_publish_clear_msg"}) {
    if (body.contains(name)) keys[name] = body[name];
  }
  for (const char* name : {"max_payload_size", "max_retained_bytes"}) {
    if (body.contains(name)) keys[name] = size_value(body[name]);
  }
  if (body.contains("msg_expiry_interval")) {
    const auto interval_ms = duration_ms_from(body["msg_expiry_interval"], kRetainerSecondMs);
    if (!interval_ms || *interval_ms % kRetainerSecondMs != 0)
      error = "msg_expiry_interval: not a number of seconds, as \"60s\"";
    keys["msg_expiry_interval_s"] = interval_ms.value_or(0) / kRetainerSecondMs;
  }
  const auto backend = body.find("backend");
  if (backend != body.end() && backend->contains("max_retained_messages"))
    keys["max_retained_messages"] = (*backend)["max_retained_messages"];
  return {{"retainer", std::move(keys)}};
}

ApiResponse put_retainer(const NodeAccess& node, const ApiRequest& request) {
  std::string error;
  const Json changes = changes_of(request.body, error);
  if (!error.empty()) return ApiResponse::error(400, code::kBadRequest, error);
  config::Config tried = node.commands.configuration();
  const auto problems = merge_config(tried, changes);
  if (!problems.empty()) return ApiResponse::error(400, code::kBadRequest, problems.front());
  const auto outcome = node.commands.change_configuration(
      [&changes](config::Config& config) { static_cast<void>(merge_config(config, changes)); }, request.caller.name);
  if (!outcome) return ApiResponse::error(400, code::kUpdateFailed, outcome.error().front());
  Json json = retainer_json(node.commands.configuration().retainer);
  json["applied"] = outcome->applied;
  json["needs_restart"] = outcome->needs_restart;
  return ApiResponse::json(json);
}

Json retained_schema(bool with_payload) {
  Json message = schema::object({{"msgid", schema::string()},
                                 {"topic", schema::string()},
                                 {"qos", schema::qos()},
                                 {"publish_at", schema::date_time()},
                                 {"from_clientid", schema::string()}});
  if (with_payload) message["properties"]["payload"] = schema::string("In base64");
  return message;
}

ApiResponse list_retained(const NodeAccess& node, const ApiRequest& request) {
  const auto topic = request.query_value("topic");
  const std::string filter = topic.value_or("#");
  if (!topic::is_valid_filter(filter)) return ApiResponse::error(400, code::kBadTopic, "topic: not a topic filter");
  const Page page = page_of(request);
  const RetainedList found = find_retained(node.shards, filter, page.offset(), page.limit);
  if (!found.answered) return shard_did_not_answer();
  Json data = Json::array();
  for (const mqtt::MessageRef& message : found.messages) data.push_back(message_summary(*message));
  std::optional<uint64_t> count;
  if (found.complete && (page.page == 1 || !data.empty())) count = page.offset() + data.size();
  if (!topic && !count) count = node.metrics.snapshot().get(base::Counter::retained);  // with those of $ topics
  return paged(std::move(data), page, count, !found.complete);
}

ApiResponse get_retained(const NodeAccess& node, const ApiRequest& request) {
  const std::string& topic = request.path_parameter("topic");
  if (!topic::is_valid_filter(topic)) return ApiResponse::error(400, code::kBadTopic, "not a topic name");
  const RetainedList found = find_retained(node.shards, topic, 0, 1);
  if (!found.answered) return shard_did_not_answer();
  if (found.messages.empty()) return ApiResponse::error(404, code::kNotFound, "Retained message not found");
  const mqtt::Message& message = *found.messages.front();
  if (message.payload().size() > kShownPayloadBytes)
    return ApiResponse::error(400, code::kExceedLimit, "the payload is larger than what is shown (1 MiB)");
  Json json = message_summary(message);
  json["payload"] = payload_text(message, PayloadForm::base64, kShownPayloadBytes);
  return ApiResponse::json(json);
}

ApiResponse delete_retained(const NodeAccess& node, const std::string& filter) {
  if (!topic::is_valid_filter(filter)) return ApiResponse::error(400, code::kBadTopic, "not a topic filter");
  const auto removed = remove_retained(node.shards, filter);
  if (!removed) return shard_did_not_answer();
  if (*removed == 0 && !topic::has_wildcard(filter))
    return ApiResponse::error(404, code::kNotFound, "Retained message not found");
  return ApiResponse::no_content();
}

Route retainer_route(const char* method, const char* path, Access access, const char* summary) {
  Route route;
  route.method = method;
  route.path = std::string("/mqtt/retainer") + path;
  route.tag = "Retainer";
  route.scope = "connections";
  route.access = access;
  route.summary = summary;
  return route;
}

void add_retainer_settings(RouteTable& routes, const NodeAccess& node) {
  Route get = retainer_route("GET", "", Access::read, "How retained messages are kept");
  get.responses = {{200, retainer_schema()}};
  get.handler = [&node](const ApiRequest&) {
    return ApiResponse::json(retainer_json(node.commands.configuration().retainer));
  };
  routes.add(std::move(get));
  Route put = retainer_route("PUT", "", Access::write,
                             "Change that; the answer says which keys are in force, and which need a restart");
  put.body_schema = retainer_schema();
  put.responses = {{200, retainer_schema()}};
  put.handler = [&node](const ApiRequest& request) { return put_retainer(node, request); };
  routes.add(std::move(put));
}

}  // namespace

void add_retainer_routes(RouteTable& routes, const NodeAccess& node) {
  add_retainer_settings(routes, node);
  Route list = retainer_route("GET", "/messages", Access::read, "Retained messages");
  list.query = paging_parameters({{"topic", schema::text(1, 65'535), "A topic filter; left out: all but $ topics."}});
  list.responses = {{200, paged_schema(retained_schema(false))}};
  list.handler = [&node](const ApiRequest& request) { return list_retained(node, request); };
  routes.add(std::move(list));
  Route clear =
      retainer_route("DELETE", "/messages", Access::write, "Remove all retained messages but those of $ topics");
  clear.responses = {{204, nullptr}};
  clear.handler = [&node](const ApiRequest&) { return delete_retained(node, "#"); };
  routes.add(std::move(clear));
  Route get = retainer_route("GET", "/message/{topic}", Access::read, "The retained message of a topic");
  get.responses = {{200, retained_schema(true)}};
  get.handler = [&node](const ApiRequest& request) { return get_retained(node, request); };
  routes.add(std::move(get));
  Route remove = retainer_route("DELETE", "/message/{topic}", Access::write,
                                "Remove the retained message of a topic, or all that a filter matches");
  remove.responses = {{204, nullptr}};
  remove.handler = [&node](const ApiRequest& request) {
    return delete_retained(node, request.path_parameter("topic"));
  };
  routes.add(std::move(remove));
}

}  // namespace patchbay::admin
