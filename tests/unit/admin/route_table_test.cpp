#include <catch2/catch.hpp>

#include "admin/route.h"

using namespace patchbay::admin;

namespace {

Route route(std::string method, std::string path) {
  Route route;
  route.method = std::move(method);
  route.path = std::move(path);
  route.handler = [](const ApiRequest&) { return ApiResponse::no_content(); };
  return route;
}

struct Answer {
  RouteTable::Found found = RouteTable::Found::nothing;
  std::string path;
  std::map<std::string, std::string, std::less<>> parameters;
  std::vector<std::string> allowed;
};

Answer ask(const RouteTable& table, std::string_view method, std::string_view path) {
  Answer answer;
  const Route* found = nullptr;
  answer.found = table.find(method, path, found, answer.parameters, answer.allowed);
  if (found != nullptr) answer.path = found->path;
  return answer;
}

}  // namespace

TEST_CASE("a path of fixed words is found at once, and only for its own methods") {
  RouteTable table;
  table.add(route("GET", "/banned/{who}"));
  table.add(route("DELETE", "/banned/{who}"));
  Route all = route("GET", "/banned/all");
  all.prompt = true;
  table.add(std::move(all));
  CHECK(ask(table, "GET", "/banned/all").path == "/banned/all");
  CHECK(ask(table, "DELETE", "/banned/all").path == "/banned/{who}");
  CHECK(ask(table, "PUT", "/banned/all").allowed == std::vector<std::string>{"DELETE", "GET"});
  CHECK(table.is_prompt("GET", "/banned/all"));
  CHECK_FALSE(table.is_prompt("DELETE", "/banned/all"));
  CHECK_FALSE(table.is_prompt("GET", "/banned/somebody"));
}

TEST_CASE("a route is found by its method and path") {
  RouteTable table;
  table.add(route("GET", "/clients"));
  table.add(route("GET", "/clients/{clientid}"));
  table.add(route("DELETE", "/clients/{clientid}"));
  CHECK(ask(table, "GET", "/clients").path == "/clients");
  const Answer one = ask(table, "DELETE", "/clients/c1");
  CHECK(one.found == RouteTable::Found::route);
  CHECK(one.parameters.at("clientid") == "c1");
}

TEST_CASE("another method gets the methods that the path has") {
  RouteTable table;
  table.add(route("PUT", "/banned/{who}"));
  table.add(route("DELETE", "/banned/{who}"));
  const Answer answer = ask(table, "GET", "/banned/x");
  CHECK(answer.found == RouteTable::Found::other_method);
  CHECK(answer.allowed == std::vector<std::string>{"DELETE", "PUT"});
}

TEST_CASE("nothing is found below, above or beside a route") {
  RouteTable table;
  table.add(route("GET", "/a/{b}"));
  for (const char* path : {"/", "/a", "/a/", "/a/b/c", "/A/b", "/b/a", "//a/b", "/a//b", "/a/b/"}) {
    INFO(path);
    CHECK(ask(table, "GET", path).found == RouteTable::Found::nothing);
  }
}

TEST_CASE("parameters are decoded one by one, so that a slash in a topic is none of the path") {
  RouteTable table;
  table.add(route("GET", "/topics/{topic}"));
  CHECK(ask(table, "GET", "/topics/a%2Fb%20c").parameters.at("topic") == "a/b c");
  CHECK(ask(table, "GET", "/topics/a/b").found == RouteTable::Found::nothing);
  for (const char* path : {"/topics/%", "/topics/%4", "/topics/%zz", "/topics/%00", "/topics/%FF"}) {
    INFO(path);
    CHECK(ask(table, "GET", path).found == RouteTable::Found::nothing);
  }
}

TEST_CASE("fixed words count before parameters, in any order of the table") {
  RouteTable table;
  table.add(route("GET", "/rules/{id}"));
  table.add(route("GET", "/rules/all"));
  CHECK(ask(table, "GET", "/rules/all").path == "/rules/all");
  CHECK(ask(table, "GET", "/rules/one").path == "/rules/{id}");
}

TEST_CASE("a last parameter with a star takes the rest of the path") {
  RouteTable table;
  table.add(route("GET", "/plugins/{instance}/api/{path*}"));
  const Answer answer = ask(table, "GET", "/plugins/rules/api/queues/a%2Fb");
  CHECK(answer.parameters.at("instance") == "rules");
  CHECK(answer.parameters.at("path") == "queues/a/b");
  CHECK(ask(table, "GET", "/plugins/rules/api").found == RouteTable::Found::nothing);
}
