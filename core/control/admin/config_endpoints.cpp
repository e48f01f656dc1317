// /configs and what is configured apart from it: topic rewriting, automatic subscriptions, levels of the log.
#include <algorithm>

#include "admin/config_json.h"
#include "admin/endpoints.h"
#include "admin/error_codes.h"
#include "admin/node_commands.h"
#include "admin/schema.h"
#include "base/log.h"

namespace patchbay::admin {

namespace {

/// What EMQX has under one name and keeps in several roots.
constexpr const char* kGlobalZone = "global_zone";
constexpr const char* kGlobalZoneRoots[] = {"mqtt", "flapping_detect", "access"};

std::string joined_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "; ") + line;
  return text;
}

ApiResponse invalid_config(const std::vector<std::string>& lines) {
  return ApiResponse::error(400, code::kInvalidConfig, joined_lines(lines));
}

ApiResponse no_config_root(const std::string& root) {
  std::string roots;
  for (const std::string& known : config_roots()) roots += (roots.empty() ? "" : ", ") + known;
  return ApiResponse::error(404, code::kNotFound,
                            "no such part of the configuration: " + root + "; there are " + roots);
}

Json shown_config(const config::Config& config, const std::string& root) {
  if (root.empty()) return config_json(config);
  if (root != kGlobalZone) return config_root_json(config, root);
  Json json = Json::object();
  for (const char* part : kGlobalZoneRoots) json[part] = config_root_json(config, part);
  return json;
}

/// What PUT answers may be sent back as they are.
Json without_outcome(Json changes) {
  changes.erase("applied");
  changes.erase("needs_restart");
  return changes;
}

/// Makes the change, or says what is wrong with it. `shown`: the root that the answer shows; "": all.
ApiResponse change_config(const NodeAccess& node, const ApiRequest& request, const std::string& shown,
                          const std::function<std::vector<std::string>(config::Config&)>& change) {
  config::Config tried = node.commands.configuration();
  if (const auto problems = change(tried); !problems.empty()) return invalid_config(problems);
  const auto outcome = node.commands.change_configuration(
      [&change](config::Config& config) { static_cast<void>(change(config)); }, request.caller.name);
  if (!outcome) return invalid_config(outcome.error());
  Json json = shown_config(node.commands.configuration(), shown);
  if (!json.is_object()) return ApiResponse::json(json);
  json["applied"] = outcome->applied;
  json["needs_restart"] = outcome->needs_restart;
  return ApiResponse::json(json);
}

bool wants_text(const ApiRequest& request) {
  const size_t text = request.accept.find("text/plain");
  return text != std::string::npos && text < request.accept.find("application/json");
}

ApiResponse get_configs(const NodeAccess& node, const ApiRequest& request) {
  const std::string key = request.query_value("key").value_or("");
  if (!key.empty() && key != kGlobalZone && !is_config_root(key)) return no_config_root(key);
  const config::Config config = node.commands.configuration();
  if (wants_text(request) && key != kGlobalZone) return ApiResponse::text(config_toml(config, key));
  Json json = shown_config(config, key);
  return ApiResponse::json(key.empty() ? std::move(json) : Json{{key, std::move(json)}});
}

ApiResponse put_configs(const NodeAccess& node, const ApiRequest& request) {
  const Json changes = without_outcome(request.body);
  const bool replaces = request.query_value("mode") == "replace";
  return change_config(node, request, "", [&](config::Config& config) {
    if (replaces) {
      // What is masked stays: a secret cannot be replaced by what hides it.
      const config::Config before = config;
      for (const auto& [root, ignored] : changes.items()) static_cast<void>(reset_config(config, root));
      for (const config::KeyRow* row : config::root_keys()) {
        if (!row->secret) continue;
        config::Config copy = before;
        *std::get<std::string*>(row->field(&config)) = *std::get<std::string*>(row->field(&copy));
      }
    }
    return merge_config(config, changes);
  });
}

