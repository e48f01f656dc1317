#include "admin/listener_changes.h"

#include <utility>
#include <vector>

#include "admin/error_codes.h"
#include "admin/listener_json.h"
#include "config/config_keys.h"

namespace patchbay::admin {

namespace {

ApiResponse bad_listener_id() {
  return ApiResponse::error(400, code::kBadListenerId,
                            "not of the form <type>:<name>, with type tcp, ssl, ws, wss, udp, dtls");
}

ApiResponse bad_request(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "; ") + line;
  return ApiResponse::error(400, code::kBadRequest, text);
}

/// "" or why the members of the body that name the listener do not agree with its id.
std::string disagreement(const ListenerView& listener, const Json& body) {
  const std::pair<const char*, std::string> names[] = {
      {"id", listener.id}, {"type", std::string(config::listener_type_name(listener.type))}, {"name", listener.name}};
  for (const auto& [name, value] : names) {
    if (body.contains(name) && body[name] != value) return std::string(name) + ": is not that of " + listener.id;
  }
  return {};
}

}  // namespace

std::optional<ListenerView> find_listener(const NodeAccess& node, const std::string& id) {
  for (ListenerView& listener : node.commands.listeners()) {
    if (listener.id == id) return std::move(listener);
  }
  return std::nullopt;
}

ApiResponse no_such_listener(const std::string& id) {
  ListenerView ignored;
  if (!parse_listener_id(id, ignored)) return bad_listener_id();
  return ApiResponse::error(404, code::kBadListenerId, "there is no listener of that id");
}

std::string listener_id_of(const Json& body) {
  const auto text = [&body](const char* name) {
    return body.contains(name) && body[name].is_string() ? body[name].get<std::string>() : std::string();
  };
  return body.contains("id") ? text("id") : text("type") + ':' + text("name");
}

ApiResponse put_listener(const NodeAccess& node, ListenerView listener, const Json& body) {
  const std::string differs = disagreement(listener, body);
  if (!differs.empty()) return ApiResponse::error(400, code::kBadListenerId, differs);
  const auto problems = merge_listener(listener, body);
  if (!problems.empty()) return bad_request(problems);
  if (listener.config.bind.empty()) return bad_request({"bind: an address and port are needed"});
  const auto put = node.commands.put_listener(listener);
  if (!put) return bad_request(put.error());
  const auto now = find_listener(node, listener.id);
  return ApiResponse::json(now ? listener_json(*now) : Json::object());
}

ApiResponse create_listener(const NodeAccess& node, const std::string& id, const Json& body) {
  ListenerView listener;
  if (!parse_listener_id(id, listener)) return bad_listener_id();
  if (find_listener(node, id))
    return ApiResponse::error(400, code::kBadListenerId, "there is a listener of that id already");
  return put_listener(node, std::move(listener), body);
}

ApiResponse delete_listener(const NodeAccess& node, const std::string& id) {
  if (!find_listener(node, id)) return no_such_listener(id);
  const auto removed = node.commands.remove_listener(id);
  if (!removed) return ApiResponse::error(400, code::kUpdateFailed, removed.error());
  return ApiResponse::no_content();
}

}  // namespace patchbay::admin
