#include "package/manifest.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "package/known_hooks.h"
#include "unit/package/temporary_folder.h"

using namespace patchbay::package;  // NOLINT: test
using nlohmann::json;

namespace {

Manifest manifest_of(const std::string& text) {
  auto manifest = parse_manifest(text);
  if (!manifest) FAIL(problem_lines(manifest.error()));
  return std::move(*manifest);
}

std::string problems_of(const std::string& text) {
  const auto manifest = parse_manifest(text);
  return manifest ? "" : problem_lines(manifest.error());
}

/// The smallest manifest with one more member.
std::string with(const char* member) {
  return std::string(R"({"id":"org.example.x","version":"1.0.0",)") + member + "}";
}

constexpr const char* kFull = R"json({
  "id": "com.example.auth-http", "version": "1.4.0", "title": "HTTP authentication", "license": "MIT",
  "description": "Asks a web server.", "author": "Ada", "homepage": "https://example.com",
  "sdk": { "major": 1, "minor_min": 2 }, "needs": ["patchbay.fd/1"], "wants": ["svc.http/1"], "provides": ["com.example.lookup/3"],
  "permissions": ["clients.attributes", "transport.outgoing"],
  "hooks": { "auth.authenticate": { "deadline": "3s", "fallback": "deny", "after": ["role:blocklist"], "priority": 10 },
             "publish.routed": { "before": ["com.example.sink"] } },
  "role": "authn", "instances": "many", "single_instance": true, "execution": "worker",
  "isolation": ["inprocess", "process"], "unload": "never", "client_slot": true,
  "config": { "type": "object", "required": ["url"], "properties": {
      "url":     { "type": "string", "format": "uri", "x-ui": { "order": 1 } },
      "token":   { "type": "string", "x-secret": true },
      "timeout": { "type": "string", "format": "duration", "default": "2s" } } },
  "config_version": 4,
  "metrics": [ { "name": "requests", "type": "counter", "labels": ["outcome"] }, { "name": "open", "type": "gauge" } ],
  "routes": [ { "method": "POST", "path": "/flush", "scope": "plugins:write", "request": {"type": "object"} },
              { "method": "GET", "path": "/users/{name}" } ],
  "panels": [ { "title": "Requests", "metric": "requests", "by": "outcome" },
              { "title": "Users", "kind": "table", "route": "/users/{name}" } ],
  "texts": { "de": { "config.url.title": "Adresse" } } })json";

}  // namespace

TEST_CASE("every member of a full manifest arrives") {
  const Manifest manifest = manifest_of(kFull);
  CHECK(manifest.id == "com.example.auth-http");
  CHECK(manifest.version == *Version::parse("1.4.0"));
  CHECK(manifest.title == "HTTP authentication");
  CHECK(manifest.license == "MIT");
  CHECK(manifest.author == "Ada");
  CHECK(manifest.sdk_major == 1);
  CHECK(manifest.sdk_minor_min == 2);
  CHECK(manifest.needs == std::vector<std::string>{"patchbay.fd/1"});
  CHECK(manifest.wants == std::vector<std::string>{"svc.http/1"});
  CHECK(manifest.provides == std::vector<std::string>{"com.example.lookup/3"});
  CHECK(manifest.permissions.size() == 2);
  CHECK(manifest.role == "authn");
  CHECK(manifest.instances == Manifest::Instances::many);
  CHECK(manifest.single_instance);
  CHECK(manifest.execution == Manifest::Execution::worker);
  CHECK(manifest.in_process);
  CHECK(manifest.child_process);
  CHECK(manifest.unload == Manifest::Unload::never);
  CHECK(manifest.client_slot);
  CHECK(manifest.config_version == 4);
  CHECK(json::parse(manifest.config_schema)["required"][0] == "url");
  CHECK(manifest.texts.at("de").at("config.url.title") == "Adresse");
  CHECK(json::parse(manifest.json) == json::parse(kFull));
  CHECK(manifest.warnings == std::vector<std::string>{});
}