ApiResponse put_config_root(const NodeAccess& node, const ApiRequest& request) {
  const std::string& root = request.path_parameter("root");
  if (root != kGlobalZone && !is_config_root(root)) return no_config_root(root);
  const Json body = without_outcome(request.body);
  const Json changes = root == kGlobalZone ? body : Json{{root, body}};
  return change_config(node, request, root, [&](config::Config& config) { return merge_config(config, changes); });
}

ApiResponse reset_config_root(const NodeAccess& node, const ApiRequest& request) {
  const std::string& root = request.path_parameter("root");
  if (!is_config_root(root)) return no_config_root(root);
  const auto path = request.query_value("conf_path");
  const std::string key = path && !path->empty() ? root + '.' + *path : root;
  config::Config tried = node.commands.configuration();
  if (!reset_config(tried, key)) return ApiResponse::error(400, code::kNoDefaultValue, "no such key: " + key);
  return change_config(node, request, root, [&key](config::Config& config) {
    static_cast<void>(reset_config(config, key));
    return std::vector<std::string>{};
  });
}

/// EMQX has 0 and 1 for the flags of a subscription, as MQTT has; the configuration has false and true.
Json with_flags(Json list, bool as_numbers) {
  for (Json& element : list) {
    for (const char* name : {"rap", "nl"}) {
      if (!element.contains(name)) continue;
      Json& flag = element[name];
      if (as_numbers && flag.is_boolean()) flag = flag.get<bool>() ? 1 : 0;
      if (!as_numbers && (flag == 0 || flag == 1)) flag = flag == 1;
    }
  }
  return list;
}

ApiResponse get_config_list(const NodeAccess& node, const std::string& root) {
  return ApiResponse::json(with_flags(config_root_json(node.commands.configuration(), root), true));
}

ApiResponse put_config_list(const NodeAccess& node, const ApiRequest& request, const std::string& root) {
  const Json changes = {{root, with_flags(request.body, false)}};
  ApiResponse response =
      change_config(node, request, root, [&](config::Config& config) { return merge_config(config, changes); });
  return response.status == 200 ? get_config_list(node, root) : response;
}

Json log_levels_json() {
  Json levels = Json::object();
  for (size_t i = 0; i < static_cast<size_t>(base::LogArea::count_); ++i) {
    const auto area = static_cast<base::LogArea>(i);
    levels[std::string(base::log_area_name(area))] = base::log_level_name(base::log_level(area));
  }
  return levels;
}

ApiResponse put_log_level(const NodeAccess& node, const ApiRequest& request) {
  const auto set = node.commands.set_log_level(request.body.value("area", std::string()),
                                               request.body.at("level").get<std::string>());
  if (!set) return ApiResponse::error(400, code::kBadRequest, set.error());
  return ApiResponse::json(log_levels_json());
}

Route config_route(std::string method, std::string path, Access access, std::string summary) {
  Route route;
  route.method = std::move(method);
  route.path = std::move(path);
  route.tag = "Configs";
  route.scope = "system";
  route.access = access;
  route.summary = std::move(summary);
  return route;
}

void add_config_root_routes(RouteTable& routes, const NodeAccess& node) {
  Route get = config_route("GET", "/configs/{root}", Access::read, "One part of the configuration: mqtt, log, ...");
  get.responses = {{200, schema::anything("The keys of the part.")}};
  get.handler = [&node](const ApiRequest& request) {
    const std::string& root = request.path_parameter("root");
    if (root != kGlobalZone && !is_config_root(root)) return no_config_root(root);
    return ApiResponse::json(shown_config(node.commands.configuration(), root));
  };
  routes.add(std::move(get));

  Route put = config_route("PUT", "/configs/{root}", Access::write,
                           "Changes keys of one part. The answer says which are in force, and which need a restart.");
  put.body_schema = schema::open_object();
  put.responses = {{200, schema::anything("The keys of the part, and the lists applied and needs_restart.")}};
  put.handler = [&node](const ApiRequest& request) { return put_config_root(node, request); };
  routes.add(std::move(put));

  Route reset = config_route("POST", "/configs_reset/{root}", Access::write, "Sets keys back to their defaults.");
  reset.query = {
      {"conf_path", schema::string(), "One key or section below the part, dotted; all when it is left out."}};
  reset.responses = {{200, schema::anything("The keys of the part, and the lists applied and needs_restart.")}};
  reset.handler = [&node](const ApiRequest& request) { return reset_config_root(node, request); };
  routes.add(std::move(reset));
}

