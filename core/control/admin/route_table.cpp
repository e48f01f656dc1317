#include <algorithm>

#include "admin/route.h"
#include "admin/schema.h"
#include "admin/url_text.h"
#include "base/assert.h"
#include "base/log.h"

namespace patchbay::admin {

namespace {

using Pattern = std::vector<std::string>;
using Parameters = std::map<std::string, std::string, std::less<>>;

bool is_parameter(std::string_view part) {
  return part.size() > 2 && part.front() == '{' && part.back() == '}';
}

bool takes_rest(const Pattern& pattern) {
  return !pattern.empty() && pattern.back().ends_with("*}");
}

bool matches(const Pattern& pattern, const std::vector<std::string_view>& path) {
  if (takes_rest(pattern) ? path.size() < pattern.size() : path.size() != pattern.size()) return false;
  for (size_t index = 0; index < pattern.size(); ++index) {
    const bool fits = is_parameter(pattern[index]) ? !path[index].empty() : pattern[index] == path[index];
    if (!fits) return false;
  }
  return true;
}

/// Fixed words count before parameters, so that "/banned/all" is not somebody's name.
size_t fixed_parts(const Pattern& pattern) {
  return static_cast<size_t>(
      std::count_if(pattern.begin(), pattern.end(), [](std::string_view part) { return !is_parameter(part); }));
}

/// False where a part cannot be decoded.
bool fill_parameters(const Pattern& pattern, const std::vector<std::string_view>& path, Parameters& parameters) {
  for (size_t index = 0; index < pattern.size(); ++index) {
    if (!is_parameter(pattern[index])) continue;
    std::string_view name = std::string_view(pattern[index]).substr(1, pattern[index].size() - 2);
    std::string encoded(path[index]);
    if (name.back() == '*') {
      name.remove_suffix(1);
      for (size_t rest = index + 1; rest < path.size(); ++rest) encoded += '/' + std::string(path[rest]);
    }
    auto value = percent_decode(encoded);
    if (!value) return false;
    parameters[std::string(name)] = std::move(*value);
  }
  return true;
}

/// Numbers of our initialiser lists are signed; the checks of schemas want counts as JSON texts give them.
void normalize(Json& schema) {
  if (!schema.is_null()) schema = Json::parse(schema.dump());
}

void assert_usable(const Json& schema, const Route& route) {
  if (schema.is_null()) return;
  for (const std::string& problem : schema_problems(schema)) {
    base::log(base::LogArea::admin, base::LogLevel::error, "the schema of a route is not usable",
              {{"method", route.method}, {"path", route.path}, {"problem", problem}});
    PATCHBAY_ASSERT(problem.empty());
  }
}

Pattern pattern_of(std::string_view path) {
  Pattern pattern;
  for (const std::string_view part : path_parts(path)) pattern.emplace_back(part);
  return pattern;
}

}  // namespace

void RouteTable::add(Route route) {
  PATCHBAY_ASSERT(route.path.starts_with('/') && route.handler);
  for (const Route& other : routes_) PATCHBAY_ASSERT(other.method != route.method || other.path != route.path);
  normalize(route.body_schema);
  assert_usable(route.body_schema, route);
  if (!route.body_schema.is_null()) route.body_check = package::CompiledSchema(route.body_schema);
  for (QueryParameter& parameter : route.query) {
    normalize(parameter.schema);
    assert_usable(parameter.schema, route);
    parameter.check = package::CompiledSchema(parameter.schema);
  }
  for (auto& [name, schema] : route.path_schemas) {
    normalize(schema);
    assert_usable(schema, route);
    route.path_checks[name] = package::CompiledSchema(schema);
  }
  // What need not wait has no parameters, and is never written into the audit log, which is a file.
  const bool quick = route.prompt || route.begin;
  const bool audited = route.method != "GET" && route.access != Access::publish;
  PATCHBAY_ASSERT(!quick || (route.path.find('{') == std::string::npos && !audited));
  if (route.path.find('{') == std::string::npos) fixed_[route.path].push_back(routes_.size());
  patterns_.push_back(pattern_of(route.path));
  routes_.push_back(std::move(route));
}

const Route* RouteTable::find_fixed(std::string_view method, std::string_view path) const {
  const auto there = fixed_.find(path);
  if (there == fixed_.end()) return nullptr;
  for (const size_t index : there->second) {
    if (routes_[index].method == method) return &routes_[index];
  }
  return nullptr;
}

bool RouteTable::is_prompt(std::string_view method, std::string_view path) const {
  const Route* const route = find_fixed(method, path);
  return route != nullptr && (route->prompt || route->begin);
}

RouteTable::Found RouteTable::find(std::string_view method, std::string_view path, const Route*& route,
                                   Parameters& path_parameters, std::vector<std::string>& allowed) const {
  if ((route = find_fixed(method, path)) != nullptr) return Found::route;
  const auto parts = path_parts(path);
  const Pattern* chosen = nullptr;
  for (size_t index = 0; index < routes_.size(); ++index) {
    const Pattern& pattern = patterns_[index];
    if (!matches(pattern, parts)) continue;
    allowed.push_back(routes_[index].method);
    if (routes_[index].method != method) continue;
    if (chosen != nullptr && fixed_parts(pattern) <= fixed_parts(*chosen)) continue;
    chosen = &pattern;
    route = &routes_[index];
  }
  std::sort(allowed.begin(), allowed.end());
  allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
  if (chosen == nullptr) return allowed.empty() ? Found::nothing : Found::other_method;
  return fill_parameters(*chosen, parts, path_parameters) ? Found::route : Found::nothing;
}

}  // namespace patchbay::admin
