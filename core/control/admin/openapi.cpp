#include "admin/openapi.h"

#include <algorithm>
#include <set>

#include "admin/url_text.h"

namespace patchbay::admin {

namespace {

/// OpenAPI 3.0 has a dialect of JSON Schema of its own: a constant is an enumeration of one.
Json in_dialect(const Json& schema) {
  if (schema.is_array()) {
    Json list = Json::array();
    for (const Json& one : schema) list.push_back(in_dialect(one));
    return list;
  }
  if (!schema.is_object()) return schema;
  Json result = Json::object();
  for (const auto& [name, value] : schema.items()) {
    if (name == "const") {
      result["enum"] = Json::array({value});
    } else if (name == "examples") {
      result["example"] = value.front();
    } else if (name == "x-secret") {
      result["writeOnly"] = true;
      result["format"] = "password";
    } else if (name == "default" || name == "enum") {
      result[name] = value;
    } else {
      result[name] = in_dialect(value);
    }
  }
  return result;
}

/// "/a/{name*}" is "/a/{name}" to those who know no rest of a path.
std::string documented_path(const std::string& path) {
  std::string result;
  for (const char byte : path) {
    if (byte != '*') result += byte;
  }
  return result;
}

std::string small_method(const std::string& method) {
  std::string small;
  for (const char byte : method) small += static_cast<char>(byte | 0x20);
  return small;
}

/// "get_clients_by_clientid"
std::string operation_id(const Route& route) {
  std::string id = small_method(route.method);
  const std::string path = documented_path(route.path);
  for (std::string_view part : path_parts(path)) {
    const bool parameter = part.starts_with('{');
    if (parameter) part = part.substr(1, part.size() - 2);
    id += parameter ? "_by_" : "_";
    for (const char byte : part) id += byte == '-' || byte == '.' ? '_' : byte;
  }
  return id;
}

Json parameters_of(const Route& route) {
  Json list = Json::array();
  const std::string path = documented_path(route.path);
  for (const std::string_view part : path_parts(path)) {
    if (!part.starts_with('{')) continue;
    const std::string name(part.substr(1, part.size() - 2));
    const auto known = route.path_schemas.find(name);
    Json schema = known == route.path_schemas.end() ? Json{{"type", "string"}} : in_dialect(known->second);
    list.push_back({{"name", name}, {"in", "path"}, {"required", true}, {"schema", std::move(schema)}});
  }
  for (const QueryParameter& parameter : route.query) {
    Json schema = in_dialect(parameter.schema);
    if (parameter.repeatable) schema = {{"type", "array"}, {"items", std::move(schema)}};
    list.push_back({{"name", parameter.name},
                    {"in", "query"},
                    {"required", parameter.required},
                    {"description", parameter.description},
                    {"schema", std::move(schema)}});
  }
  return list;
}

Json body_of(const Route& route) {
  Json schema = in_dialect(route.body_schema);
  if (route.body_type == "multipart/form-data" && schema.is_null()) {
    schema = {{"type", "object"}, {"properties", {{"plugin", {{"type", "string"}, {"format", "binary"}}}}}};
  } else if (schema.is_null()) {
    schema = {{"type", "string"}};
  }
  return {{"required", route.body_required}, {"content", {{route.body_type, {{"schema", std::move(schema)}}}}}};
}

std::string_view meaning_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "Done; no content";
    default:
      return status < 400 ? "OK" : "Refused";
  }
}

Json answer_of(int status, const Json& schema) {
  Json answer = {{"description", meaning_of(status)}};
  if (!schema.is_null()) answer["content"]["application/json"]["schema"] = in_dialect(schema);
  return answer;
}

/// What every route can answer besides its own.
void add_common_answers(const Route& route, Json& answers) {
  const auto add = [&answers](const char* status, const char* description) {
    if (answers.contains(status)) return;
    answers[status]["description"] = description;
    answers[status]["content"]["application/json"]["schema"]["$ref"] = "#/components/schemas/Error";
  };
  const bool has_body = !route.body_schema.is_null() || route.body_type != "application/json";
  add("400", "The request is not what is described here; the message names the field");
  if (route.access != Access::open) {
    add("401", "Nobody is logged in, or the API key is wrong or not for this");
    add("403", "The caller's role or scopes do not include this, or a plugin does not allow it");
  }
  if (has_body || route.path.find('{') != std::string::npos) add("404", "There is no such thing");
  if (has_body) add("413", "The body is too large");
  if (has_body) add("415", "The body has another type");
  add("429", "Too many requests or attempts; see Retry-After");
  add("500", "The server has failed; its log says how");
  add("503", "Not now; try again");
}

Json operation_of(const Route& route) {
  Json operation = {{"tags", Json::array({route.tag})},
                    {"summary", route.summary},
                    {"operationId", operation_id(route)},
                    {"parameters", parameters_of(route)},
                    {"responses", Json::object()}};
  if (!route.body_schema.is_null() || route.body_type != "application/json") operation["requestBody"] = body_of(route);
  for (const auto& [status, schema] : route.responses)
    operation["responses"][std::to_string(status)] = answer_of(status, schema);
  add_common_answers(route, operation["responses"]);
  if (route.access == Access::open) operation["security"] = Json::array();
  if (route.access == Access::own || route.access == Access::users_only)
    operation["security"] = Json::array({{{"bearer", Json::array()}}});
  if (!route.scope.empty()) operation["x-scope"] = route.scope;
  if (route.passes_on) operation["x-served-by"] = "plugin";
  return operation;
}

Json components() {
  return {{"securitySchemes",
           {{"bearer", {{"type", "http"}, {"scheme", "bearer"}, {"description", "the token from /login"}}},
            {"basic", {{"type", "http"}, {"scheme", "basic"}, {"description", "api_key:api_secret"}}}}},
          {"schemas",
           {{"Error",
             {{"type", "object"},
              {"properties", {{"code", {{"type", "string"}}}, {"message", {{"type", "string"}}}}},
              {"required", {"code", "message"}}}}}}};
}

}  // namespace

Json openapi_document(const RouteTable& routes, const std::string& version, const std::vector<Route>& more) {
  Json paths = Json::object();
  Json tags = Json::array();
  std::set<std::string> known;
  const auto add = [&](const Route& route) {
    paths[documented_path(route.path)][small_method(route.method)] = operation_of(route);
    if (known.insert(route.tag).second) tags.push_back({{"name", route.tag}});
  };
  for (const Route& route : routes.routes()) add(route);
  for (const Route& route : more) add(route);
  return {{"openapi", "3.0.3"},
          {"info",
           {{"title", "Patchbay"},
            {"version", version},
            {"description", "The API of a Patchbay node, compatible with EMQX's /api/v5 where it has the feature."}}},
          {"servers", Json::array({{{"url", "/api/v5"}}})},
          {"security", Json::array({{{"bearer", Json::array()}}, {{"basic", Json::array()}}})},
          {"tags", std::move(tags)},
          {"paths", std::move(paths)},
          {"components", components()}};
}

}  // namespace patchbay::admin
