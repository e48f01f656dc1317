#include "plugin_services/route_service.h"

#include <catch2/catch.hpp>
#include <optional>
#include <stdexcept>

#include "support/shard_fixture.h"
#include "unit/plugin_services/services_fixture.h"

using namespace patchbay;
using namespace patchbay::plugin_services;
using patchbay::test::ServicesFixture;
using plugin_bridge::GateState;
using plugin_bridge::Held;

namespace {

const std::vector<RouteDeclaration> kDeclared = {
    {"GET", "/queues/{name}"}, {"POST", "/queues/{name}/flush"}, {"GET", "/status"}, {"DELETE", "/status"}};

struct Routes : ServicesFixture {
  explicit Routes(ServiceLimits given = {}, uint32_t queue_max = 10'000) : ServicesFixture(given, queue_max) {
    instance.gate.move_to(GateState::starting);
    for (const RouteDeclaration& route : kDeclared) {
      if (route.method == "DELETE") continue;  // declared, and not served
      REQUIRE(service.add(route.method, route.path, &Routes::on_request, this) == PATCHBAY_OK);
    }
    instance.gate.move_to(GateState::open);
  }
  ~Routes() { workers.stop(); }  // jobs that wait for deadlines are counted with `node`
  static void on_request(void* self, const patchbay_request* request) {
    auto& routes = *static_cast<Routes*>(self);
    routes.last_request = request->request;
    routes.seen = std::string(view_of(request->method)) + ' ' + std::string(view_of(request->path)) + '?' +
                  std::string(view_of(request->query)) + " of " + std::string(view_of(request->user));
    for (size_t i = 0; i < request->parameter_count; ++i) {
      routes.seen += ' ' + std::string(view_of(request->parameters[i].name)) + '=' +
                     std::string(view_of(request->parameters[i].value));
    }
    routes.body = view_of(request->body);
    if (routes.then) routes.then(request->request);
  }
  void ask(const std::string& method, const std::string& path) {
    RouteRequest request;
    request.method = method;
    request.path = path;
    request.query = "a=b";
    request.user = "admin";
    request.parameters = {{"a", "b"}};
    request.body = "payload";
    answer.reset();
    answers = 0;
    service.handle(std::move(request), [this](RouteResponse response) {
      answer = std::move(response);
      ++answers;
    });
  }

  plugin_bridge::HeldCounters node{2};
  RouteService service{account, workers, node, flow.clock, kDeclared};
  std::function<void(uint64_t)> then;
  std::string seen;
  std::string body;
  uint64_t last_request = 0;
  std::optional<RouteResponse> answer;
  int answers = 0;
};

}  // namespace

TEST_CASE("a request reaches the plugin on a worker, with what its path and query say") {
  Routes routes;
  routes.then = [&](uint64_t id) {
    CHECK(routes.service.respond(id, 201, "text/plain", "done") == PATCHBAY_OK);
    CHECK(routes.service.respond(id, 200, "text/plain", "again") == PATCHBAY_STALE);
  };
  routes.ask("POST", "/queues/orders/flush");
  CHECK_FALSE(routes.answer);
  routes.settle();
  CHECK(routes.seen == "POST /queues/orders/flush?a=b of admin a=b name=orders");
  CHECK(routes.body == "payload");
  REQUIRE(routes.answer);
  CHECK(routes.answer->http_status == 201);
  CHECK(routes.answer->content_type == "text/plain");
  CHECK(routes.answer->body == "done");
  CHECK(routes.service.pending() == 0);
}

TEST_CASE("an answer may come later, from any thread") {
  Routes routes;
  routes.ask("GET", "/status");
  routes.settle();
  CHECK_FALSE(routes.answer);
  CHECK(routes.service.pending() == 1);
  CHECK(routes.service.respond(routes.last_request, 99, "", "") == PATCHBAY_INVALID);
  CHECK(routes.service.respond(routes.last_request, 600, "", "") == PATCHBAY_INVALID);
  CHECK(routes.service.respond(routes.last_request + 1, 200, "", "") == PATCHBAY_STALE);
  CHECK(routes.service.respond(routes.last_request, 204, "", "") == PATCHBAY_OK);
  REQUIRE(routes.answer);
  CHECK(routes.answer->http_status == 204);
}

