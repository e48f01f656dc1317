#include <catch2/catch.hpp>

#include "admin/access_check.h"
#include "admin/account_endpoints.h"
#include "admin/schema.h"
#include "unit/admin/temporary_accounts.h"

using namespace patchbay::admin;
using namespace patchbay::test;
using patchbay::base::ManualClock;

namespace {

struct AccountRoutes {
  AccountRoutes() {
    REQUIRE(accounts.open());
    add_user_routes(routes, accounts, {"1.2.3"});
    add_api_key_routes(routes, accounts, clock);
  }

  ApiResponse call(const std::string& method, const std::string& path, Json body = nullptr,
                   Caller caller = {Caller::By::token, "admin", Role::administrator, {}}) {
    ApiRequest request;
    const Route* route = nullptr;
    std::vector<std::string> allowed;
    REQUIRE(routes.find(method, path, route, request.path_parameters, allowed) == RouteTable::Found::route);
    request.method = method;
    request.path = path;
    request.peer_address = "127.0.0.1";
    request.caller = std::move(caller);
    if (auto refused = access_problem(*route, request.caller)) return *refused;
    if (!body.is_null()) {
      INFO(body.dump());
      REQUIRE(check_body(route->body_schema, body).empty());
    }
    request.body = std::move(body);
    return route->handler(request);
  }
  Json json(const ApiResponse& response) { return Json::parse(response.body); }

  AccountFolder folder;
  ManualClock clock;
  Accounts accounts{account_options(folder), clock};
  RouteTable routes;
};

}  // namespace

TEST_CASE("a login tells what clients of EMQX look for") {
  AccountRoutes all;
  const ApiResponse answer = all.call("POST", "/login", {{"username", "admin"}, {"password", "secret-1"}}, {});
  REQUIRE(answer.status == 200);
  CHECK(all.json(answer)["version"] == "1.2.3");
  CHECK(all.json(answer)["role"] == "administrator");
  CHECK(all.json(answer)["license"]["edition"] == "opensource");
  CHECK_FALSE(all.json(answer).contains("password_change_required"));
  const std::string header = "Bearer " + all.json(answer)["token"].get<std::string>();
  CHECK(all.accounts.authenticate(header, ""));
  CHECK(all.call("POST", "/logout", {{"username", "other"}}).status == 401);
  CHECK(all.call("POST", "/logout", {{"username", "admin"}}).status == 204);
  CHECK_FALSE(all.accounts.authenticate(header, ""));
}

TEST_CASE("users are added, changed, listed without their hashes, and removed") {
  AccountRoutes all;
  const Json ann = {{"username", "ann"}, {"password", "secret-2"}, {"role", "viewer"}, {"description", "<b>Ann</b>"}};
  CHECK(all.call("POST", "/users", ann).status == 200);
  CHECK(all.json(all.call("POST", "/users", ann))["code"] == "ALREADY_EXISTS");
  CHECK(all.json(all.call("POST", "/users", {{"username", "bob"}, {"password", "weak"}}))["code"] == "BAD_REQUEST");
  const ApiResponse list = all.call("GET", "/users");
  REQUIRE(all.json(list).size() == 2);
  CHECK(list.body.find("argon2") == std::string::npos);
  CHECK(all.json(all.call("PUT", "/users/ann", {{"role", "administrator"}}))["role"] == "administrator");
  CHECK(all.json(all.call("PUT", "/users/ann", {{"description", "x"}}))["role"] == "administrator");
  CHECK(all.call("PUT", "/users/nobody", {{"role", "viewer"}}).status == 404);
  CHECK(all.call("DELETE", "/users/ann").status == 204);
  CHECK(all.json(all.call("DELETE", "/users/ann"))["code"] == "USER_NOT_FOUND");
}