TEST_CASE("hooks carry deadline, fallback, order and priority") {
  const Manifest manifest = manifest_of(kFull);
  REQUIRE(manifest.hooks.size() == 2);
  const HookProposal& hook = manifest.hooks[0];
  CHECK(hook.hook == "auth.authenticate");
  CHECK(hook.deadline_ms == 3000u);
  CHECK(hook.fallback == Fallback::deny);
  CHECK(hook.after == std::vector<std::string>{"role:blocklist"});
  CHECK(hook.priority == 10);
  CHECK_FALSE(manifest.hooks[1].deadline_ms.has_value());
  CHECK_FALSE(manifest.hooks[1].fallback.has_value());
  CHECK(fallback_name(Fallback::next) == "next");
}

TEST_CASE("metrics, routes and panels arrive with their defaults") {
  const Manifest manifest = manifest_of(kFull);
  CHECK(manifest.metrics[0].labels == std::vector<std::string>{"outcome"});
  CHECK(manifest.metrics[1].type == MetricDeclaration::Type::gauge);
  CHECK(metric_type_name(manifest.metrics[1].type) == "gauge");
  CHECK(manifest.routes[0].request_schema == R"({"type":"object"})");
  CHECK(manifest.routes[1].scope == "plugins:write");
  CHECK(manifest.routes[1].body_bytes_max == 65536);
  CHECK(manifest.panels[0].kind == "line");
  CHECK(manifest.panels[1].route == "/users/{name}");
}

TEST_CASE("id and version are enough; the rest has defaults") {
  const Manifest manifest = manifest_of(R"({"id":"org.example.no-root","version":"1.0.0"})");
  CHECK(manifest.title == "org.example.no-root");
  CHECK(manifest.sdk_major == 1);
  CHECK(manifest.sdk_minor_min == 0);
  CHECK(manifest.instances == Manifest::Instances::one);
  CHECK(manifest.execution == Manifest::Execution::shard);
  CHECK(manifest.in_process);
  CHECK_FALSE(manifest.child_process);
  CHECK(manifest.unload == Manifest::Unload::yes);
  CHECK(manifest.config_schema.empty());
  CHECK(manifest.config_version == 1);
  CHECK(manifest.hooks.empty());
}

TEST_CASE("all mistakes of a manifest come at once") {
  const std::string found =
      problems_of(R"({"version":"1.0","licence":"MIT","sdk":{"major":0,"minor":1},"needs":["publish"],
      "hooks":{"auth":{}, "acl.publish":{"deadline":"3","fallback":"maybe","before":["authn"],"priority":5000}},
      "isolation":[],"instances":"2","metrics":[{"name":"Total"}],"routes":[{"method":"HEAD","path":"x"}]})");
  for (const char* line : {
           "/id: is required and missing\n",
           "/version: found \"1.0\", expected a semantic version such as",
           "/licence: is unknown, expected one of ",
           "/sdk/major: found 0, expected at least 1\n",
           "/sdk/minor: is unknown, expected one of \"major\", \"minor_min\"\n",
           "/needs/0: found \"publish\", expected an interface such as",
           "/hooks/auth: found \"auth\", expected something like",
           "/hooks/acl.publish/deadline: found \"3\", expected a duration",
           "/hooks/acl.publish/fallback: found \"maybe\", expected one of \"allow\", \"deny\", \"next\"\n",
           "/hooks/acl.publish/before/0: found \"authn\", expected a plugin's id",
           "/hooks/acl.publish/priority: found 5000, expected at most 1000\n",
           "/isolation: found 0 elements, expected at least 1\n",
           "/instances: found \"2\", expected one of \"one\", \"many\"\n",
           "/metrics/0/name: found \"Total\", expected something like",
           "/metrics/0/type: is required and missing\n",
           "/routes/0/method: found \"HEAD\", expected one of",
           "/routes/0/path: found \"x\", expected something like",
       }) {
    CAPTURE(line, found);
    CHECK(contains(found, line));
  }
}

TEST_CASE("an id has reverse domain form") {
  for (const char* id : {"", "auth", "Com.Example", "com..x", "com.example/x", "com.-x", "com.example.x ", "../x.y"}) {
    CAPTURE(id);
    CHECK(contains(problems_of(json{{"id", id}, {"version", "1.0.0"}}.dump()), "/id: found"));
  }
}

TEST_CASE("boot and allow_draft are the operator's") {
  const std::string found = problems_of(with(R"("boot":"required","allow_draft":true)"));
  CHECK(contains(found, "/boot: is the operator's"));
  CHECK(contains(found, "/allow_draft: is the operator's"));
}