TEST_CASE("a plugin that does not answer within 5 s is named by a 503, and its late answer is stale") {
  Routes routes;
  routes.ask("GET", "/status");
  routes.settle();
  routes.after_ms(4'900);
  CHECK_FALSE(routes.answer);
  routes.after_ms(200);
  REQUIRE(routes.answer);
  CHECK(routes.answer->http_status == 503);
  CHECK(routes.answer->body.find("plugin 'probe' has not answered within 5000 ms") != std::string::npos);
  CHECK(routes.service.respond(routes.last_request, 200, "", "") == PATCHBAY_STALE);
  CHECK(routes.answers == 1);
}

TEST_CASE("the deadline also holds while all workers hang, since it is nobody's job but the clock's") {
  Routes routes;
  routes.ask("GET", "/status");
  routes.flow.clock.advance_ms(6'000);
  routes.settle();  // first what was posted first: the request, then the deadline
  REQUIRE(routes.answer);
  CHECK(routes.answer->http_status == 503);
}

TEST_CASE("an exception of the plugin is a 500 with an incident id, which the log has too") {
  test::RecordingLog log;
  Routes routes;
  routes.then = [](uint64_t) { throw std::runtime_error("secret detail"); };
  routes.ask("GET", "/status");
  routes.settle();
  REQUIRE(routes.answer);
  CHECK(routes.answer->http_status == 500);
  CHECK(routes.answer->body.find("incident probe-1") != std::string::npos);
  CHECK(routes.answer->body.find("secret") == std::string::npos);
  bool told = false;
  for (const std::string& line : log.lines) told = told || line.find("incident probe-1") != std::string::npos;
  CHECK(told);
}

TEST_CASE("paths and methods that no route has are 404 and 405") {
  Routes routes;
  const auto status = [&](const std::string& method, const std::string& path) {
    routes.ask(method, path);
    REQUIRE(routes.answer);
    return routes.answer->http_status;
  };
  CHECK(status("GET", "/nothing") == 404);
  CHECK(status("GET", "/queues/") == 404);
  CHECK(status("GET", "/queues/a/b") == 404);
  CHECK(status("GET", "/queues/a/flush") == 405);
  CHECK(status("DELETE", "/status") == 405);
  CHECK(routes.seen.empty());
}

TEST_CASE("routes are those of the manifest, added while starting, each once") {
  Routes routes;
  CHECK(routes.instance.holds(Held::routes) == 3);
  CHECK(routes.service.add("DELETE", "/status", &Routes::on_request, &routes) == PATCHBAY_CLOSED);
  routes.instance.gate.move_to(GateState::starting);
  CHECK(routes.service.add("PUT", "/status", &Routes::on_request, &routes) == PATCHBAY_NOT_FOUND);
  CHECK(routes.service.add("GET", "/status", &Routes::on_request, &routes) == PATCHBAY_EXISTS);
  CHECK(routes.service.add("DELETE", "/status", nullptr, &routes) == PATCHBAY_INVALID);
  CHECK(routes.service.add("DELETE", "/status", &Routes::on_request, &routes) == PATCHBAY_OK);
}

TEST_CASE("plugins.max_pending_requests bounds open requests") {
  ServiceLimits limits;
  limits.max_pending_requests = 1;
  Routes routes(limits);
  routes.ask("GET", "/status");
  routes.settle();
  const uint64_t open = routes.last_request;
  routes.ask("GET", "/status");
  REQUIRE(routes.answer);
  CHECK(routes.answer->http_status == 503);
  CHECK(routes.account.refusals.value(Refusal::pending_requests) == 1);
  CHECK(routes.service.respond(open, 200, "", "") == PATCHBAY_OK);
}

TEST_CASE("without room for jobs a request is answered with 503 at once") {
  Routes routes({}, 1);
  routes.ask("GET", "/status");  // the deadline has the only place
  REQUIRE(routes.answer);
  CHECK(routes.answer->http_status == 503);
  CHECK(routes.service.pending() == 0);
}

TEST_CASE("a draining instance serves nothing; closing answers what is open, and counts the routes back") {
  Routes routes;
  routes.ask("GET", "/status");
  routes.settle();
  CHECK_FALSE(routes.answer);
  routes.service.close();
  REQUIRE(routes.answer);
  CHECK(routes.answer->http_status == 503);
  CHECK(routes.instance.holds(Held::routes) == 0);
  routes.instance.gate.move_to(GateState::draining);
  routes.ask("GET", "/status");
  REQUIRE(routes.answer);
  CHECK(routes.answer->http_status == 503);
}

TEST_CASE("an error's text cannot break the JSON around it") {
  const RouteResponse response = error_response(400, "BAD", "a \"quote\" \\ and\nline");
  CHECK(response.body == "{\"code\":\"BAD\",\"message\":\"a \\\"quote\\\" \\\\ and\\u000aline\"}");
}
