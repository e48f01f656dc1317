#include "admin/account_endpoints.h"
#include "admin/error_codes.h"
#include "admin/schema.h"
#include "admin/time_text.h"
#include "base/utc_time.h"

namespace patchbay::admin {

namespace {

constexpr const char* kKeyNeverExpires = "infinity";

Json scopes_schema() {
  Json words = Json::array();
  for (const std::string_view scope : api_scopes()) words.push_back(scope);
  Json list = schema::array({{"type", "string"}, {"enum", words}}, api_scopes().size());
  list["description"] = "what the key may be used for; none: everything";
  return list;
}

Json key_role_schema() {
  return schema::with_default(schema::one_of_words({"administrator", "viewer", "publisher"}), "administrator");
}

Json expiry_schema() {
  return schema::text(1, 64, "RFC 3339, or \"infinity\"");
}

Json key_schema(bool with_secret) {
  Json result = schema::object({{"name", schema::string()},
                                {"api_key", schema::string("the user name of HTTP Basic")},
                                {"desc", schema::string()},
                                {"enable", schema::boolean()},
                                {"expired", schema::boolean()},
                                {"expired_at", expiry_schema()},
                                {"created_at", schema::date_time()},
                                {"role", key_role_schema()},
                                {"scopes", scopes_schema()}});
  if (with_secret) result["properties"]["api_secret"] = schema::string("told this once");
  return result;
}

Json key_json(const ApiKey& key, const base::Clock& clock) {
  return {{"name", key.name},
          {"api_key", key.api_key},
          {"desc", key.description},
          {"enable", key.enable},
          {"expired", key.expired(clock.unix_ms())},
          {"expired_at", key.expires_unix_ms ? base::utc_time_text(*key.expires_unix_ms) : kKeyNeverExpires},
          {"created_at", base::utc_time_text(key.created_unix_ms)},
          {"role", role_name(key.role)},
          {"scopes", key.scopes}};
}

ApiResponse refusal(ApiKeyStore::Change change) {
  switch (change) {
    case ApiKeyStore::Change::exists:
      return ApiResponse::error(400, code::kAlreadyExists, "name: there is an API key of that name");
    case ApiKeyStore::Change::unknown:
      return ApiResponse::error(404, code::kNotFound, "there is no API key of that name");
    case ApiKeyStore::Change::too_many:
      return ApiResponse::error(400, code::kExceedLimit, "there are as many API keys as are allowed: 100");
    default:
      return ApiResponse::error(500, code::kInternalError, "the change cannot be kept on disk");
  }
}

/// Takes what the body names over into the key; the answer tells what is wrong.
std::optional<ApiResponse> take(const Json& body, ApiKey& key) {
  if (body.contains("desc")) key.description = body["desc"].get<std::string>();
  if (body.contains("enable")) key.enable = body["enable"].get<bool>();
  if (body.contains("role")) key.role = role_of(body["role"].get<std::string>()).value_or(Role::viewer);
  if (body.contains("scopes")) key.scopes = body["scopes"].get<std::set<std::string>>();
  if (!body.contains("expired_at")) return std::nullopt;
  const auto text = body["expired_at"].get<std::string>();
  const auto time = parse_time(text);
  if (!time && text != kKeyNeverExpires)
    return ApiResponse::error(400, code::kBadRequest, "/expired_at: expected a time of RFC 3339, or \"infinity\"");
  key.expires_unix_ms = time;
  return std::nullopt;
}

ApiResponse add_key(Accounts& accounts, const base::Clock& clock, const ApiRequest& request) {
  ApiKey key;
  key.name = request.body["name"].get<std::string>();
  if (auto refused = take(request.body, key)) return *refused;
  std::string secret;
  const auto change = accounts.api_keys().add(key, secret);
  if (change != ApiKeyStore::Change::done) return refusal(change);
  Json body = key_json(key, clock);
  body["api_secret"] = secret;
  return ApiResponse::json(body);
}

ApiResponse change_key(Accounts& accounts, const base::Clock& clock, const ApiRequest& request) {
  auto key = accounts.api_keys().find(request.path_parameter("name"));
  if (!key) return refusal(ApiKeyStore::Change::unknown);
  if (auto refused = take(request.body, *key)) return *refused;
  const auto change = accounts.api_keys().update(*key);
  return change == ApiKeyStore::Change::done ? ApiResponse::json(key_json(*key, clock)) : refusal(change);
}

Route key_route(const char* method, const char* path, const char* summary) {
  Route route;
  route.method = method;
  route.path = path;
  route.tag = "API keys";
  route.scope = "system";
  route.access = Access::users_only;
  route.summary = summary;
  return route;
}

void add_key_list_routes(RouteTable& routes, Accounts& accounts, const base::Clock& clock) {
  Route list = key_route("GET", "/api_key", "All API keys, without their secrets.");
  list.responses[200] = schema::array(key_schema(false));
  list.handler = [&accounts, &clock](const ApiRequest&) {
    Json keys = Json::array();
    for (const ApiKey& key : accounts.api_keys().list()) keys.push_back(key_json(key, clock));
    return ApiResponse::json(keys);
  };
  routes.add(std::move(list));

  Route one = key_route("GET", "/api_key/{name}", "An API key, without its secret.");
  one.responses[200] = key_schema(false);
  one.handler = [&accounts, &clock](const ApiRequest& request) {
    const auto key = accounts.api_keys().find(request.path_parameter("name"));
    return key ? ApiResponse::json(key_json(*key, clock)) : refusal(ApiKeyStore::Change::unknown);
  };
  routes.add(std::move(one));

  Route scopes = key_route("GET", "/api_key_scopes", "What API keys can be limited to.");
  scopes.access = Access::read;
  scopes.responses[200] = schema::array(schema::string());
  scopes.handler = [](const ApiRequest&) {
    Json names = Json::array();
    for (const std::string_view scope : api_scopes()) names.push_back(scope);
    return ApiResponse::json(names);
  };
  routes.add(std::move(scopes));
}

}  // namespace

void add_api_key_routes(RouteTable& routes, Accounts& accounts, const base::Clock& clock) {
  add_key_list_routes(routes, accounts, clock);

  const Json description = schema::text(0, 1'000);
  Route add = key_route("POST", "/api_key", "Makes an API key. Its secret is told in this answer and never again.");
  add.body_schema = schema::object(
      {{"name", {{"type", "string"}, {"pattern", "^[A-Za-z]+[A-Za-z0-9-_]*$"}, {"minLength", 1}, {"maxLength", 256}}},
       {"desc", description},
       {"enable", schema::boolean()},
       {"expired_at", expiry_schema()},
       {"role", key_role_schema()},
       {"scopes", scopes_schema()}},
      {"name"});
  add.responses[200] = key_schema(true);
  add.handler = [&accounts, &clock](const ApiRequest& request) { return add_key(accounts, clock, request); };
  routes.add(std::move(add));

  Route change = key_route("PUT", "/api_key/{name}", "Changes an API key; what is left out stays.");
  change.body_schema = schema::object({{"desc", description},
                                       {"enable", schema::boolean()},
                                       {"expired_at", expiry_schema()},
                                       {"role", key_role_schema()},
                                       {"scopes", scopes_schema()}});
  change.responses[200] = key_schema(false);
  change.handler = [&accounts, &clock](const ApiRequest& request) { return change_key(accounts, clock, request); };
  routes.add(std::move(change));

  Route remove = key_route("DELETE", "/api_key/{name}", "Removes an API key; it is refused from now on.");
  remove.responses[204] = nullptr;
  remove.handler = [&accounts](const ApiRequest& request) {
    const auto removed = accounts.api_keys().remove(request.path_parameter("name"));
    return removed == ApiKeyStore::Change::done ? ApiResponse::no_content() : refusal(removed);
  };
  routes.add(std::move(remove));
}

}  // namespace patchbay::admin
