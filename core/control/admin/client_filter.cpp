#include "admin/client_filter.h"

#include <algorithm>

#include "admin/schema.h"
#include "admin/time_text.h"

namespace patchbay::admin {

namespace {

bool is_among(const std::vector<std::string>& values, std::string_view value) {
  return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
}

bool is_part(const std::optional<std::string>& part, std::string_view text) {
  return !part || text.find(*part) != std::string_view::npos;
}

bool is_between(std::optional<uint64_t> from, std::optional<uint64_t> to, uint64_t value) {
  return (!from || value >= *from) && (!to || value <= *to);
}

bool read_time(const ApiRequest& request, const char* name, std::optional<uint64_t>& time, std::string& error) {
  const auto text = request.query_value(name);
  if (!text) return true;
  time = parse_time(*text);
  if (!time) error = std::string(name) + ": not a time: RFC 3339, or milliseconds since 1970";
  return time.has_value();
}

std::optional<bool> flag(const ApiRequest& request, const char* name) {
  const auto text = request.query_value(name);
  return text ? std::optional<bool>(*text == "true") : std::nullopt;
}

}  // namespace

bool ClientFilter::is_empty() const {
  return client_ids.empty() && usernames.empty() && !ip_address && !connected && !clean_start && !protocol_version &&
         !protocol_name && !like_client_id && !like_username && !created_from_ms && !created_to_ms &&
         !connected_from_ms && !connected_to_ms && !nothing;
}

bool ClientFilter::matches(const session::Session& session) const {
  const access::ClientInfo& client = session.client();
  if (nothing || (connected && *connected != (session.channel() != nullptr))) return false;
  if (clean_start && *clean_start != client.clean_start()) return false;
  if (protocol_version && *protocol_version != client.protocol_version()) return false;
  if (protocol_name && *protocol_name != client.protocol_name()) return false;
  if (!is_among(client_ids, client.client_id()) || !is_among(usernames, client.username())) return false;
  if (!is_part(like_client_id, client.client_id()) || !is_part(like_username, client.username())) return false;
  if (!is_between(created_from_ms, created_to_ms, session.created_at_unix_ms)) return false;
  if (!is_between(connected_from_ms, connected_to_ms, client.connected_at_unix_ms())) return false;
  return !ip_address || *ip_address == client.peer_address_text();
}

base::Result<ClientFilter, std::string> client_filter(const ApiRequest& request, const std::string& node_name) {
  ClientFilter filter;
  filter.client_ids = request.query_values("clientid");
  filter.usernames = request.query_values("username");
  filter.ip_address = request.query_value("ip_address");
  filter.like_client_id = request.query_value("like_clientid");
  filter.like_username = request.query_value("like_username");
  filter.clean_start = flag(request, "clean_start");
  if (const auto state = request.query_value("conn_state")) {
    filter.connected = *state == "connected";
    filter.nothing = *state == "idle";  // who has not said CONNECT yet is no client
  }
  filter.protocol_name = request.query_value("proto_name");
  if (const auto version = request.query_number("proto_ver")) filter.protocol_version = static_cast<uint8_t>(*version);
  const auto node = request.query_value("node");
  filter.nothing = filter.nothing || (node && *node != node_name);
  std::string error;
  const bool times_read = read_time(request, "gte_created_at", filter.created_from_ms, error) &&
                          read_time(request, "lte_created_at", filter.created_to_ms, error) &&
                          read_time(request, "gte_connected_at", filter.connected_from_ms, error) &&
                          read_time(request, "lte_connected_at", filter.connected_to_ms, error);
  if (!times_read) return base::fail(error);
  return filter;
}

std::vector<QueryParameter> client_filter_parameters() {
  const Json time = schema::text(1, 64, "RFC 3339, or milliseconds since 1970");
  return {
      {"node", schema::string(), "Only of this node."},
      {"clientid", schema::string(), "These client ids.", true},
      {"username", schema::string(), "These user names.", true},
      {"ip_address", schema::text(1, 64), "The peer's address."},
      {"conn_state", schema::one_of_words({"connected", "idle", "disconnected"}), "Connected, or only a session."},
      {"clean_start", schema::boolean(), "What the client asked for."},
      {"proto_name", schema::text(1, 64), "Name of the protocol: MQTT, or that of a plugin."},
      {"proto_ver", schema::integer(0, 255), "Version of the protocol: 3, 4, 5."},
      {"like_clientid", schema::string(), "A part of the client id."},
      {"like_username", schema::string(), "A part of the user name."},
      {"gte_created_at", time, "The session was made then or later."},
      {"lte_created_at", time, "The session was made then or earlier."},
      {"gte_connected_at", time, "The client connected then or later."},
      {"lte_connected_at", time, "The client connected then or earlier."},
  };
}

}  // namespace patchbay::admin
