// parse_manifest() of manifest.h: the schema, what it cannot say, and the way from a document to the structure.
#include <nlohmann/json.hpp>

#include "package/duration_text.h"
#include "package/json_text.h"
#include "package/manifest.h"
#include "package/manifest_check.h"
#include "package/manifest_schema.h"

namespace patchbay::package {

namespace {

using nlohmann::json;

/// A member of a document that has passed the schema and has its defaults.
std::string text_of(const json& object, const char* name) {
  return object.at(name).get<std::string>();
}

std::vector<std::string> texts_of(const json& object, const char* name) {
  return object.at(name).get<std::vector<std::string>>();
}

/// A JSON document inside of the document, as text; "": it isn't there.
std::string document_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? std::string() : found->dump();
}

Fallback fallback_of(const std::string& name) {
  if (name == "allow") return Fallback::allow;
  return name == "deny" ? Fallback::deny : Fallback::next;
}

std::vector<HookProposal> read_hooks(const json& hooks) {
  std::vector<HookProposal> proposals;
  for (const auto& [name, value] : hooks.items()) {
    HookProposal proposal;
    proposal.hook = name;
    if (value.contains("deadline")) proposal.deadline_ms = parse_duration_ms(text_of(value, "deadline"));
    if (value.contains("fallback")) proposal.fallback = fallback_of(text_of(value, "fallback"));
    proposal.before = texts_of(value, "before");
    proposal.after = texts_of(value, "after");
    proposal.priority = value.at("priority").get<int32_t>();
    proposals.push_back(std::move(proposal));
  }
  return proposals;
}

std::vector<MetricDeclaration> read_metrics(const json& metrics) {
  std::vector<MetricDeclaration> declarations;
  for (const json& value : metrics) {
    MetricDeclaration metric;
    metric.name = text_of(value, "name");
    metric.type = text_of(value, "type") == "gauge" ? MetricDeclaration::Type::gauge : MetricDeclaration::Type::counter;
    metric.help = text_of(value, "help");
    metric.unit = text_of(value, "unit");
    metric.labels = texts_of(value, "labels");
    declarations.push_back(std::move(metric));
  }
  return declarations;
}

std::vector<RouteDeclaration> read_routes(const json& routes) {
  std::vector<RouteDeclaration> declarations;
  for (const json& value : routes) {
    RouteDeclaration route;
    route.method = text_of(value, "method");
    route.path = text_of(value, "path");
    route.scope = text_of(value, "scope");
    route.summary = text_of(value, "summary");
    route.body_bytes_max = value.at("body_bytes_max").get<uint64_t>();
    route.request_schema = document_of(value, "request");
    route.response_schema = document_of(value, "response");
    declarations.push_back(std::move(route));
  }
  return declarations;
}

std::vector<PanelDeclaration> read_panels(const json& panels) {
  std::vector<PanelDeclaration> declarations;
  for (const json& value : panels) {
    declarations.push_back({text_of(value, "title"), text_of(value, "kind"), text_of(value, "metric"),
                            text_of(value, "route"), text_of(value, "by")});
  }
  return declarations;
}

void read_description(const json& document, Manifest& manifest) {
  manifest.id = text_of(document, "id");
  manifest.version = *Version::parse(text_of(document, "version"));
  manifest.title = text_of(document, "title");
  if (manifest.title.empty()) manifest.title = manifest.id;
  manifest.description = text_of(document, "description");
  manifest.author = text_of(document, "author");
  manifest.homepage = text_of(document, "homepage");
  manifest.license = text_of(document, "license");
  manifest.texts = document.at("texts").get<decltype(manifest.texts)>();
}

void read_contract(const json& document, Manifest& manifest) {
  manifest.sdk_major = document.at("sdk").at("major").get<uint32_t>();
  manifest.sdk_minor_min = document.at("sdk").at("minor_min").get<uint32_t>();
  manifest.needs = texts_of(document, "needs");
  manifest.wants = texts_of(document, "wants");
  manifest.provides = texts_of(document, "provides");
  manifest.permissions = texts_of(document, "permissions");
  manifest.hooks = read_hooks(document.at("hooks"));
  manifest.role = text_of(document, "role");
}

void read_running(const json& document, Manifest& manifest) {
  manifest.instances = text_of(document, "instances") == "many" ? Manifest::Instances::many : Manifest::Instances::one;
  manifest.single_instance = document.at("single_instance").get<bool>();
  manifest.execution =
      text_of(document, "execution") == "worker" ? Manifest::Execution::worker : Manifest::Execution::shard;
  manifest.unload = text_of(document, "unload") == "never" ? Manifest::Unload::never : Manifest::Unload::yes;
  manifest.client_slot = document.at("client_slot").get<bool>();
  manifest.in_process = false;
  for (const std::string& isolation : texts_of(document, "isolation")) {
    (isolation == "process" ? manifest.child_process : manifest.in_process) = true;
  }
}

Manifest read_manifest(const json& document) {
  Manifest manifest;
  read_description(document, manifest);
  read_contract(document, manifest);
  read_running(document, manifest);
  manifest.config_schema = document_of(document, "config");
  manifest.config_version = document.at("config_version").get<uint32_t>();
  manifest.metrics = read_metrics(document.at("metrics"));
  manifest.routes = read_routes(document.at("routes"));
  manifest.panels = read_panels(document.at("panels"));
  return manifest;
}

/// Two members that people expect in a manifest, but that a plugin must not decide for its operator.
void explain_operators_keys(Problems& problems) {
  for (Problem& problem : problems) {
    if (problem.pointer != "/boot" && problem.pointer != "/allow_draft") continue;
    problem.text = "is the operator's: it belongs to the broker's configuration, not into a manifest";
  }
}

}  // namespace

const SettingsSchema& manifest_schema() {
  static const SettingsSchema schema = [] {
    auto parsed = SettingsSchema::parse(manifest_schema_text());
    PATCHBAY_ASSERT(parsed.has_value());
    return std::move(*parsed);
  }();
  return schema;
}

base::Result<Manifest, Problems> parse_manifest(std::string_view text) {
  auto document = parse_json(text, "the manifest", {kManifestBytesMax, 40});
  if (!document) return base::fail(Problems{document.error()});
  const json filled = manifest_schema().with_defaults(*document);
  Problems problems = manifest_schema().check(filled, SettingsSchema::References::plain);
  explain_operators_keys(problems);
  if (!problems.empty()) return base::fail(std::move(problems));
  Manifest manifest = read_manifest(filled);
  problems = check_manifest_rules(manifest);
  if (!problems.empty()) return base::fail(std::move(problems));
  manifest.json = document->dump();
  manifest.warnings = manifest_warnings(manifest);
  return manifest;
}

}  // namespace patchbay::package
