#include <catch2/catch.hpp>
#include <stdexcept>

#include "admin/dispatcher.h"
#include "admin/paging.h"
#include "admin/schema.h"
#include "unit/admin/temporary_accounts.h"

using namespace patchbay::admin;
using namespace patchbay::test;
using patchbay::base::ManualClock;

namespace {

struct PlayedHooks final : AdminHooks {
  [[nodiscard]] bool listens(bool) const override { return listening; }
  [[nodiscard]] bool allows(const AdminAction& action) override {
    asked.push_back(action);
    return allow;
  }
  void tell(const AdminAction& action, int status) override { told.emplace_back(action.path, status); }

  bool listening = true;
  bool allow = true;
  std::vector<AdminAction> asked;
  std::vector<std::pair<std::string, int>> told;
};

struct Answer {
  int status = 0;
  std::string code;
  std::string message;
  ApiResponse response;
};

/// A server without its sockets: a few routes, an administrator, a viewer and some keys.
class Server {
 public:
  Server() {
    add_routes();
    REQUIRE(accounts.open());
    add_user("ann", Role::administrator, false);
    add_user("vera", Role::viewer, false);
    add_user("new", Role::administrator, true);
  }

  Answer send(const std::string& method, const std::string& target, const std::string& authorization,
              const std::string& body = {}, const std::string& headers = {}) {
    std::string text = method + " " + target + " HTTP/1.1\r\n";
    if (headers.find("Host:") == std::string::npos) text += "Host: localhost:18083\r\n";
    if (!authorization.empty()) text += "Authorization: " + authorization + "\r\n";
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    if (!body.empty() && headers.find("Content-Type:") == std::string::npos)
      text += "Content-Type: application/json; charset=utf-8\r\n";
    const auto head = parse_head(text + headers + "\r\n");
    REQUIRE(head);
    Admission admission = dispatcher.admit(*head, "127.0.0.1");
    admitted_bytes = admission.body_bytes_max;
    Answer answer;
    answer.response = admission.answer ? *admission.answer : admission.handle(body);
    answer.status = answer.response.status;
    const Json json = Json::parse(answer.response.body, nullptr, false);
    if (json.is_object()) answer.code = json.value("code", "");
    if (json.is_object()) answer.message = json.value("message", "");
    return answer;
  }
  std::string bearer(const std::string& user) { return "Bearer " + *accounts.log_in(user, "secret-1", "127.0.0.1"); }
  std::string key(Role role, std::set<std::string> scopes = {}) {
    ApiKey key;
    key.name = "k" + std::to_string(++keys_);
    key.role = role;
    key.scopes = std::move(scopes);
    std::string secret;
    REQUIRE(accounts.api_keys().add(key, secret) == ApiKeyStore::Change::done);
    return "Basic " + base64(key.api_key + ":" + secret);
  }

  AccountFolder folder;
  ManualClock clock;
  Accounts accounts{account_options(folder), clock};
  RouteTable api, pages;
  PlayedHooks hooks;
  AuditLog audit{folder.path / "audit.log"};
  Dispatcher dispatcher{api, pages, accounts, hooks, audit, clock, {{"broker.example"}, 1'000, 5'000, 50, 100}};
  uint64_t admitted_bytes = 0;
  int changes = 0;  ///< made by handlers

