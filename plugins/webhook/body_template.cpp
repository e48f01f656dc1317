#include "body_template.h"

#include <algorithm>
#include <utility>

namespace patchbay::webhook {

namespace {

/// Every field that some event has.
constexpr std::string_view kFields[] = {
    ".",         "action",         "node",          "event_id", "clientid",     "username",        "ipaddress",
    "keepalive", "proto_ver",      "conn_ack",      "reason",   "connected_at", "disconnected_at", "topic",
    "opts",      "from_client_id", "from_username", "qos",      "retain",       "payload",         "ts"};

bool is_field(std::string_view name) {
  return std::find(std::begin(kFields), std::end(kFields), name) != std::end(kFields);
}

}  // namespace

std::optional<BodyTemplate> BodyTemplate::parse(std::string_view text, std::string& reason) {
  BodyTemplate out;
  std::string fixed;
  for (size_t open = text.find("${"); open != std::string_view::npos; open = text.find("${")) {
    const size_t close = text.find('}', open);
    if (close == std::string_view::npos) {
      reason = "\"${\" without \"}\"";
      return {};
    }
    fixed.append(text.substr(0, open));
    const std::string name(text.substr(open + 2, close - open - 2));
    text.remove_prefix(close + 1);
    if (name == "$") {
      fixed += '$';
    } else if (is_field(name)) {
      out.pieces_.push_back({std::exchange(fixed, {}), name});
    } else {
      reason = "no event has a field \"" + name + "\"";
      return {};
    }
  }
  out.pieces_.push_back({fixed.append(text), {}});
  return out;
}

}  // namespace patchbay::webhook
