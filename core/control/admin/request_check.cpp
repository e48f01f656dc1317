#include "admin/request_check.h"

#include <algorithm>
#include <set>

#include "admin/error_codes.h"
#include "admin/multipart.h"
#include "admin/paging.h"
#include "admin/schema.h"
#include "base/utf8.h"
#include "package/json_text.h"

namespace patchbay::admin {

namespace {

constexpr size_t kBodyDepthMax = 64;
constexpr size_t kShownNameBytes = 64;

ApiResponse bad_request(const std::string& message) {
  return ApiResponse::error(400, code::kBadRequest, message);
}

std::string parameter_sentence(const std::string& name, const std::string& what) {
  return "query parameter \"" + name.substr(0, kShownNameBytes) + "\": " + what;
}

const QueryParameter* find_parameter(const Route& route, const std::string& name) {
  const auto found = std::find_if(route.query.begin(), route.query.end(),
                                  [&name](const QueryParameter& parameter) { return parameter.name == name; });
  return found == route.query.end() ? nullptr : &*found;
}

std::optional<ApiResponse> value_problem(const QueryParameter& parameter, const std::string& value) {
  const package::Problems problems = check_parameter(parameter.schema, parameter.check, value);
  if (problems.empty()) return std::nullopt;
  const std::string sentence = parameter_sentence(parameter.name, problem_sentence(problems));
  if (is_paging_parameter(parameter))
    return ApiResponse::error(400, code::kInvalidParameter, std::string(kPageLimitInvalid) + ": " + sentence);
  return bad_request(sentence);
}

std::optional<ApiResponse> read_json(const Route& route, ApiRequest& request, const std::string& body,
                                     uint64_t bytes_max) {
  auto json = package::parse_json(body, "the body", {bytes_max, kBodyDepthMax});
  if (!json) {
    const package::Problem& problem = json.error();
    return bad_request(problem.pointer.empty() ? problem.text : problem.pointer + ": " + problem.text);
  }
  request.body = std::move(*json);
  const package::Problems problems = route.body_check.check(request.body);
  if (problems.empty()) return std::nullopt;
  return bad_request(problem_sentence(problems));
}

}  // namespace

std::optional<ApiResponse> query_problem(const Route& route, const ApiRequest& request) {
  if (route.passes_on) return std::nullopt;
  std::set<std::string_view> seen;
  for (const auto& [name, value] : request.query) {
    const QueryParameter* const parameter = find_parameter(route, name);
    if (parameter == nullptr) return bad_request(parameter_sentence(name, "is unknown here"));
    if (!seen.insert(name).second && !parameter->repeatable)
      return bad_request(parameter_sentence(name, "is there twice"));
    if (auto problem = value_problem(*parameter, value)) return problem;
  }
  for (const QueryParameter& parameter : route.query) {
    if (parameter.required && !seen.contains(parameter.name))
      return bad_request(parameter_sentence(parameter.name, "is required and missing"));
  }
  return std::nullopt;
}

std::optional<ApiResponse> path_problem(const Route& route, const ApiRequest& request) {
  for (const auto& [name, schema] : route.path_schemas) {
    const auto value = request.path_parameters.find(name);
    if (value == request.path_parameters.end()) continue;
    const package::Problems problems = check_parameter(schema, route.path_checks.at(name), value->second);
    if (!problems.empty()) return bad_request("path parameter \"" + name + "\": " + problem_sentence(problems));
  }
  return std::nullopt;
}

std::optional<ApiResponse> read_body(const Route& route, ApiRequest& request, std::string body, uint64_t bytes_max) {
  if (route.passes_on) {
    request.body_text = std::move(body);
    return std::nullopt;
  }
  if (route.body_type == "multipart/form-data") {
    auto parts = parse_multipart(request.content_type, body);
    if (!parts) return ApiResponse::error(400, code::kBadFormData, "the form is not in order: " + parts.error());
    request.parts = std::move(*parts);
    return std::nullopt;
  }
  if (route.body_type != "application/json") {
    if (!base::is_clean_utf8(body)) return bad_request("the body is not text in UTF-8");
    request.body_text = std::move(body);
    return std::nullopt;
  }
  if (route.body_schema.is_null()) return std::nullopt;
  if (body.empty()) {
    if (route.body_required) return bad_request("a body in JSON is required and missing");
    return std::nullopt;
  }
  return read_json(route, request, body, bytes_max);
}

}  // namespace patchbay::admin
