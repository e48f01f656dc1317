// /slow_subscriptions: who gets messages late.
#include <algorithm>
#include <limits>

#include "admin/api_time.h"
#include "admin/endpoints.h"
#include "admin/error_codes.h"
#include "admin/node_commands.h"
#include "admin/paging.h"
#include "admin/schema.h"
#include "admin/shard_query.h"
#include "base/utc_time.h"
#include "operations/operations.h"

namespace patchbay::admin {

namespace {

constexpr const char* kSlowStatsTypes[] = {"whole", "internal", "response"};

Json slow_settings_json(const config::SlowSubsConfig& config) {
  return {{"enable", config.enable},
          {"threshold", duration_text(config.threshold_ms, "ms")},
          {"expire_interval", duration_text(config.expire_interval_s, "s")},
          {"top_k_num", config.top_k_num},
          {"stats_type", kSlowStatsTypes[static_cast<size_t>(config.stats_type)]}};
}

Json slow_settings_schema() {
  return schema::object({{"enable", schema::boolean()},
                         {"threshold", schema::anything("\"500ms\", \"1s\", or milliseconds.")},
                         {"expire_interval", schema::anything("\"300s\", \"5m\", or seconds.")},
                         {"top_k_num", schema::integer(1, 1'000)},
                         {"stats_type", schema::one_of_words({"whole", "internal", "response"})}});
}

ApiResponse list_slow(const NodeAccess& node, const ApiRequest& request) {
  const config::SlowSubsConfig config = node.commands.configuration().slow_subs;
  const operations::SlowSubscriptions& slow = node.operations.slow_subscriptions();
  auto of_shards = ask_each(
      node.shards, [&slow](session::SessionEnvironment& environment) { return slow.recorded(environment.shard.id); });
  const auto slowest = operations::SlowSubscriptions::slowest(std::move(of_shards), config.top_k_num);
  return page_of_list(slowest, page_of(request), [&node](const operations::SlowDelivery& delivery) -> Json {
    return {{"clientid", delivery.client_id},
            {"node", node.node_name},
            {"topic", delivery.topic},
            {"timespan", delivery.time_span_ms},
            {"last_update_time", delivery.last_update_unix_ms}};
  });
}

ApiResponse change_slow_settings(const NodeAccess& node, const ApiRequest& request) {
  const Json& body = request.body;
  std::optional<uint64_t> threshold_ms;
  std::optional<uint64_t> expire_ms;
  if (body.contains("threshold")) {
    threshold_ms = duration_ms_from(body.at("threshold"), 1);
    if (!threshold_ms) return ApiResponse::error(400, code::kInvalidConfig, "threshold: must be a duration, \"500ms\"");
  }
  if (body.contains("expire_interval")) {
    expire_ms = duration_ms_from(body.at("expire_interval"), 1'000);
    if (!expire_ms || *expire_ms < 1'000)
      return ApiResponse::error(400, code::kInvalidConfig, "expire_interval: must be a duration, \"300s\"");
  }
  constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max();
  const auto outcome = node.commands.change_configuration(
      [&](config::Config& config) {
        config::SlowSubsConfig& slow = config.slow_subs;
        slow.enable = body.value("enable", slow.enable);
        slow.top_k_num = body.value("top_k_num", slow.top_k_num);
        if (threshold_ms) slow.threshold_ms = static_cast<uint32_t>(std::min(*threshold_ms, kMost));
        if (expire_ms) slow.expire_interval_s = static_cast<uint32_t>(std::min(*expire_ms / 1'000, kMost));
        if (body.contains("stats_type")) {
          const auto* const word =
              std::find(std::begin(kSlowStatsTypes), std::end(kSlowStatsTypes), body["stats_type"]);
          slow.stats_type = static_cast<config::SlowStatsType>(word - std::begin(kSlowStatsTypes));
        }
      },
      request.caller.name);
  if (!outcome) return ApiResponse::error(400, code::kInvalidConfig, outcome.error().front());
  return ApiResponse::json(slow_settings_json(node.commands.configuration().slow_subs));
}

Route slow_route(std::string method, std::string path, Access access, std::string summary) {
  Route route;
  route.method = std::move(method);
  route.path = std::move(path);
  route.tag = "Slow subscriptions";
  route.scope = "monitoring";
  route.access = access;
  route.summary = std::move(summary);
  return route;
}

Json slow_record_schema() {
  return schema::object({{"clientid", schema::string()},
                         {"node", schema::string()},
                         {"topic", schema::string()},
                         {"timespan", schema::integer(0, UINT64_MAX, "Milliseconds.")},
                         {"last_update_time", schema::integer(0, UINT64_MAX, "Milliseconds since 1970.")}});
}

}  // namespace

void add_slow_subscriptions_routes(RouteTable& routes, const NodeAccess& node) {
  Route list = slow_route("GET", "/slow_subscriptions", Access::read, "The slowest deliveries, the slowest first.");
  list.query = paging_parameters();
  list.responses = {{200, paged_schema(slow_record_schema())}};
  list.handler = [&node](const ApiRequest& request) { return list_slow(node, request); };
  routes.add(std::move(list));

  Route clear = slow_route("DELETE", "/slow_subscriptions", Access::write, "Forgets all records.");
  clear.responses = {{204, nullptr}};
  clear.handler = [&node](const ApiRequest&) {
    node.operations.slow_subscriptions().clear();
    return ApiResponse::no_content();
  };
  routes.add(std::move(clear));

  Route settings = slow_route("GET", "/slow_subscriptions/settings", Access::read, "What is recorded.");
  settings.responses = {{200, slow_settings_schema()}};
  settings.handler = [&node](const ApiRequest&) {
    return ApiResponse::json(slow_settings_json(node.commands.configuration().slow_subs));
  };
  routes.add(std::move(settings));

  Route change = slow_route("PUT", "/slow_subscriptions/settings", Access::write, "Changes what is recorded, at once.");
  change.body_schema = slow_settings_schema();
  change.responses = {{200, slow_settings_schema()}};
  change.handler = [&node](const ApiRequest& request) { return change_slow_settings(node, request); };
  routes.add(std::move(change));
}

}  // namespace patchbay::admin
