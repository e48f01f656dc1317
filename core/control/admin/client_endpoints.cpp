// The list of clients, and what is done to a client as a whole.

#include <algorithm>

#include "admin/client_actions.h"
#include "admin/client_query.h"
#include "admin/client_session_endpoints.h"
#include "admin/endpoints.h"
#include "admin/error_codes.h"
#include "admin/paging.h"
#include "admin/schema.h"
#include "admin/shard_query.h"
#include "base/counters.h"

namespace patchbay::admin {

namespace {

constexpr uint64_t kKickedAtOnce = 10'000;  ///< client ids in one request

using Fields = std::vector<std::string>;

/// `fields=clientid,username` or `all`; nothing, and `error`, where one is unknown.
std::optional<Fields> fields_of(const ApiRequest& request, std::string& error) {
  Fields fields;
  std::string text = request.query_value("fields").value_or("all");
  if (text == "all") return fields;
  const Fields& known = client_field_names();
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string name = text.substr(begin, end - begin);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      error = "fields: \"" + name + "\" is not a field of a client";
      return std::nullopt;
    }
    fields.push_back(name);
    begin = end + 1;
  }
  return fields;
}

Json clients_json(const NodeAccess& node, const std::vector<ClientView>& clients, const Fields& fields) {
  Json data = Json::array();
  for (const ClientView& client : clients) data.push_back(client_json(client, node.node_name, fields));
  return data;
}

ApiResponse list_clients_by_cursor(const NodeAccess& node, const ApiRequest& request) {
  const auto filter = client_filter(request, node.node_name);
  if (!filter) return ApiResponse::error(400, code::kInvalidParameter, filter.error());
  std::string error;
  const auto fields = fields_of(request, error);
  if (!fields) return ApiResponse::error(400, code::kInvalidParameter, error);
  std::optional<SessionPlace> start = SessionPlace{};
  const auto cursor = request.query_value("cursor");
  if (cursor && *cursor != "none") start = SessionPlace::parse(*cursor);
  if (!start || start->within != 0)
    return ApiResponse::error(400, code::kInvalidParameter, "cursor: not one that was given out");
  const uint64_t limit = request.query_number("limit").value_or(kPageLimitDefault);
  const ClientPage found = find_clients(node.shards, *filter, *start, 0, limit);
  if (!found.answered) return shard_did_not_answer();
  Json meta = {{"hasnext", found.go_on.has_value()}};
  if (found.go_on) meta["cursor"] = found.go_on->text();
  if (filter->is_empty()) meta["count"] = node.metrics.snapshot().get(base::Counter::sessions);
  return ApiResponse::json({{"data", clients_json(node, found.clients, *fields)}, {"meta", std::move(meta)}});
}

ApiResponse kick_many(const NodeAccess& node, const ApiRequest& request) {
  bool all_answered = true;
  for (const Json& element : request.body) {
    const auto id = element.get<std::string>();
    const auto kicked = ask_home(node.shards, id, [id](auto& environment) { return kick_client(environment, id); });
    all_answered = all_answered && kicked.has_value();
  }
  return all_answered ? ApiResponse::no_content() : shard_did_not_answer();
}