TEST_CASE("an oversized manifest is refused with both sizes") {
  const std::string text = with("\"title\":\"") + std::string(kManifestBytesMax, ' ');
  CHECK(problems_of(text) == "document: the manifest is too large: found " + std::to_string(text.size()) +
                                 " bytes, at most 1048576 are allowed\n");
}

TEST_CASE("what is no object is no manifest") {
  CHECK(contains(problems_of(""), "the manifest is not JSON"));
  CHECK(contains(problems_of("[]"), "document: found [], expected an object"));
  CHECK(contains(problems_of("\"x\""), "document: found \"x\", expected an object"));
  CHECK(contains(problems_of(R"({"id":"a.b","id":"a.c","version":"1.0.0"})"), "/id: this member is there twice"));
}

TEST_CASE("the settings' schema is checked with the manifest, under /config") {
  const std::string found = problems_of(with(R"("config":{"type":"object","properties":{
      "a":{"type":"string","format":"colour"},"b":{"anyOf":[]}}})"));
  CHECK(contains(found, "/config/properties/a/format: found \"colour\", expected one of"));
  CHECK(contains(found, "/config/properties/b: needs one of type"));
  CHECK(contains(problems_of(with(R"("config":{"type":"object","properties":{"n":{"type":"integer","default":"x"}}})")),
                 "/config/properties/n/default: the default does not fit"));
}

TEST_CASE("names are there once, and panels show what there is") {
  CHECK(contains(problems_of(with(R"("needs":["a.b/1"],"wants":["a.b/1"])")), "/wants/0: \"a.b/1\" is among needs"));
  CHECK(contains(problems_of(with(R"("needs":["a.b/1","a.b/1"])")), "/needs/1: is the same as element 0"));
  CHECK(contains(problems_of(with(R"("metrics":[{"name":"a","type":"gauge"},{"name":"a","type":"gauge"}])")),
                 "/metrics/1/name: \"a\" is there twice"));
  CHECK(contains(problems_of(with(R"("routes":[{"method":"GET","path":"/a"},{"method":"GET","path":"/a"}])")),
                 "/routes/1: GET /a is there twice"));
  CHECK(contains(problems_of(with(R"("panels":[{"title":"t"}])")), "/panels/0: needs either a metric or a route"));
  CHECK(
      contains(problems_of(with(R"("panels":[{"title":"t","metric":"m"}])")), "/panels/0/metric: \"m\" is not among"));
  CHECK(
      contains(problems_of(with(R"("panels":[{"title":"t","route":"/r"}])")), "/panels/0/route: \"/r\" is not among"));
  CHECK(contains(
      problems_of(with(R"("metrics":[{"name":"m","type":"gauge"}],"panels":[{"title":"t","metric":"m","by":"x"}])")),
      "/panels/0/by: \"x\" is no label of metric \"m\""));
}

TEST_CASE("a hook that this host doesn't know is a warning, so that newer plugins load here") {
  const Manifest manifest = manifest_of(with(R"("hooks":{"publish.teleport":{}, "conn.opened":{"deadline":"1s"}})"));
  REQUIRE(manifest.warnings.size() == 2);
  CHECK(contains(manifest.warnings[0], "\"conn.opened\" cannot answer later"));
  CHECK(contains(manifest.warnings[1], "\"publish.teleport\" is unknown to this host"));
}

TEST_CASE("the table of hooks is the SDK's") {
  CHECK(known_hooks().size() >= 59);
  const KnownHook* const hook = find_known_hook("auth.authenticate");
  REQUIRE(hook != nullptr);
  CHECK(hook->number == 11);
  CHECK(hook->may_defer);
  CHECK(hook->kinds == "D");
  CHECK(find_known_hook("auth") == nullptr);
}

TEST_CASE("interfaces have a name and a revision") {
  const auto id = parse_interface_id("patchbay.publish/12");
  REQUIRE(id.has_value());
  CHECK(id->name == "patchbay.publish");
  CHECK(id->revision == 12);
  CHECK(is_host_interface("patchbay.publish/12"));
  CHECK_FALSE(is_host_interface("svc.http/1"));
  for (const char* text : {"", "a", "/1", "a/", "a/x", "a/1x"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_interface_id(text).has_value());
  }
}
