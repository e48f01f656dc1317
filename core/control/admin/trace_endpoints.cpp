// /trace: what happens to a client, a topic or an address, in a file.
#include <algorithm>

#include "admin/api_time.h"
#include "admin/endpoints.h"
#include "admin/error_codes.h"
#include "admin/schema.h"
#include "admin/zip_file.h"
#include "operations/operations.h"

namespace patchbay::admin {

namespace {

using operations::Traces;
using operations::TraceSpec;

constexpr size_t kTraceLogBytesMax = 1u << 20;  ///< of one answer of /log

template <class Enum>
constexpr size_t place(Enum value) {
  return static_cast<size_t>(value);
}

Json trace_json(const NodeAccess& node, const Traces::Report& report) {
  const TraceSpec& spec = report.spec;
  const std::string kind(operations::kTraceKinds[place(spec.kind)]);
  return {{"name", spec.name},
          {"type", kind},
          {kind, spec.value},
          {"payload_encode", operations::kTracePayloads[place(spec.payload)]},
          {"formatter", operations::kTraceFormats[place(spec.format)]},
          {"start_at", time_text_s(spec.start_unix_s)},
          {"end_at", time_text_s(spec.end_unix_s)},
          {"status", operations::kTraceStatuses[place(report.status)]},
          {"dropped_lines", report.dropped_lines},
          {"log_size", {{node.node_name, report.bytes}}}};
}

Json trace_schema() {
  return schema::object({{"name", schema::string()},
                         {"type", schema::one_of_words({"clientid", "topic", "ip_address"})},
                         {"clientid", schema::string()},
                         {"topic", schema::string()},
                         {"ip_address", schema::string()},
                         {"payload_encode", schema::one_of_words({"text", "hex", "hidden"})},
                         {"formatter", schema::one_of_words({"text", "json"})},
                         {"start_at", schema::string("RFC 3339.")},
                         {"end_at", schema::string("RFC 3339.")},
                         {"status", schema::one_of_words({"waiting", "running", "stopped"})},
                         {"dropped_lines", schema::integer(0, UINT64_MAX, "Lines that did not fit into the file.")},
                         {"log_size", schema::map_of(schema::integer(0, UINT64_MAX))}});
}

Json new_trace_schema() {
  return schema::object(
      {{"name", schema::text(1, 256, "A letter, then letters, digits, - and _.")},
       {"type", schema::one_of_words({"clientid", "topic", "ip_address"})},
       {"clientid", schema::string("With type clientid.")},
       {"topic", schema::string("With type topic: a filter.")},
       {"ip_address", schema::string("With type ip_address.")},
       {"payload_encode", schema::with_default(schema::one_of_words({"text", "hex", "hidden"}), "text")},
       {"formatter", schema::with_default(schema::one_of_words({"text", "json"}), "text")},
       {"start_at", schema::anything("RFC 3339 or seconds since 1970; now when it is left out.")},
       {"end_at", schema::anything("The same; ten minutes after the start when it is left out.")}},
      {"name", "type"});
}

template <class Enum, size_t Count>
Enum trace_word(const Json& body, const char* member, const std::string_view (&words)[Count]) {
  if (!body.contains(member)) return Enum{};
  const auto* found = std::find(words, words + Count, body.at(member).get<std::string>());
  return static_cast<Enum>(found - words);  // the schema lets no others through
}

/// The spec, or the name of the member that is wrong.
std::optional<std::string> trace_times(const Json& body, uint64_t now_s, TraceSpec& spec) {
  spec.start_unix_s = now_s;
  if (body.contains("start_at")) {
    const auto start = unix_s_from(body.at("start_at"));
    if (!start) return "start_at";
    spec.start_unix_s = *start;
  }
  spec.end_unix_s = spec.start_unix_s + operations::kTraceDefault_s;
  if (body.contains("end_at")) {
    const auto end = unix_s_from(body.at("end_at"));
    if (!end) return "end_at";
    spec.end_unix_s = *end;
  }
  return std::nullopt;
}

ApiResponse refused_trace(const Traces::Problem& problem) {
  switch (problem.refusal) {
    case Traces::Refusal::exists:
      return ApiResponse::error(409, code::kAlreadyExists, problem.sentence);
    case Traces::Refusal::full:
      return ApiResponse::error(400, code::kExceedLimit, problem.sentence);
    case Traces::Refusal::no_file:
      return ApiResponse::error(500, code::kInternalError, problem.sentence);
    default:
      return ApiResponse::error(400, code::kInvalidParameter, problem.sentence);
  }
}

ApiResponse add_trace(const NodeAccess& node, const ApiRequest& request) {
  const Json& body = request.body;
  TraceSpec spec;
  spec.name = body.at("name").get<std::string>();
  spec.kind = trace_word<operations::TraceKind>(body, "type", operations::kTraceKinds);
  spec.payload = trace_word<operations::TracePayload>(body, "payload_encode", operations::kTracePayloads);
  spec.format = trace_word<operations::TraceFormat>(body, "formatter", operations::kTraceFormats);
  spec.value = body.value(std::string(operations::kTraceKinds[place(spec.kind)]), std::string());
  const uint64_t now_s = node.clock.unix_ms() / 1000;
  if (const auto member = trace_times(body, now_s, spec))
    return ApiResponse::error(400, code::kInvalidParameter,
                              *member + ": must be a time of RFC 3339, or seconds since 1970");
  if (spec.end_unix_s <= now_s) return ApiResponse::error(400, code::kInvalidParameter, "end_at: is in the past");
  const auto added = node.operations.traces().add(std::move(spec));
  if (!added) return refused_trace(added.error());
  const auto report = node.operations.traces().find(added->name);
  return report ? ApiResponse::json(trace_json(node, *report)) : ApiResponse::no_content();
}

ApiResponse no_trace(const std::string& name) {
  return ApiResponse::error(404, code::kNotFound, "there is no trace " + name);
}

ApiResponse list_traces(const NodeAccess& node) {
  Json list = Json::array();
  for (const Traces::Report& report : node.operations.traces().list()) list.push_back(trace_json(node, report));
  return ApiResponse::json(list);
}

ApiResponse download_trace(const NodeAccess& node, const ApiRequest& request) {
  const std::string& name = request.path_parameter("name");
  const auto part = node.operations.traces().read(name, 0, operations::TraceFile::kBytesMax);
  if (!part) return no_trace(name);
  const bool as_text = request.query_value("format") == "text" || request.accept.starts_with("text/");
  ApiResponse response = ApiResponse::text(part->text);
  if (!as_text) {
    auto zipped = zip_of("trace_" + name + ".log", part->text);
    if (!zipped) return ApiResponse::error(500, code::kInternalError, zipped.error());
    response = ApiResponse::text(std::move(*zipped), "application/zip");
  }
  response.headers.emplace_back("Content-Disposition",
                                "attachment; filename=\"" + name + (as_text ? ".log\"" : ".zip\""));
  return response;
}

ApiResponse read_trace(const NodeAccess& node, const ApiRequest& request) {
  const std::string& name = request.path_parameter("name");
  const uint64_t bytes = request.query_number("bytes").value_or(1'000);
  const auto part = node.operations.traces().read(name, request.query_number("position").value_or(0), bytes);
  if (!part) return no_trace(name);
  return ApiResponse::json({{"items", part->text}, {"meta", {{"bytes", bytes}, {"position", part->position}}}});
}

Route trace_route(std::string method, std::string path, Access access, std::string summary) {
  Route route;
  route.method = std::move(method);
  route.path = std::move(path);
  route.tag = "Trace";
  route.scope = "monitoring";
  route.access = access;
  route.summary = std::move(summary);
  return route;
}

void add_trace_changes(RouteTable& routes, const NodeAccess& node) {
  Route add = trace_route("POST", "/trace", Access::write, "Starts a trace, now or later.");
  add.body_schema = new_trace_schema();
  add.responses = {{200, trace_schema()}};
  add.handler = [&node](const ApiRequest& request) { return add_trace(node, request); };
  routes.add(std::move(add));

  Route clear = trace_route("DELETE", "/trace", Access::write, "Removes all traces and their files.");
  clear.responses = {{204, nullptr}};
  clear.handler = [&node](const ApiRequest&) {
    node.operations.traces().clear();
    return ApiResponse::no_content();
  };
  routes.add(std::move(clear));

  Route remove = trace_route("DELETE", "/trace/{name}", Access::write, "Removes a trace and its file.");
  remove.responses = {{204, nullptr}};
  remove.handler = [&node](const ApiRequest& request) {
    const std::string& name = request.path_parameter("name");
    return node.operations.traces().remove(name) ? ApiResponse::no_content() : no_trace(name);
  };
  routes.add(std::move(remove));

  Route stop = trace_route("PUT", "/trace/{name}/stop", Access::write, "Ends a trace; its file stays.");
  stop.responses = {{200, schema::object({{"name", schema::string()}, {"enable", schema::boolean()}})}};
  stop.handler = [&node](const ApiRequest& request) {
    const std::string& name = request.path_parameter("name");
    if (!node.operations.traces().stop(name)) return no_trace(name);
    return ApiResponse::json({{"name", name}, {"enable", false}});
  };
  routes.add(std::move(stop));
}

void add_trace_files(RouteTable& routes, const NodeAccess& node) {
  Route download = trace_route("GET", "/trace/{name}/download", Access::read,
                               "The whole file, zipped; as it is with Accept: text/plain.");
  download.query = {{"node", schema::string(), "The node's name; there is one."},
                    {"format", schema::with_default(schema::one_of_words({"zip", "text"}), "zip"), "How it comes."}};
  download.responses = {{200, nullptr}};
  download.handler = [&node](const ApiRequest& request) { return download_trace(node, request); };
  routes.add(std::move(download));

  Route log = trace_route("GET", "/trace/{name}/log", Access::read,
                          "A part of the file; read on from the position that the answer names.");
  log.query = {{"position", schema::with_default(schema::integer(0, INT64_MAX), 0), "Where to begin, in bytes."},
               {"bytes", schema::with_default(schema::integer(1, kTraceLogBytesMax), 1'000), "How much at most."},
               {"node", schema::string(), "The node's name; there is one."}};
  log.responses = {{200, schema::object({{"items", schema::string()},
                                         {"meta", schema::object({{"bytes", schema::integer(0, INT64_MAX)},
                                                                  {"position", schema::integer(0, INT64_MAX)}})}})}};
  log.handler = [&node](const ApiRequest& request) { return read_trace(node, request); };
  routes.add(std::move(log));

  Route detail = trace_route("GET", "/trace/{name}/log_detail", Access::read, "How large the file is.");
  detail.responses = {
      {200, schema::array(schema::object({{"node", schema::string()}, {"size", schema::integer(0, INT64_MAX)}}))}};
  detail.handler = [&node](const ApiRequest& request) {
    const auto report = node.operations.traces().find(request.path_parameter("name"));
    if (!report) return no_trace(request.path_parameter("name"));
    return ApiResponse::json(Json::array({{{"node", node.node_name}, {"size", report->bytes}}}));
  };
  routes.add(std::move(detail));
}

}  // namespace

void add_trace_routes(RouteTable& routes, const NodeAccess& node) {
  Route list = trace_route("GET", "/trace", Access::read, "All traces.");
  list.responses = {{200, schema::array(trace_schema())}};
  list.handler = [&node](const ApiRequest&) { return list_traces(node); };
  routes.add(std::move(list));
  add_trace_changes(routes, node);
  add_trace_files(routes, node);
}

}  // namespace patchbay::admin
