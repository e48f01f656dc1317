// /banned: who must not connect.
#include "admin/api_time.h"
#include "admin/endpoints.h"
#include "admin/error_codes.h"
#include "admin/paging.h"
#include "admin/schema.h"
#include "operations/operations.h"

namespace patchbay::admin {

namespace {

using operations::Ban;
using operations::BanKind;
using operations::Banned;

constexpr const char* kForGood = "infinity";

Json banned_json(const Ban& ban) {
  return {{"as", operations::ban_kind_name(ban.kind)},
          {"who", ban.who},
          {"by", ban.by},
          {"reason", ban.reason},
          {"at", time_text_s(ban.at_unix_s)},
          {"until", ban.until_unix_s ? time_text_s(*ban.until_unix_s) : kForGood}};
}

Json banned_kind_schema() {
  return schema::one_of_words({"clientid", "username", "peerhost", "peerhost_net", "clientid_re", "username_re"},
                              "What the ban is about.");
}

Json banned_schema() {
  return schema::object({{"as", banned_kind_schema()},
                         {"who", schema::string("A name, an address, a network, or a regular expression.")},
                         {"by", schema::string("Who says so; the caller's name when it is left out.")},
                         {"reason", schema::string()},
                         {"at", schema::anything("RFC 3339 or seconds since 1970; now when it is left out.")},
                         {"until", schema::anything("The same, or \"infinity\", as when it is left out.")}},
                        {"as", "who"});
}

/// The filters: each is a kind with an exact name, or a part of one.
struct BannedFilter {
  const char* parameter;
  BanKind kind;
  bool part;
};
constexpr BannedFilter kBannedFilters[] = {
    {"clientid", BanKind::client_id, false},       {"username", BanKind::username, false},
    {"peerhost", BanKind::peer_host, false},       {"like_clientid", BanKind::client_id, true},
    {"like_username", BanKind::username, true},    {"like_peerhost", BanKind::peer_host, true},
    {"like_peerhost_net", BanKind::peer_net, true}};

bool banned_passes(const ApiRequest& request, const Ban& ban) {
  for (const BannedFilter& filter : kBannedFilters) {
    const auto wanted = request.query_value(filter.parameter);
    if (!wanted) continue;
    const bool same = filter.part ? ban.who.find(*wanted) != std::string::npos : ban.who == *wanted;
    if (ban.kind != filter.kind || !same) return false;
  }
  return true;
}

ApiResponse list_banned(const NodeAccess& node, const ApiRequest& request) {
  std::vector<Ban> bans = node.operations.banned().list();
  std::erase_if(bans, [&](const Ban& ban) { return !banned_passes(request, ban); });
  return page_of_list(bans, page_of(request), banned_json);
}

ApiResponse refused_ban(const Banned::Problem& problem) {
  switch (problem.refusal) {
    case Banned::Refusal::exists:
      return ApiResponse::error(400, code::kAlreadyExists, problem.sentence);
    case Banned::Refusal::full:
      return ApiResponse::error(409, code::kExceedLimit, problem.sentence);
    default:
      return ApiResponse::error(400, code::kBadRequest, problem.sentence);
  }
}

ApiResponse add_banned(const NodeAccess& node, const ApiRequest& request) {
  const Json& body = request.body;
  Ban ban;
  ban.kind = *operations::ban_kind_from(body.at("as").get<std::string>());
  ban.who = body.at("who").get<std::string>();
  ban.by = body.value("by", request.caller.name);
  ban.reason = body.value("reason", std::string());
  ban.at_unix_s = node.clock.unix_ms() / 1000;
  if (body.contains("at")) {
    const auto at = unix_s_from(body.at("at"));
    if (!at) return ApiResponse::error(400, code::kBadRequest, "at: must be a time of RFC 3339, or seconds since 1970");
    ban.at_unix_s = *at;
  }
  if (body.contains("until") && body.at("until") != kForGood) {
    ban.until_unix_s = unix_s_from(body.at("until"));
    if (!ban.until_unix_s)
      return ApiResponse::error(400, code::kBadRequest,
                                "until: must be a time of RFC 3339, seconds since 1970, or \"infinity\"");
    if (*ban.until_unix_s <= node.clock.unix_ms() / 1000)
      return ApiResponse::error(400, code::kBadRequest, "until: is in the past");
  }
  const auto added = node.operations.banned().add(std::move(ban));
  return added ? ApiResponse::json(banned_json(*added)) : refused_ban(added.error());
}

ApiResponse remove_banned(const NodeAccess& node, const ApiRequest& request) {
  const auto kind = operations::ban_kind_from(request.path_parameter("as"));
  const bool removed = kind && node.operations.banned().remove(*kind, request.path_parameter("who"));
  if (removed) return ApiResponse::no_content();
  return ApiResponse::error(404, code::kNotFound, "no such ban: " + request.path_parameter("who"));
}

Route banned_route(std::string method, std::string path, Access access, std::string summary) {
  Route route;
  route.method = std::move(method);
  route.path = std::move(path);
  route.tag = "Banned";
  route.scope = "access_control";
  route.access = access;
  route.summary = std::move(summary);
  return route;
}

}  // namespace

void add_banned_routes(RouteTable& routes, const NodeAccess& node) {
  Route list = banned_route("GET", "/banned", Access::read, "Who is banned.");
  std::vector<QueryParameter> filters;
  for (const BannedFilter& filter : kBannedFilters)
    filters.push_back({filter.parameter, schema::string(),
                       filter.part ? "Bans of this kind whose name contains this." : "Bans of this kind and name."});
  list.query = paging_parameters(std::move(filters));
  list.responses = {{200, paged_schema(banned_schema())}};
  list.handler = [&node](const ApiRequest& request) { return list_banned(node, request); };
  routes.add(std::move(list));

  Route add = banned_route("POST", "/banned", Access::write, "Bans; who is connected is sent away.");
  add.body_schema = banned_schema();
  add.responses = {{200, banned_schema()}};
  add.handler = [&node](const ApiRequest& request) { return add_banned(node, request); };
  routes.add(std::move(add));

  Route clear = banned_route("DELETE", "/banned", Access::write, "Lifts all bans.");
  clear.responses = {{204, nullptr}};
  clear.handler = [&node](const ApiRequest&) {
    node.operations.banned().clear();
    return ApiResponse::no_content();
  };
  routes.add(std::move(clear));

  Route remove = banned_route("DELETE", "/banned/{as}/{who}", Access::write, "Lifts one ban.");
  remove.path_schemas = {{"as", banned_kind_schema()}};
  remove.responses = {{204, nullptr}};
  remove.handler = [&node](const ApiRequest& request) { return remove_banned(node, request); };
  routes.add(std::move(remove));
}

}  // namespace patchbay::admin
