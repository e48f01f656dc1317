#include <catch2/catch.hpp>

#include "admin/openapi.h"
#include "admin/schema.h"

using namespace patchbay::admin;

namespace {

RouteTable table() {
  RouteTable routes;
  Route route;
  route.method = "PUT";
  route.path = "/things/{name}/{rest*}";
  route.tag = "Things";
  route.scope = "connections";
  route.access = Access::write;
  route.summary = "Changes a thing.";
  route.query = {{"kind", schema::one_of_words({"a", "b"}), "the kind", true, true}};
  route.body_schema = schema::object({{"fixed", {{"type", "string"}, {"const", "x"}}}});
  route.responses = {{200, schema::object({{"ok", schema::boolean()}})}, {204, nullptr}};
  route.handler = [](const ApiRequest&) { return ApiResponse::no_content(); };
  routes.add(route);
  route.method = "GET";
  route.path = "/open";
  route.access = Access::open;
  route.query.clear();
  route.body_schema = nullptr;
  routes.add(route);
  return routes;
}

}  // namespace

TEST_CASE("the document says what the routes check") {
  const Json document = openapi_document(table(), "1.2.3");
  CHECK(document["openapi"] == "3.0.3");
  CHECK(document["info"]["version"] == "1.2.3");
  const Json& change = document["paths"]["/things/{name}/{rest}"]["put"];
  CHECK(change["tags"] == Json::array({"Things"}));
  REQUIRE(change["parameters"].size() == 3);
  CHECK(change["parameters"][0]["name"] == "name");
  CHECK(change["parameters"][0]["required"] == true);
  CHECK(change["parameters"][2]["schema"]["type"] == "array");
  CHECK(change["requestBody"]["content"]["application/json"]["schema"]["properties"]["fixed"]["enum"] ==
        Json::array({"x"}));
  for (const char* status : {"200", "204", "400", "401", "403", "404", "413", "415", "429", "500", "503"}) {
    INFO(status);
    CHECK(change["responses"].contains(status));
  }
  CHECK(change["x-scope"] == "connections");
  const Json& open = document["paths"]["/open"]["get"];
  CHECK(open["security"].empty());
  CHECK_FALSE(open["responses"].contains("401"));
  CHECK_FALSE(open.contains("requestBody"));
}

TEST_CASE("what plugins serve stands in the document with its own paths, and is marked") {
  Route route;
  route.method = "POST";
  route.path = "/plugins/gate/api/rules/{name}";
  route.tag = "Plugin gate";
  route.scope = "plugins";
  route.access = Access::write;
  route.summary = "Adds a rule.";
  route.passes_on = true;
  route.body_schema = schema::object({{"allow", schema::boolean()}});
  const Json document = openapi_document(table(), "1", {route});
  const Json& operation = document["paths"]["/plugins/gate/api/rules/{name}"]["post"];
  CHECK(operation["x-served-by"] == "plugin");
  CHECK(operation["summary"] == "Adds a rule.");
  CHECK(operation["operationId"] == "post_plugins_gate_api_rules_by_name");
  CHECK(operation["requestBody"]["content"]["application/json"]["schema"]["properties"].contains("allow"));
  CHECK(operation["responses"].contains("401"));
  CHECK(document["tags"].back()["name"] == "Plugin gate");
}

TEST_CASE("the page brings no script of others, and the document is for who is logged in") {
  RouteTable pages;
  const RouteTable api = table();
  add_document_pages(pages, api, "1");
  const auto page = [&pages](const char* path) {
    const Route* route = nullptr;
    std::map<std::string, std::string, std::less<>> parameters;
    std::vector<std::string> allowed;
    REQUIRE(pages.find("GET", path, route, parameters, allowed) == RouteTable::Found::route);
    return route;
  };
  CHECK(page("/api-spec.json")->access == Access::read);
  CHECK(page("/api-docs/swagger.json")->access == Access::read);
  const ApiResponse html = page("/api-docs")->handler({});
  CHECK(html.content_type == "text/html; charset=utf-8");
  CHECK(html.body.find("<script>") == std::string::npos);
  CHECK(html.body.find("://") == std::string::npos);
  CHECK_THAT(html.headers.front().second, Catch::Contains("script-src 'self'"));
  CHECK(page("/api-docs/page.js")->handler({}).body.find("innerHTML") == std::string::npos);
}