/// GET and PUT of a root that is a list of tables.
void add_config_list_routes(RouteTable& routes, const NodeAccess& node, const std::string& root, const Json& item,
                            const std::string& what) {
  Route get = config_route("GET", "/mqtt/" + root, Access::read, what + ".");
  get.tag = "MQTT";
  get.responses = {{200, schema::array(item)}};
  get.handler = [&node, root](const ApiRequest&) { return get_config_list(node, root); };
  routes.add(std::move(get));

  Route put = config_route("PUT", "/mqtt/" + root, Access::write, what + ": replaces them all.");
  put.tag = "MQTT";
  put.body_schema = schema::array(item);
  put.responses = {{200, schema::array(item)}};
  put.handler = [&node, root](const ApiRequest& request) { return put_config_list(node, request, root); };
  routes.add(std::move(put));
}

void add_log_level_routes(RouteTable& routes, const NodeAccess& node) {
  const Json level = schema::one_of_words({"debug", "info", "warning", "error", "off"});
  Route get = config_route("GET", "/log/level", Access::read, "The level of each area of the log.");
  get.responses = {{200, schema::map_of(level)}};
  get.handler = [](const ApiRequest&) { return ApiResponse::json(log_levels_json()); };
  routes.add(std::move(get));

  Route put = config_route("PUT", "/log/level", Access::write,
                           "Changes the level of an area, or of all, until the next start or change of log.*.");
  put.body_schema =
      schema::object({{"area", schema::string("All areas when it is left out.")}, {"level", level}}, {"level"});
  put.responses = {{200, schema::map_of(level)}};
  put.handler = [&node](const ApiRequest& request) { return put_log_level(node, request); };
  routes.add(std::move(put));
}

}  // namespace

void add_config_routes(RouteTable& routes, const NodeAccess& node) {
  Route get = config_route("GET", "/configs", Access::read,
                           "The configuration in force; as lines of a configuration file when text/plain is accepted.");
  get.query = {{"key", schema::string(), "One part of it."}, {"node", schema::string(), "The node; there is one."}};
  get.responses = {{200, schema::open_object()}};
  get.handler = [&node](const ApiRequest& request) { return get_configs(node, request); };
  routes.add(std::move(get));

  Route put = config_route("PUT", "/configs", Access::write, "Changes keys of several parts at once, or none of them.");
  put.query = {{"mode", schema::with_default(schema::one_of_words({"merge", "replace"}), "merge"),
                "merge: other keys stay; replace: those of the parts that are named go back to their defaults."}};
  put.body_schema = schema::open_object();
  put.responses = {{200, schema::open_object()}};
  put.handler = [&node](const ApiRequest& request) { return put_configs(node, request); };
  routes.add(std::move(put));

  add_config_root_routes(routes, node);
  add_config_list_routes(routes, node, "topic_rewrite",
                         schema::object({{"action", schema::one_of_words({"all", "publish", "subscribe"})},
                                         {"source_topic", schema::text(1, 65'535)},
                                         {"re", schema::text(1, 4'096)},
                                         {"dest_topic", schema::text(1, 65'535)}},
                                        {"action", "source_topic", "re", "dest_topic"}),
                         "Rules that change topics");
  add_config_list_routes(routes, node, "auto_subscribe",
                         schema::object({{"topic", schema::text(1, 65'535)},
                                         {"qos", schema::qos()},
                                         {"rh", schema::integer(0, 2)},
                                         {"rap", schema::anything("0, 1, false or true.")},
                                         {"nl", schema::anything("0, 1, false or true.")}},
                                        {"topic"}),
                         "Subscriptions that every client gets");
  add_log_level_routes(routes, node);
}

}  // namespace patchbay::admin