 private:
  static std::string base64(const std::string& text) {
    constexpr const char* kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string encoded;
    uint32_t bits = 0;
    int count = 0;
    for (const char byte : text) {
      bits = bits << 8 | static_cast<uint8_t>(byte);
      for (count += 8; count >= 6; count -= 6) encoded += kDigits[bits >> (count - 6) & 63];
    }
    if (count > 0) encoded += kDigits[bits << (6 - count) & 63];
    return encoded;
  }
  void add_user(const std::string& name, Role role, bool must_change) {
    REQUIRE(accounts.users().add({name, "", role, *accounts.hash("secret-1"), must_change}) == UserStore::Change::done);
  }
  static Route route(const char* method, const char* path, Access access) {
    Route route;
    route.method = method;
    route.path = path;
    route.tag = "Tests";
    route.scope = "connections";
    route.access = access;
    return route;
  }
  void add(Route route) {
    route.handler = [this](const ApiRequest& request) {
      if (request.method != "GET") ++changes;
      return ApiResponse::json({{"user", request.caller.name}, {"path", request.path}, {"body", request.body}});
    };
    api.add(std::move(route));
  }
  void add_routes() {
    Route list = route("GET", "/things", Access::read);
    list.query = paging_parameters({{"name", schema::text(1, 8), "by name", true}});
    add(std::move(list));
    add(route("GET", "/things/{name}", Access::read));
    add(route("DELETE", "/things/{name}", Access::write));
    Route change = route("PUT", "/things/{name}", Access::write);
    change.body_schema = schema::object({{"size", schema::integer(1, 9)}}, {"size"});
    add(std::move(change));
    add(route("POST", "/publish", Access::publish));
    add(route("GET", "/keys", Access::users_only));
    add(route("POST", "/own", Access::own));
    add(route("GET", "/open", Access::open));
    Route upload = route("POST", "/upload", Access::write);
    upload.body_type = "multipart/form-data";
    add(std::move(upload));
    Route broken = route("POST", "/broken", Access::write);
    broken.handler = [](const ApiRequest&) -> ApiResponse { throw std::runtime_error("the secret is 42"); };
    api.add(std::move(broken));
    Route page = route("GET", "/status", Access::open);
    page.handler = [](const ApiRequest&) { return ApiResponse::text("running"); };
    page.prompt = true;
    pages.add(std::move(page));
  }

  int keys_ = 0;
};

}  // namespace

TEST_CASE("a request finds its route, and its caller is known") {
  Server server;
  const Answer answer = server.send("GET", "/api/v5/things/a%2Fb", server.bearer("ann"));
  CHECK(answer.status == 200);
  CHECK(Json::parse(answer.response.body)["user"] == "ann");
  CHECK(server.send("GET", "/status", "").status == 200);
  CHECK(server.send("HEAD", "/status", "").status == 200);
  CHECK(server.send("GET", "/api/v5/open", "").status == 200);
}

