#include "admin/dispatcher.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <exception>

#include "admin/access_check.h"
#include "admin/error_codes.h"
#include "admin/request_check.h"
#include "admin/secrets.h"
#include "admin/text_case.h"
#include "admin/url_text.h"
#include "base/log.h"

namespace patchbay::admin {

namespace {

/// For requests of which nobody knows who sends them, and for routes without a body: some clients send "{}".
constexpr uint64_t kSmallBodyMax = 16 * 1024;
constexpr size_t kIncidentCharacters = 10;

/// "[::1]:18083" -> "::1", "a.example:80" -> "a.example"
std::string host_name(std::string_view host) {
  if (host.starts_with('[')) return std::string(host.substr(1, std::min(host.find(']'), host.size()) - 1));
  return in_small_letters(host.substr(0, host.find(':')));
}

bool is_address(const std::string& text) {
  std::array<unsigned char, 16> address{};
  return ::inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

bool is_change(std::string_view method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

bool is_in_api(std::string_view path) {
  return path.starts_with(kApiRoot) && path.substr(kApiRoot.size()).starts_with('/');
}

/// "a/../b" is nobody's name, and a path to somebody: RFC 3986 5.2.4.
bool has_dot_segment(std::string_view path) {
  if (path.find_first_of(".%") == std::string_view::npos) return false;
  for (const std::string_view part : path_parts(path)) {
    const auto decoded = percent_decode(part);
    if (decoded && (*decoded == "." || *decoded == "..")) return true;
  }
  return false;
}

std::string media_type(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return in_small_letters(type.substr(0, type.find_last_not_of(" \t") + 1));
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// What the header Allow says of the methods that a path has. RFC 9110 9.3.2, 9.3.7
std::string allow_text(std::vector<std::string> methods) {
  if (std::find(methods.begin(), methods.end(), "GET") != methods.end()) methods.emplace_back("HEAD");
  methods.emplace_back("OPTIONS");
  return joined(methods);
}

std::string failure_text(const ApiResponse& response) {
  if (response.status < 400) return {};
  const Json body = Json::parse(response.body, nullptr, false);
  const bool told = body.is_object() && body.contains("message") && body["message"].is_string();
  return told ? body["message"].get<std::string>() : "status " + std::to_string(response.status);
}

/// What goes wrong with a request that nobody has foreseen is told to the log, by a name that its sender gets.
ApiResponse incident_answer(const ApiRequest& request, const Route& route, const std::exception& error) {
  const std::string incident = random_text(kIncidentCharacters);
  base::log(base::LogArea::admin, base::LogLevel::error, "a request has failed",
            {{"incident", incident}, {"method", request.method}, {"route", route.path}, {"error", error.what()}});
  return ApiResponse::error(500, code::kInternalError, "the server has failed, its log says how: " + incident);
}

std::string_view origin_name(Caller::By by) {
  switch (by) {
    case Caller::By::api_key:
      return "rest_api";
    case Caller::By::local:
      return "cli";
    default:
      return "dashboard";
  }
}

}  // namespace

Dispatcher::Dispatcher(const RouteTable& api, const RouteTable& pages, Accounts& accounts, AdminHooks& hooks,
                       AuditLog& audit, const base::Clock& clock, DispatcherOptions options)
    : api_(api),
      pages_(pages),
      accounts_(accounts),
      hooks_(hooks),
      audit_(audit),
      clock_(clock),
      options_(std::move(options)),
      limits_(clock) {}

Admission Dispatcher::admit(const HttpHead& head, std::string_view peer_address) {
  const auto visit = std::make_shared<Visit>();
  visit->begun_ms = clock_.steady_ms();
  visit->request.peer_address = peer_address;
  Admission admission;
  if ((admission.answer = check_origin(head))) return admission;
  if ((admission.answer = find_route(head, *visit))) return admission;
  if ((admission.answer = identify(head, *visit))) return admission;
  if ((admission.answer = check_caller(*visit)) || (admission.answer = check_body_type(head, *visit))) {
    if (is_change(visit->request.method)) write_audit(*visit, *admission.answer);
    return admission;
  }
  admission.body_bytes_max = body_bytes_max(*visit);
  admission.handle = [this, visit](std::string body) { return handle(*visit, std::move(body)); };
  if (visit->route->prompt || visit->route->begin) {
    admission.begin = [this, visit](std::string body, AnswerLater later) {
      return begin(*visit, std::move(body), std::move(later));
    };
  }
  return admission;
}

bool Dispatcher::is_prompt(const HttpHead& head) const {
  const bool in_api = is_in_api(head.path);
  const std::string_view path = std::string_view(head.path).substr(in_api ? kApiRoot.size() : 0);
  const std::string_view method = head.method == "HEAD" ? "GET" : std::string_view(head.method);
  return (in_api ? api_ : pages_).is_prompt(method, path) && !hooks_.listens(false);
}

// A page of somebody else's that a browser was led to with a name of its own (DNS rebinding), or that sends a form
// here.
std::optional<ApiResponse> Dispatcher::check_origin(const HttpHead& head) const {
  const std::string name = host_name(head.host);
  const auto allowed = [&name](const std::string& host) { return host == "*" || in_small_letters(host) == name; };
  const bool known = head.host.empty() || name == "localhost" || is_address(name) ||
                     std::any_of(options_.hosts.begin(), options_.hosts.end(), allowed);
  if (!known)
    return ApiResponse::error(421, code::kForbidden, "the host of the request is not an address and not in api.hosts");
  const std::string_view origin = head.header("origin");
  const size_t scheme = origin.find("://");
  if (!is_change(head.method) || origin.empty() || origin == "null") return std::nullopt;
  if (scheme != std::string_view::npos && in_small_letters(origin.substr(scheme + 3)) == in_small_letters(head.host))
    return std::nullopt;
  return ApiResponse::error(403, code::kForbidden, "the request comes from a page of another host");
}

std::optional<ApiResponse> Dispatcher::find_route(const HttpHead& head, Visit& visit) const {
  ApiRequest& request = visit.request;
  if (head.path == "*") {
    ApiResponse response = ApiResponse::no_content();
    response.headers.emplace_back("Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS");
    return response;
  }
  if (has_dot_segment(head.path)) return ApiResponse::error(400, code::kBadRequest, "the path has a dot segment");
  const bool in_api = is_in_api(head.path);
  const std::string path = in_api ? head.path.substr(kApiRoot.size()) : head.path;
  const RouteTable& table = in_api ? api_ : pages_;
  const std::string method = head.method == "HEAD" ? "GET" : head.method;
  std::vector<std::string> allowed;
  const auto found = table.find(method, path, visit.route, request.path_parameters, allowed);
  if (found == RouteTable::Found::other_method) {
    const bool asks = head.method == "OPTIONS";
    ApiResponse response =
        asks ? ApiResponse::no_content()
             : ApiResponse::error(405, code::kMethodNotAllowed, "this path has other methods, see the header Allow");
    response.headers.emplace_back("Allow", allow_text(std::move(allowed)));
    return response;
  }
  auto query = parse_query(head.query);
  if (found == RouteTable::Found::nothing) return ApiResponse::error(404, code::kNotFound, "there is no such path");
  if (!query) return ApiResponse::error(400, code::kBadRequest, "the query cannot be decoded");
  request.method = method;
  request.path = percent_decode(path).value_or(path);
  request.query = std::move(*query);
  request.query_text = head.query;
  request.content_type = head.header("content-type");
  request.accept = head.header("accept");
  return std::nullopt;
}

std::optional<ApiResponse> Dispatcher::identify(const HttpHead& head, Visit& visit) {
  visit.open = visit.route->access == Access::open || (visit.route->open_when && visit.route->open_when());
  if (visit.open) return std::nullopt;
  if (head.header_count("authorization") > 1)
    return unauthorized(code::kAuthorizationHeaderError, "there is more than one header Authorization");
  auto caller = accounts_.authenticate(head.header("authorization"), visit.request.peer_address);
  if (!caller) return caller.error();
  visit.request.caller = std::move(*caller);
  return std::nullopt;
}

std::optional<ApiResponse> Dispatcher::check_caller(const Visit& visit) {
  const Caller& caller = visit.request.caller;
  if (visit.open) return std::nullopt;
  if (auto refused = access_problem(*visit.route, caller)) return refused;
  if (caller.by == Caller::By::nobody || caller.by == Caller::By::local) return std::nullopt;
  if (visit.route->access != Access::own && accounts_.must_change_password(caller))
    return ApiResponse::error(403, code::kPasswordChangeRequired,
                              "set a password of your own first: POST /api/v5/users/" + caller.name + "/change_pwd");
  const bool key = caller.by == Caller::By::api_key;
  const uint64_t wait_ms = limits_.take((key ? "key " : "user ") + caller.name,
                                        key ? options_.key_requests_per_s : options_.user_requests_per_s);
  if (wait_ms > 0) return too_many(wait_ms, "too many requests of this caller");
  return std::nullopt;
}

std::optional<ApiResponse> Dispatcher::check_body_type(const HttpHead& head, const Visit& visit) const {
  const Route& route = *visit.route;
  const bool takes_body = !route.body_schema.is_null() || route.body_type != "application/json";
  if (!takes_body || route.passes_on || !head.has_body()) return std::nullopt;
  if (media_type(visit.request.content_type) == route.body_type) return std::nullopt;
  return ApiResponse::error(415, code::kUnsupportedMediaType, "the body must have the type " + route.body_type);
}

uint64_t Dispatcher::body_bytes_max(const Visit& visit) const {
  const Route& route = *visit.route;
  if (route.access == Access::open) return kSmallBodyMax;
  if (route.body_type == "multipart/form-data") return options_.upload_bytes_max;
  return route.body_schema.is_null() && route.body_type == "application/json" ? kSmallBodyMax : options_.body_bytes_max;
}

ApiResponse Dispatcher::handle(Visit& visit, std::string body) {
  ApiResponse response;
  try {
    response = checked_and_handled(visit, std::move(body));
  } catch (const std::exception& error) {
    response = incident_answer(visit.request, *visit.route, error);
  }
  if (is_change(visit.request.method)) write_audit(visit, response);
  return response;
}

// Plugins are not asked: is_prompt() has found that none of them wanted to be when the request came.
Begun Dispatcher::begin(Visit& visit, std::string body, AnswerLater later) {
  const Route& route = *visit.route;
  try {
    if (auto problem = check_content(visit, std::move(body))) return {std::move(problem), {}};
    if (route.begin) return route.begin(visit.request, std::move(later));
    return {route.handler(visit.request), {}};
  } catch (const std::exception& error) {
    return {incident_answer(visit.request, route, error), {}};
  }
}

std::optional<ApiResponse> Dispatcher::check_content(Visit& visit, std::string body) const {
  if (auto problem = query_problem(*visit.route, visit.request)) return problem;
  if (auto problem = path_problem(*visit.route, visit.request)) return problem;
  return read_body(*visit.route, visit.request, std::move(body), options_.body_bytes_max);
}

ApiResponse Dispatcher::checked_and_handled(Visit& visit, std::string body) {
  if (auto problem = check_content(visit, std::move(body))) return std::move(*problem);
  if (auto refused = ask_plugins(visit)) return std::move(*refused);
  return visit.route->handler(visit.request);
}

// Publishing is no change of the node; whom it may concern is asked by the hooks of messages.
std::optional<ApiResponse> Dispatcher::ask_plugins(const Visit& visit) {
  const Route& route = *visit.route;
  if (route.access == Access::open || visit.request.caller.by == Caller::By::nobody) return std::nullopt;
  const bool change = is_change(visit.request.method) && route.access != Access::publish;
  if (!hooks_.listens(change)) return std::nullopt;
  AdminAction action{visit.request.caller.name, visit.request.method, visit.request.path, "{}", change};
  const bool has_secrets = route.access == Access::users_only || route.access == Access::own;
  if (!visit.request.body.is_null() && !has_secrets)
    action.body_json = visit.request.body.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (hooks_.allows(action)) return std::nullopt;
  return ApiResponse::error(403, code::kNotAllowed, "a plugin does not allow this now");
}

void Dispatcher::write_audit(const Visit& visit, const ApiResponse& response) {
  const ApiRequest& request = visit.request;
  // What is done a thousand times a second is counted, not written down: the answer of EMQX too.
  if (visit.route->access == Access::publish) return;
  AuditRecord record;
  record.created_unix_ms = clock_.unix_ms();
  record.from = origin_name(request.caller.by);
  // Who logs in is nobody yet.
  record.source = request.caller.name;
  const auto named = request.body.is_object() ? request.body.find("username") : request.body.end();
  if (record.source.empty() && named != request.body.end() && named->is_string())
    record.source = named->get<std::string>();
  record.source_ip = request.peer_address;
  record.operation_id = visit.route->path;
  record.operation_type = visit.route->tag;
  record.method = request.method;
  record.path = request.path;
  record.status = response.status;
  record.duration_ms = clock_.steady_ms() - visit.begun_ms;
  record.failure = failure_text(response);
  audit_.add(record);
  hooks_.tell({record.source, record.method, record.path, "{}", true}, response.status);
}

}  // namespace patchbay::admin