TEST_CASE("nobody locks himself out") {
  AccountRoutes all;
  CHECK(all.json(all.call("DELETE", "/users/admin"))["code"] == "NOT_ALLOWED");
  CHECK(all.json(all.call("PUT", "/users/admin", {{"role", "viewer"}}))["code"] == "NOT_ALLOWED");
  REQUIRE(all.call("POST", "/users", {{"username", "ann"}, {"password", "secret-2"}}).status == 200);
  const Caller ann{Caller::By::token, "ann", Role::administrator, {}};
  CHECK(all.json(all.call("DELETE", "/users/ann", nullptr, ann))["code"] == "NOT_ALLOWED");
}

TEST_CASE("users change their own password, and the command line that of anybody") {
  AccountRoutes all;
  const Json change = {{"old_pwd", "secret-1"}, {"new_pwd", "secret-3"}};
  const Caller viewer{Caller::By::token, "vera", Role::viewer, {}};
  CHECK(all.call("POST", "/users/admin/change_pwd", change, viewer).status == 403);
  CHECK(all.call("POST", "/users/admin/change_pwd", {{"new_pwd", "secret-3"}}).status == 400);
  CHECK(all.call("POST", "/users/admin/change_pwd", {{"old_pwd", "wrong"}, {"new_pwd", "secret-3"}}).status == 401);
  CHECK(all.call("POST", "/users/admin/change_pwd", {{"old_pwd", "secret-1"}, {"new_pwd", "secret-1"}}).status == 400);
  CHECK(all.call("POST", "/users/admin/change_pwd", change).status == 204);
  const Caller local{Caller::By::local, "ctl", Role::administrator, {}};
  CHECK(all.call("POST", "/users/admin/change_pwd", {{"new_pwd", "secret-4"}}, local).status == 204);
  CHECK(all.accounts.log_in("admin", "secret-4", "x"));
  CHECK(all.call("POST", "/users/nobody/change_pwd", {{"new_pwd", "secret-4"}}, local).status == 404);
}

TEST_CASE("API keys show their secret once") {
  AccountRoutes all;
  const ApiResponse made = all.call(
      "POST", "/api_key", {{"name", "exporter"}, {"desc", "d"}, {"role", "viewer"}, {"scopes", {"monitoring"}}});
  REQUIRE(made.status == 200);
  const Json key = all.json(made);
  CHECK(key["expired_at"] == "infinity");
  CHECK(key["enable"] == true);
  const auto found =
      all.accounts.api_keys().check(key["api_key"].get<std::string>(), key["api_secret"].get<std::string>());
  REQUIRE(found);
  CHECK(found->scopes == std::set<std::string>{"monitoring"});
  CHECK_FALSE(all.json(all.call("GET", "/api_key/exporter")).contains("api_secret"));
  CHECK_FALSE(all.json(all.call("GET", "/api_key"))[0].contains("api_secret"));
  CHECK(all.json(all.call("POST", "/api_key", {{"name", "exporter"}}))["code"] == "ALREADY_EXISTS");
  const Json soon = {{"expired_at", "2023-11-14T23:13:20+01:00"}, {"enable", false}};
  const Json changed = all.json(all.call("PUT", "/api_key/exporter", soon));
  CHECK(changed["expired"] == true);
  CHECK(changed["enable"] == false);
  CHECK(changed["role"] == "viewer");
  CHECK(all.call("PUT", "/api_key/exporter", {{"expired_at", "tomorrow"}}).status == 400);
  CHECK(all.call("DELETE", "/api_key/exporter").status == 204);
  CHECK(all.call("GET", "/api_key/exporter").status == 404);
}

TEST_CASE("keys cannot manage users or keys") {
  AccountRoutes all;
  const Caller key{Caller::By::api_key, "k", Role::administrator, {}};
  for (const char* path : {"/users", "/api_key"}) {
    const ApiResponse refused = all.call("GET", path, nullptr, key);
    CHECK(refused.status == 401);
    CHECK(all.json(refused)["code"] == "API_KEY_NOT_ALLOW");
  }
}