TEST_CASE("what waits for nobody is known by its head, and is checked as everything is") {
  Server server;
  server.hooks.listening = false;
  const auto head_of = [](const std::string& line) {
    return *parse_head(line + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  };
  for (const char* line : {"GET /status", "HEAD /status", "GET /status?format=json"}) {
    INFO(line);
    CHECK(server.dispatcher.is_prompt(head_of(line)));
  }
  for (const char* line : {"POST /status", "GET /api/v5/status", "GET /api/v5/things", "GET /statu%73"}) {
    INFO(line);
    CHECK_FALSE(server.dispatcher.is_prompt(head_of(line)));
  }
  const Admission admission = server.dispatcher.admit(head_of("GET /status"), "127.0.0.1");
  CHECK(admission.begin("", {}).answer->body == "running");
  const Admission odd = server.dispatcher.admit(head_of("GET /status?size=1"), "127.0.0.1");
  CHECK(odd.begin("", {}).answer->status == 400);
  // A plugin may take its time.
  server.hooks.listening = true;
  CHECK_FALSE(server.dispatcher.is_prompt(head_of("GET /status")));
}

TEST_CASE("plugins that do not listen are not asked") {
  Server server;
  const std::string ann = server.bearer("ann");
  server.hooks.listening = false;
  CHECK(server.send("GET", "/api/v5/things", ann).status == 200);
  CHECK(server.hooks.asked.empty());
  server.hooks.listening = true;
  CHECK(server.send("GET", "/api/v5/things", ann).status == 200);
  CHECK(server.hooks.asked.size() == 1);
}

TEST_CASE("what there is not, and what it is not for") {
  Server server;
  const std::string ann = server.bearer("ann");
  for (const char* path :
       {"/", "/api/v5", "/api/v5/", "/api/v5/nothing", "/things", "/api/v4/things", "/api/v5/things/"}) {
    INFO(path);
    const Answer answer = server.send("GET", path, ann);
    CHECK(answer.status == 404);
    CHECK(answer.code == "NOT_FOUND");
  }
  const Answer other = server.send("POST", "/api/v5/things/a", ann);
  CHECK(other.status == 405);
  REQUIRE_FALSE(other.response.headers.empty());
  CHECK(other.response.headers.back() ==
        std::pair<std::string, std::string>("Allow", "DELETE, GET, PUT, HEAD, OPTIONS"));
  CHECK(server.send("OPTIONS", "/api/v5/things/a", "").status == 204);
  CHECK(server.send("OPTIONS", "*", "").status == 204);
  for (const char* path : {"/api/v5/things/..", "/api/v5/../status", "/api/v5/things/%2e%2E", "/api/v5/./things"}) {
    INFO(path);
    CHECK(server.send("GET", path, ann).status == 400);
  }
  CHECK(server.send("GET", "/api/v5/things?a=%", ann).status == 400);
}

TEST_CASE("who may do what") {
  Server server;
  const std::string viewer = server.bearer("vera");
  CHECK(server.send("GET", "/api/v5/things", viewer).status == 200);
  CHECK(server.send("DELETE", "/api/v5/things/a", viewer).code == "UNAUTHORIZED_ROLE");
  CHECK(server.send("POST", "/api/v5/publish", viewer).status == 403);
  CHECK(server.send("GET", "/api/v5/keys", viewer).status == 403);
  CHECK(server.send("POST", "/api/v5/own", viewer).status == 200);
  const std::string publisher = server.key(Role::publisher);
  CHECK(server.send("POST", "/api/v5/publish", publisher).status == 200);
  CHECK(server.send("GET", "/api/v5/things", publisher).status == 403);
  const std::string key = server.key(Role::administrator);
  CHECK(server.send("DELETE", "/api/v5/things/a", key).status == 200);
  for (const char* path : {"/api/v5/keys", "/api/v5/own"}) {
    const Answer refused = server.send(std::string(path).ends_with("own") ? "POST" : "GET", path, key);
    CHECK(refused.status == 401);
    CHECK(refused.code == "API_KEY_NOT_ALLOW");
  }
  CHECK(server.send("GET", "/api/v5/things", server.key(Role::viewer, {"connections"})).status == 200);
  CHECK(server.send("GET", "/api/v5/things", server.key(Role::viewer, {"system"})).code == "UNAUTHORIZED_ROLE");
  CHECK(server.send("GET", "/api/v5/things", "").code == "AUTHORIZATION_HEADER_ERROR");
  CHECK(server.send("GET", "/api/v5/things", viewer, "", "Authorization: " + viewer + "\r\n").status == 401);
}

TEST_CASE("who has the first password can set another and nothing else") {
  Server server;
  const std::string bearer = server.bearer("new");
  CHECK(server.send("GET", "/api/v5/things", bearer).code == "PASSWORD_CHANGE_REQUIRED");
  CHECK(server.send("DELETE", "/api/v5/things/a", bearer).code == "PASSWORD_CHANGE_REQUIRED");
  CHECK(server.send("POST", "/api/v5/own", bearer).status == 200);
  CHECK(server.changes == 1);
}

TEST_CASE("queries and bodies are checked before anything is done") {
  Server server;
  const std::string ann = server.bearer("ann");
  for (const char* query : {"page=0", "limit=0", "limit=10001", "page=a", "limit=", "page=1&page=2"}) {
    INFO(query);
    const Answer answer = server.send("GET", std::string("/api/v5/things?") + query, ann);
    CHECK(answer.status == 400);
    CHECK((answer.code == "INVALID_PARAMETER" || answer.message.find("twice") != std::string::npos));
  }
  CHECK_THAT(server.send("GET", "/api/v5/things?limit=0", ann).message, Catch::StartsWith("page_limit_invalid"));
  CHECK_THAT(server.send("GET", "/api/v5/things?nam=a", ann).message, Catch::Contains("\"nam\""));
  CHECK(server.send("GET", "/api/v5/things?name=a&name=b", ann).status == 200);
  std::string deep(70, '[');
  for (const std::string& body : {std::string("{"), std::string("[]"), std::string("{\"size\":0}"), std::string("{}"),
                                  std::string("{\"size\":\"1\"}"), std::string("{\"size\":1,\"site\":2}"),
                                  std::string("{\"size\":1,\"size\":2}"), std::string("{\"size\":\"\xFF\"}"), deep}) {
    INFO(body);
    const Answer answer = server.send("PUT", "/api/v5/things/a", ann, body);
    CHECK(answer.status == 400);
    CHECK(answer.code == "BAD_REQUEST");
  }
  CHECK_THAT(server.send("PUT", "/api/v5/things/a", ann, "{\"size\":17}").message, Catch::Contains("/size"));
  CHECK(server.send("PUT", "/api/v5/things/a", ann).status == 400);
  CHECK(server.send("PUT", "/api/v5/things/a", ann, "{\"size\":1}", "Content-Type: text/plain\r\n").status == 415);
  CHECK(server.changes == 0);
  CHECK(server.send("PUT", "/api/v5/things/a", ann, "{\"size\":1}").status == 200);
}

TEST_CASE("how much may be sent depends on who sends it where") {
  Server server;
  const std::string ann = server.bearer("ann");
  static_cast<void>(server.send("PUT", "/api/v5/things/a", ann, "{\"size\":1}"));
  CHECK(server.admitted_bytes == 1'000);
  static_cast<void>(server.send("POST", "/api/v5/upload", ann));
  CHECK(server.admitted_bytes == 5'000);
  static_cast<void>(server.send("DELETE", "/api/v5/things/a", ann));
  CHECK(server.admitted_bytes == 16 * 1024);
  static_cast<void>(server.send("POST", "/api/v5/upload", ""));
  CHECK(server.admitted_bytes == 0);
}

TEST_CASE("plugins are asked, and their no is an answer") {
  Server server;
  const std::string ann = server.bearer("ann");
  CHECK(server.send("PUT", "/api/v5/things/a", ann, "{\"size\":1}").status == 200);
  REQUIRE(server.hooks.asked.size() == 1);
  CHECK(server.hooks.asked[0].change);
  CHECK(server.hooks.asked[0].user == "ann");
  CHECK(server.hooks.asked[0].path == "/things/a");
  CHECK(server.hooks.asked[0].body_json == "{\"size\":1}");
  CHECK(server.hooks.told.back() == std::pair<std::string, int>("/things/a", 200));
  server.hooks.allow = false;
  CHECK(server.send("PUT", "/api/v5/things/a", ann, "{\"size\":1}").code == "NOT_ALLOWED");
  CHECK(server.changes == 1);
}

TEST_CASE("changes are written down, with what became of them; reading and publishing is not") {
  Server server;
  const std::string ann = server.bearer("ann");
  static_cast<void>(server.send("GET", "/api/v5/things", ann));
  static_cast<void>(server.send("POST", "/api/v5/publish", ann));
  static_cast<void>(server.send("DELETE", "/api/v5/things/a", ann));
  static_cast<void>(server.send("PUT", "/api/v5/things/a", ann, "{\"size\":0}"));
  static_cast<void>(server.send("DELETE", "/api/v5/things/a", server.bearer("vera")));
  const auto records = server.audit.find([](const AuditRecord&) { return true; });
  REQUIRE(records.size() == 3);
  CHECK(records[2].status == 200);
  CHECK(records[2].operation_id == "/things/{name}");
  CHECK(records[1].status == 400);
  CHECK(records[0].source == "vera");
  CHECK(records[0].status == 403);
}

TEST_CASE("a handler that fails tells nothing of how") {
  Server server;
  const Answer answer = server.send("POST", "/api/v5/broken", server.bearer("ann"));
  CHECK(answer.status == 500);
  CHECK(answer.code == "INTERNAL_ERROR");
  CHECK(answer.message.find("42") == std::string::npos);
}

TEST_CASE("hosts and origins of others") {
  Server server;
  const std::string ann = server.bearer("ann");
  const auto status = [&](const std::string& headers, const char* method = "GET") {
    return server.send(method, "/api/v5/things/a", ann, "", headers).status;
  };
  for (const char* host :
       {"localhost", "LOCALHOST:1", "127.0.0.1:18083", "[::1]:18083", "10.1.2.3", "broker.example:80"}) {
    INFO(host);
    CHECK(status("Host: " + std::string(host) + "\r\n") == 200);
  }
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example"}) {
    INFO(host);
    CHECK(status("Host: " + std::string(host) + "\r\n") == 421);
  }
  CHECK(status("Host: localhost\r\nOrigin: http://evil.example\r\n", "DELETE") == 403);
  CHECK(status("Host: localhost\r\nOrigin: http://localhost\r\n", "DELETE") == 200);
  CHECK(server.changes == 1);
}

TEST_CASE("one user or key has so many requests") {
  Server server;
  const std::string ann = server.bearer("ann");
  for (int count = 0; count < 100; ++count) REQUIRE(server.send("GET", "/api/v5/things", ann).status == 200);
  const Answer refused = server.send("GET", "/api/v5/things", ann);
  CHECK(refused.status == 429);
  CHECK(refused.code == "TOO_MANY_REQUESTS");
  CHECK(server.send("GET", "/api/v5/things", server.bearer("vera")).status == 200);
  server.clock.advance_ms(1'000);
  CHECK(server.send("GET", "/api/v5/things", ann).status == 200);
}