std::vector<QueryParameter> with_fields(std::vector<QueryParameter> parameters) {
  parameters.push_back({"fields", schema::with_default(schema::text(1, 4'096), "all"), "Names, separated by commas."});
  return parameters;
}

Json cursor_schema() {
  return schema::object({{"data", schema::array(client_schema())},
                         {"meta", schema::object({{"count", schema::integer(0, UINT64_MAX)},
                                                  {"hasnext", schema::boolean()},
                                                  {"cursor", schema::string()}})}});
}

void add_lists(RouteTable& routes, const NodeAccess& node) {
  routes.add({.method = "GET",
              .path = "/clients",
              .tag = "Clients",
              .scope = "connections",
              .summary = "Clients, connected or with a session that outlives its connection",
              .query = client_list_parameters(),
              .responses = {{200, paged_schema(client_schema())}},
              .handler = [&node](const ApiRequest& request) { return list_clients(node, request, std::nullopt); }});
  std::vector<QueryParameter> query = with_fields(client_filter_parameters());
  query.push_back({"cursor", schema::text(1, 64), "Of the page before; none: from the start."});
  query.push_back(
      {"limit", schema::with_default(schema::integer(1, kPageLimitMax), kPageLimitDefault), "Clients on a page."});
  routes.add({.method = "GET",
              .path = "/clients_v2",
              .tag = "Clients",
              .scope = "connections",
              .summary = "Clients, page by page with a cursor: as quick at the end as at the start",
              .query = std::move(query),
              .responses = {{200, cursor_schema()}},
              .handler = [&node](const ApiRequest& request) { return list_clients_by_cursor(node, request); }});
  routes.add({.method = "GET",
              .path = "/sessions_count",
              .tag = "Clients",
              .scope = "connections",
              .summary = "How many sessions there are",
              .query = {{"since", schema::integer(0, UINT32_MAX),
                         "Seconds since 1970. Sessions that have ended are "
                         "not kept, and never counted."}},
              .responses = {{200, schema::integer(0, UINT64_MAX)}},
              .handler = [&node](const ApiRequest&) {
                return ApiResponse::json(node.metrics.snapshot().get(base::Counter::sessions));
              }});
}

}  // namespace

ApiResponse list_clients(const NodeAccess& node, const ApiRequest& request,
                         const std::optional<std::string>& protocol_name) {
  auto filter = client_filter(request, node.node_name);
  if (!filter) return ApiResponse::error(400, code::kInvalidParameter, filter.error());
  if (protocol_name) filter->protocol_name = protocol_name;
  std::string error;
  const auto fields = fields_of(request, error);
  if (!fields) return ApiResponse::error(400, code::kInvalidParameter, error);
  const Page page = page_of(request);
  const ClientPage found = find_clients(node.shards, *filter, {}, page.offset(), page.limit);
  if (!found.answered) return shard_did_not_answer();
  std::optional<uint64_t> count;
  if (found.complete) count = found.matched;
  if (filter->is_empty()) count = node.metrics.snapshot().get(base::Counter::sessions);
  return paged(clients_json(node, found.clients, *fields), page, count, !found.complete);
}

ApiResponse show_client(const NodeAccess& node, const ApiRequest& request) {
  std::string error;
  const auto fields = fields_of(request, error);
  if (!fields) return ApiResponse::error(400, code::kInvalidParameter, error);
  const FoundClient found = find_client(node.shards, request.path_parameter("clientid"));
  if (!found.answered) return shard_did_not_answer();
  if (!found.client) return no_such_client();
  return ApiResponse::json(client_json(*found.client, node.node_name, *fields));
}

ApiResponse kick_one_client(const NodeAccess& node, const ApiRequest& request) {
  const std::string& id = request.path_parameter("clientid");
  const auto kicked = ask_home(node.shards, id, [id](auto& environment) { return kick_client(environment, id); });
  if (!kicked) return shard_did_not_answer();
  return *kicked ? ApiResponse::no_content() : no_such_client();
}

std::vector<QueryParameter> client_list_parameters() {
  return with_fields(paging_parameters(client_filter_parameters()));
}

ApiResponse shard_did_not_answer() {
  return ApiResponse::error(503, code::kServiceUnavailable, "a shard of the broker did not answer in time; try again");
}

ApiResponse no_such_client() {
  return ApiResponse::error(404, code::kClientidNotFound, "Client ID not found");
}

void add_client_routes(RouteTable& routes, const NodeAccess& node) {
  add_lists(routes, node);
  routes.add({.method = "GET",
              .path = "/clients/{clientid}",
              .tag = "Clients",
              .scope = "connections",
              .summary = "One client",
              .query = with_fields({}),
              .responses = {{200, client_schema()}},
              .handler = [&node](const ApiRequest& request) { return show_client(node, request); }});
  routes.add({.method = "DELETE",
              .path = "/clients/{clientid}",
              .tag = "Clients",
              .scope = "connections",
              .access = Access::write,
              .summary = "Say goodbye to a client and end its session",
              .responses = {{204, nullptr}},
              .handler = [&node](const ApiRequest& request) { return kick_one_client(node, request); }});
  routes.add({.method = "POST",
              .path = "/clients/kickout/bulk",
              .tag = "Clients",
              .scope = "connections",
              .access = Access::write,
              .summary = "The same for many; those that do not exist are no error",
              .body_schema = schema::array(schema::string(), kKickedAtOnce),
              .responses = {{204, nullptr}},
              .handler = [&node](const ApiRequest& request) { return kick_many(node, request); }});
  add_client_session_routes(routes, node);
}

}  // namespace patchbay::admin
