#include "endpoint.h"

#include <catch2/catch.hpp>
#include <patchbay/testing/fake_host.hpp>

using namespace patchbay::auth_http;  // NOLINT: test

namespace {

Subject ann() {
  Subject out;
  out.client_id = "c 1/ä";
  out.username = "ann&x=1";
  out.password = "p\"w";
  out.peerhost = "10.0.0.7";
  out.peerport = "4711";
  out.listener = "tcp:default";
  out.topic = "a/b";
  out.action = "publish";
  out.qos = "1";
  out.retain = "false";
  out.attributes = {{"tenant", "t1"}};
  return out;
}

Endpoint endpoint_of(EndpointSettings settings, bool authorization = false) {
  if (settings.url.empty()) settings.url = "http://h/auth";
  return Endpoint(settings, authorization, std::make_shared<const patchbay::support::HttpOptions>());
}

std::string errors_of(const std::string& json) {
  patchbay::testing::text_writer out;
  patchbay::error_list errors(&out.raw);
  Settings settings;
  patchbay::detail::bind_json(json, settings, errors);
  if (errors.empty()) check_settings(settings, errors);
  return out.value;
}

}  // namespace

TEST_CASE("endpoint: a JSON body, in which nobody breaks out of his text") {
  EndpointSettings settings;
  settings.body = {{"clientid", "${clientid}"}, {"p", "${password}"}, {"fixed", "$${$}{x}"}, {"peer", "${peername}"}};
  settings.headers = {{"X-Tenant", "${client_attrs.tenant}"}};
  settings.authorization = "Bearer s";
  const auto request = endpoint_of(settings).request_for(ann());
  REQUIRE(request);
  CHECK(request->method == "POST");
  CHECK(request->body == R"({"clientid":"c 1/ä","fixed":"$${x}","p":"p\"w","peer":"10.0.0.7:4711"})");
  CHECK(request->headers ==
        std::vector<std::string>{"X-Tenant: t1", "Content-Type: application/json", "Authorization: Bearer s"});
}

TEST_CASE("endpoint: a form, and a query") {
  EndpointSettings settings;
  settings.body = {{"u", "${username}"}, {"q", "${qos}"}, {"a", "${action}"}};
  settings.headers = {{"content-type", "application/x-www-form-urlencoded"}};
  CHECK(endpoint_of(settings, true).request_for(ann())->body == "a=publish&q=1&u=ann%26x%3D1");
  settings.method = "get";
  settings.url = "http://h/auth/${clientid}?v=1";
  const auto request = endpoint_of(settings, true).request_for(ann());
  CHECK(request->method == "GET");
  CHECK(request->url == "http://h/auth/c%201%2F%C3%A4?v=1&a=publish&q=1&u=ann%26x%3D1");
  CHECK(request->body.empty());
}

TEST_CASE("endpoint: what can't be said as it is isn't asked") {
  EndpointSettings settings;
  settings.headers = {{"X-User", "${username}"}};
  Subject subject = ann();
  subject.username = "a\r\nX-Admin: 1";
  CHECK_FALSE(endpoint_of(settings).request_for(subject));
  settings.headers.clear();
  settings.body = {{"p", "${password}"}};
  subject.password = "\xFF\xFE";  // would become the same as another one
  CHECK_FALSE(endpoint_of(settings).request_for(subject));
}

TEST_CASE("settings: what is wrong is named by its place") {
  const auto wrong = [](const std::string& json, const std::string& pointer) {
    const std::string errors = errors_of(json);
    INFO(errors);
    CHECK(errors.find(pointer + ":") != std::string::npos);
  };
  CHECK(errors_of("{}").empty());
  CHECK(errors_of(R"({"authentication":{"url":"http://h/${clientid}","body":{"p":"${password}"}}})").empty());
  wrong(R"({"authentication":{"url":"h/x"}})", "/authentication/url");
  wrong(R"({"authentication":{"url":"http://${clientid}/x"}})", "/authentication/url");
  wrong(R"({"authentication":{"url":"http://h/x"},"allowed_hosts":["g"]})", "/authentication/url");
  wrong(R"({"authorization":{"url":"http://h/x","body":{"p":"${password}"}}})", "/authorization/body/p");
  wrong(R"({"authentication":{"url":"http://h/x","body":{"t":"${topic}"}}})", "/authentication/body/t");
  wrong(R"({"authentication":{"url":"http://h/x","headers":{"A:":"b"}}})", "/authentication/headers");
  wrong(R"({"allowed_networks":["x"]})", "/allowed_networks");
  wrong(R"({"request_timeout":0})", "/request_timeout");
}
