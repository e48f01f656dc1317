// GET /limits: everything that is bounded, by the name under which the configuration knows it, with what happens when
// it is reached and how often that was.

#include <sys/resource.h>

#include <thread>
#include <variant>

#include "admin/endpoints.h"
#include "admin/limit_table.h"
#include "admin/node_commands.h"
#include "admin/schema.h"
#include "config/config_reference.h"

namespace patchbay::admin {

namespace {

/// The value as a number: bytes, seconds, a count.
Json number_of(const config::FieldRef& field) {
  return std::visit(
      [](const auto& pointer) -> Json {
        if constexpr (requires { Json(*pointer); }) {
          return Json(*pointer);
        } else {
          return nullptr;
        }
      },
      field);
}

/// 0 of these keys means: derived from what the process may use.
config::Config effective(config::Config config) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  const config::ProcessLimits process{files.rlim_cur, std::thread::hardware_concurrency()};
  config.node.max_connections = config::effective_max_connections(config, process);
  config.node.shards = config::effective_shards(config, process);
  return config;
}

/// `object` is what the row's field takes; it is only read.
Json limit_json(const config::KeyRow& row, const std::string& name, const void* object) {
  Json json = {{"name", name},
               {"value", number_of(row.field(const_cast<void*>(object)))},
               {"unit", row.unit},
               {"lowest", row.min},
               {"highest", row.max},
               {"description", row.help},
               {"needs_restart", row.reload == config::Reload::restart}};
  return json;
}

void add_facts(Json& json, const LimitFacts& facts, const metrics::MetricsSnapshot& snapshot) {
  json["action"] = facts.action;
  if (facts.reached) {
    json["counter"] = base::counter_info(*facts.reached).name;
    json["reached"] = snapshot.get(*facts.reached);
  }
  if (facts.current_use) json["current"] = snapshot.get(*facts.current_use);
}

void add_listener_limits(Json& list, const NodeAccess& node) {
  for (const ListenerView& listener : node.commands.listeners()) {
    const std::string prefix =
        "listeners." + std::string(config::listener_type_name(listener.type)) + '.' + listener.name + '.';
    for (const config::KeyRow& row : config::listener_keys()) {
      if (!config::has_key(listener.type, row) || !is_limit_key(row)) continue;
      Json json = limit_json(row, prefix + std::string(row.name), &listener.config);
      if (row.name == "max_connections") {
        json["action"] = "a further connection is closed at once";
        json["counter"] = base::counter_info(base::Counter::connections_refused_limit).name;
        json["current"] = listener.current_connections;
      }
      list.push_back(std::move(json));
    }
  }
}

ApiResponse list_limits(const NodeAccess& node) {
  const config::Config config = effective(node.commands.configuration());
  const metrics::MetricsSnapshot snapshot = node.metrics.snapshot();
  Json list = Json::array();
  for (const config::KeyRow* row : config::root_keys()) {
    if (!is_limit_key(*row)) continue;
    Json json = limit_json(*row, std::string(row->name), &config);
    if (const LimitFacts* facts = find_limit_facts(row->name)) add_facts(json, *facts, snapshot);
    list.push_back(std::move(json));
  }
  add_listener_limits(list, node);
  return ApiResponse::json(list);
}

Json limit_schema() {
  return schema::object({{"name", schema::string("As in the configuration")},
                         {"value", schema::number("0: none, where the description says so")},
                         {"unit", schema::string()},
                         {"lowest", schema::number()},
                         {"highest", schema::number()},
                         {"description", schema::string()},
                         {"needs_restart", schema::boolean("A change takes effect after a restart")},
                         {"action", schema::string("What happens when it is reached")},
                         {"counter", schema::string("The counter of /metrics or /stats that tells")},
                         {"reached", schema::integer(0, UINT64_MAX, "Its value")},
                         {"current", schema::integer(0, UINT64_MAX, "In use on this node now")}},
                        {"name", "value", "unit", "description", "needs_restart"});
}

}  // namespace

void add_limit_routes(RouteTable& routes, const NodeAccess& node) {
  routes.add({.method = "GET",
              .path = "/limits",
              .tag = "Metrics",
              .scope = "monitoring",
              .summary = "All limits by name: value, what happens when one is reached, and how often that was",
              .responses = {{200, schema::array(limit_schema())}},
              .handler = [&node](const ApiRequest&) { return list_limits(node); }});
}

}  // namespace patchbay::admin
