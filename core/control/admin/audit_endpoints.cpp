#include "admin/node_endpoints.h"
#include "admin/paging.h"
#include "admin/schema.h"
#include "admin/time_text.h"

namespace patchbay::admin {

namespace {

Json audit_record_schema() {
  return schema::object({{"created_at", schema::date_time()},
                         {"node", schema::string()},
                         {"from", schema::one_of_words({"dashboard", "rest_api", "cli"})},
                         {"source", schema::string("the user, or the API key's name")},
                         {"source_ip", schema::string()},
                         {"operation_id", schema::string("the route")},
                         {"operation_type", schema::string("the route's group")},
                         {"operation_result", schema::one_of_words({"success", "failure"})},
                         {"http_status_code", schema::integer(100, 599)},
                         {"http_method", schema::string()},
                         {"http_request", schema::open_object()},
                         {"duration_ms", schema::integer(0, UINT64_MAX)},
                         {"failure", schema::string("what the answer said")}});
}

std::vector<QueryParameter> audit_parameters() {
  const Json text = schema::text(1, 256);
  return paging_parameters(
      {{"node", text, "Of this node."},
       {"from", schema::one_of_words({"dashboard", "rest_api", "cli"}), "By which way."},
       {"source", text, "By this user or API key."},
       {"source_ip", text, "From this address."},
       {"operation_id", text, "On this route."},
       {"operation_type", text, "In this group of routes."},
       {"operation_result", schema::one_of_words({"success", "failure"}), "What became of it."},
       {"http_method", schema::one_of_words({"post", "put", "delete", "POST", "PUT", "DELETE"}), "With this method."},
       {"http_status_code", schema::integer(100, 599), "Answered with this status."},
       {"gte_created_at", text, "Not before: RFC 3339, or ms since 1970."},
       {"lte_created_at", text, "Not after."}});
}

bool same_method(const std::string& one, const std::string& wanted) {
  return one == wanted || (one.front() | 0x20) == wanted.front();
}

bool audit_record_fits(const ApiRequest& request, const NodeAccess& node, const AuditRecord& record) {
  const auto is = [&request](const char* name, const std::string& value) {
    const auto wanted = request.query_value(name);
    return !wanted || *wanted == value;
  };
  const auto method = request.query_value("http_method");
  if (method && !same_method(record.method, *method)) return false;
  const auto from = request.query_value("gte_created_at");
  const auto until = request.query_value("lte_created_at");
  if (from && record.created_unix_ms < parse_time(*from).value_or(0)) return false;
  if (until && record.created_unix_ms > parse_time(*until).value_or(UINT64_MAX)) return false;
  return is("node", node.node_name) && is("from", record.from) && is("source", record.source) &&
         is("source_ip", record.source_ip) && is("operation_id", record.operation_id) &&
         is("operation_type", record.operation_type) &&
         is("operation_result", record.succeeded() ? "success" : "failure") &&
         is("http_status_code", std::to_string(record.status));
}

}  // namespace

void add_audit_routes(RouteTable& routes, const NodeAccess& node, const AuditLog& audit) {
  Route list;
  list.method = "GET";
  list.path = "/audit";
  list.tag = "Audit";
  list.scope = "audit";
  list.summary =
      "Who has changed what, newest first: the last 2000 changes; the files in the data directory go further.";
  list.query = audit_parameters();
  list.responses[200] = paged_schema(audit_record_schema());
  list.handler = [&node, &audit](const ApiRequest& request) {
    const auto found =
        audit.find([&request, &node](const AuditRecord& record) { return audit_record_fits(request, node, record); });
    return page_of_list(found, page_of(request),
                        [&node](const AuditRecord& record) { return audit_json(record, node.node_name); });
  };
  routes.add(std::move(list));
}

}  // namespace patchbay::admin
