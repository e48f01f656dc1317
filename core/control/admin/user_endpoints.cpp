#include "admin/account_endpoints.h"
#include "admin/error_codes.h"
#include "admin/schema.h"
#include "admin/secrets.h"

namespace patchbay::admin {

namespace {

constexpr const char* kUserTag = "Users";
constexpr const char* kUserScope = "system";

Json user_json(const User& user) {
  return {{"username", user.username},
          {"description", user.description},
          {"role", role_name(user.role)},
          {"backend", "local"},
          {"password_change_required", user.must_change}};
}

Json user_schema() {
  return schema::object({{"username", schema::string()},
                         {"description", schema::string()},
                         {"role", schema::one_of_words({"administrator", "viewer"})},
                         {"backend", schema::string("always \"local\"")},
                         {"password_change_required", schema::boolean("the password only serves to set another one")}});
}

Json user_name_schema() {
  return {{"type", "string"}, {"pattern", "^[A-Za-z0-9][A-Za-z0-9_.@-]*$"}, {"minLength", 1}, {"maxLength", 100}};
}

Json user_role_schema() {
  return schema::with_default(schema::one_of_words({"administrator", "viewer"}), "administrator");
}

Json password_schema(std::string_view description) {
  Json schema = schema::text(1, 256, description);
  schema["x-secret"] = true;
  return schema;
}

ApiResponse no_such_user() {
  return ApiResponse::error(404, code::kUserNotFound, "there is no user of that name");
}

ApiResponse answer_to(UserStore::Change change, const std::optional<User>& user) {
  switch (change) {
    case UserStore::Change::done:
      return user ? ApiResponse::json(user_json(*user)) : ApiResponse::no_content();
    case UserStore::Change::exists:
      return ApiResponse::error(400, code::kAlreadyExists, "username: there is a user of that name");
    case UserStore::Change::unknown:
      return no_such_user();
    case UserStore::Change::too_many:
      return ApiResponse::error(400, code::kExceedLimit, "there are as many users as are allowed");
    case UserStore::Change::not_kept:
      break;
  }
  return ApiResponse::error(500, code::kInternalError, "the change cannot be kept on disk");
}

Role role_in(const Json& body) {
  return role_of(body.value("role", std::string("administrator"))).value_or(Role::viewer);
}

ApiResponse log_in(Accounts& accounts, const LoginFacts& facts, const ApiRequest& request) {
  const auto username = request.body["username"].get<std::string>();
  auto token = accounts.log_in(username, request.body["password"].get<std::string>(), request.peer_address);
  if (!token) return token.error();
  const auto user = accounts.users().find(username);
  Json body = {{"token", *token}, {"version", facts.version}, {"license", {{"edition", "opensource"}}}};
  body["role"] = role_name(user ? user->role : Role::viewer);
  if (user && user->must_change) body["password_change_required"] = true;
  return ApiResponse::json(body);
}

ApiResponse log_out(Accounts& accounts, const ApiRequest& request) {
  if (request.body.value("username", request.caller.name) != request.caller.name)
    return ApiResponse::error(401, code::kBadToken, "username: the token is another user's");
  accounts.tokens().revoke_all(request.caller.name);
  return ApiResponse::no_content();
}

ApiResponse add_user(Accounts& accounts, const ApiRequest& request) {
  const auto password = request.body["password"].get<std::string>();
  const std::string problem = password_problem(password);
  if (!problem.empty()) return ApiResponse::error(400, code::kBadRequest, "/password: " + problem);
  User user;
  user.username = request.body["username"].get<std::string>();
  user.description = request.body.value("description", "");
  user.role = role_in(request.body);
  if (accounts.users().find(user.username)) return answer_to(UserStore::Change::exists, std::nullopt);
  auto hash = accounts.hash(password);
  if (!hash) return ApiResponse::error(503, code::kServiceUnavailable, "too many passwords are being hashed");
  user.password_hash = std::move(*hash);
  return answer_to(accounts.users().add(user), user);
}

ApiResponse change_user(Accounts& accounts, const ApiRequest& request) {
  const std::string& name = request.path_parameter("username");
  const auto user = accounts.users().find(name);
  if (!user) return no_such_user();
  const Role role = request.body.contains("role") ? role_in(request.body) : user->role;
  if (role != Role::administrator && (name == kDefaultAdmin || name == request.caller.name))
    return ApiResponse::error(400, code::kNotAllowed, "role: the first administrator, and oneself, stay what they are");
  const auto change = accounts.users().update(name, role, request.body.value("description", user->description));
  return answer_to(change, accounts.users().find(name));
}

ApiResponse remove_user(Accounts& accounts, const ApiRequest& request) {
  const std::string& name = request.path_parameter("username");
  if (name == kDefaultAdmin) return ApiResponse::error(400, code::kNotAllowed, "the first administrator stays");
  if (name == request.caller.name) return ApiResponse::error(400, code::kNotAllowed, "nobody deletes himself");
  const auto change = accounts.users().remove(name);
  accounts.tokens().revoke_all(name);
  return answer_to(change, std::nullopt);
}

// Users change their own password. Who works on this machine, with the token file, need not know the old one.
ApiResponse change_password(Accounts& accounts, const ApiRequest& request) {
  const std::string& name = request.path_parameter("username");
  const auto fresh = request.body["new_pwd"].get<std::string>();
  const bool local = request.caller.by == Caller::By::local;
  if (!local && name != request.caller.name)
    return ApiResponse::error(403, code::kUnauthorizedRole, "users change their own password only");
  if (!local && !request.body.contains("old_pwd"))
    return ApiResponse::error(400, code::kBadRequest, "/old_pwd: is required and missing");
  const auto refused =
      local ? accounts.reset_password(name, fresh)
            : accounts.change_password(name, request.body["old_pwd"].get<std::string>(), fresh, request.peer_address);
  return refused ? *refused : ApiResponse::no_content();
}

Route user_route(const char* method, const char* path, Access access, const char* summary) {
  Route route;
  route.method = method;
  route.path = path;
  route.tag = kUserTag;
  route.scope = kUserScope;
  route.access = access;
  route.summary = summary;
  return route;
}

void add_session_routes(RouteTable& routes, Accounts& accounts, const LoginFacts& facts) {
  Route login = user_route("POST", "/login", Access::open, "A token for a user, for the header Authorization.");
  login.body_schema = schema::object({{"username", schema::text(1, 256)}, {"password", password_schema("of the user")}},
                                     {"username", "password"});
  login.responses[200] = schema::object({{"token", schema::string("expires an hour after its last use")},
                                         {"version", schema::string()},
                                         {"license", schema::open_object()},
                                         {"role", schema::one_of_words({"administrator", "viewer"})},
                                         {"password_change_required", schema::boolean()}});
  login.handler = [&accounts, facts](const ApiRequest& request) { return log_in(accounts, facts, request); };
  routes.add(std::move(login));

  Route logout = user_route("POST", "/logout", Access::own, "Ends all tokens of the user.");
  logout.body_schema = schema::object({{"username", schema::text(1, 256)}});
  logout.body_required = false;
  logout.responses[204] = nullptr;
  logout.handler = [&accounts](const ApiRequest& request) { return log_out(accounts, request); };
  routes.add(std::move(logout));

  Route password = user_route("POST", "/users/{username}/change_pwd", Access::own,
                              "Sets a new password of one's own: 8 to 64 characters of two kinds. Ends all tokens.");
  password.body_schema = schema::object(
      {{"old_pwd", password_schema("the old password")}, {"new_pwd", password_schema("the new password")}},
      {"new_pwd"});
  password.responses[204] = nullptr;
  password.handler = [&accounts](const ApiRequest& request) { return change_password(accounts, request); };
  routes.add(std::move(password));
}

}  // namespace

void add_user_routes(RouteTable& routes, Accounts& accounts, const LoginFacts& facts) {
  add_session_routes(routes, accounts, facts);

  Route list = user_route("GET", "/users", Access::users_only, "All users.");
  list.responses[200] = schema::array(user_schema());
  list.handler = [&accounts](const ApiRequest&) {
    Json users = Json::array();
    for (const User& user : accounts.users().list()) users.push_back(user_json(user));
    return ApiResponse::json(users);
  };
  routes.add(std::move(list));

  Route add = user_route("POST", "/users", Access::users_only, "Adds a user.");
  add.body_schema = schema::object({{"username", user_name_schema()},
                                    {"password", password_schema("8 to 64 characters of two kinds")},
                                    {"role", user_role_schema()},
                                    {"description", schema::text(0, 1'000)}},
                                   {"username", "password"});
  add.responses[200] = user_schema();
  add.handler = [&accounts](const ApiRequest& request) { return add_user(accounts, request); };
  routes.add(std::move(add));

  Route change = user_route("PUT", "/users/{username}", Access::users_only, "Changes a user's role and description.");
  change.body_schema = schema::object({{"role", user_role_schema()}, {"description", schema::text(0, 1'000)}});
  change.responses[200] = user_schema();
  change.handler = [&accounts](const ApiRequest& request) { return change_user(accounts, request); };
  routes.add(std::move(change));

  Route remove =
      user_route("DELETE", "/users/{username}", Access::users_only, "Removes a user, and ends the user's tokens.");
  remove.responses[204] = nullptr;
  remove.handler = [&accounts](const ApiRequest& request) { return remove_user(accounts, request); };
  routes.add(std::move(remove));
}

}  // namespace patchbay::admin
