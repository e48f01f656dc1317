#include "package/manifest_check.h"

#include <algorithm>
#include <set>

#include "package/known_hooks.h"
#include "package/settings_schema.h"

namespace patchbay::package {

namespace {

void check_interfaces(const Manifest& manifest, Problems& problems) {
  for (size_t index = 0; index < manifest.wants.size(); ++index) {
    const std::string& wanted = manifest.wants[index];
    if (std::find(manifest.needs.begin(), manifest.needs.end(), wanted) == manifest.needs.end()) continue;
    problems.push_back({pointer_to("/wants", index), "\"" + wanted + "\" is among needs already"});
  }
}

void check_metrics(const Manifest& manifest, Problems& problems) {
  std::set<std::string> names;
  for (size_t index = 0; index < manifest.metrics.size(); ++index) {
    const std::string& name = manifest.metrics[index].name;
    if (names.insert(name).second) continue;
    problems.push_back({pointer_to("/metrics", index) + "/name", "\"" + name + "\" is there twice"});
  }
}

void check_routes(const Manifest& manifest, Problems& problems) {
  std::set<std::string> names;
  for (size_t index = 0; index < manifest.routes.size(); ++index) {
    const RouteDeclaration& route = manifest.routes[index];
    const std::string name = route.method + ' ' + route.path;
    if (names.insert(name).second) continue;
    problems.push_back({pointer_to("/routes", index), name + " is there twice"});
  }
}

void check_metric_panel(const Manifest& manifest, const PanelDeclaration& panel, const std::string& pointer,
                        Problems& problems) {
  const auto metric = std::find_if(manifest.metrics.begin(), manifest.metrics.end(),
                                   [&](const MetricDeclaration& each) { return each.name == panel.metric; });
  if (metric == manifest.metrics.end()) {
    problems.push_back({pointer + "/metric", "\"" + panel.metric + "\" is not among the manifest's metrics"});
    return;
  }
  const auto& labels = metric->labels;
  if (panel.by.empty() || std::find(labels.begin(), labels.end(), panel.by) != labels.end()) return;
  problems.push_back({pointer + "/by", "\"" + panel.by + "\" is no label of metric \"" + panel.metric + "\""});
}

void check_panels(const Manifest& manifest, Problems& problems) {
  for (size_t index = 0; index < manifest.panels.size(); ++index) {
    const PanelDeclaration& panel = manifest.panels[index];
    const std::string pointer = pointer_to("/panels", index);
    if (panel.metric.empty() == panel.route.empty()) {
      problems.push_back({pointer, "needs either a metric or a route"});
    } else if (!panel.metric.empty()) {
      check_metric_panel(manifest, panel, pointer, problems);
    } else if (std::none_of(manifest.routes.begin(), manifest.routes.end(), [&](const RouteDeclaration& route) {
                 return route.method == "GET" && route.path == panel.route;
               })) {
      problems.push_back({pointer + "/route", "\"" + panel.route + "\" is not among the manifest's GET routes"});
    }
  }
}

void check_config(const Manifest& manifest, Problems& problems) {
  const auto schema = SettingsSchema::parse(manifest.config_schema);
  if (schema) return;
  for (const Problem& problem : schema.error()) problems.push_back({"/config" + problem.pointer, problem.text});
}

}  // namespace

Problems check_manifest_rules(const Manifest& manifest) {
  Problems problems;
  check_interfaces(manifest, problems);
  check_config(manifest, problems);
  check_metrics(manifest, problems);
  check_routes(manifest, problems);
  check_panels(manifest, problems);
  return problems;
}

std::vector<std::string> manifest_warnings(const Manifest& manifest) {
  std::vector<std::string> warnings;
  for (const HookProposal& proposal : manifest.hooks) {
    const KnownHook* const hook = find_known_hook(proposal.hook);
    if (hook == nullptr) {
      warnings.push_back("hook \"" + proposal.hook + "\" is unknown to this host and will never be called");
    } else if (!hook->may_defer && (proposal.deadline_ms || proposal.fallback)) {
      warnings.push_back("hook \"" + proposal.hook +
                         "\" cannot answer later, so its deadline and fallback have no meaning");
    }
  }
  return warnings;
}

}  // namespace patchbay::package
