#include "admin/client_view.h"

#include <algorithm>

#include "base/utc_time.h"

namespace patchbay::admin {

namespace {

/// One member of the object. There are none for what the flow plane does not keep for each client.
struct ClientField {
  const char* name;
  const char* type;
  /// Null: the member is left out of this client's object.
  Json (*value)(const ClientView& view, std::string_view node_name);
};

Json time_or_null(uint64_t unix_ms) {
  return unix_ms == 0 ? Json() : Json(base::utc_time_text(unix_ms));
}

uint64_t sum_of(const std::array<uint64_t, 3>& by_qos) {
  return by_qos[0] + by_qos[1] + by_qos[2];
}

Json attributes_json(const access::ClientInfo& client) {
  Json object = Json::object();
  for (const auto& [name, value] : client.attributes()) object[name] = value;
  return object;
}

constexpr ClientField kFields[] = {
    {"clientid", "string", [](const ClientView& v, std::string_view) -> Json { return v.client->client_id(); }},
    {"username", "string",
     [](const ClientView& v, std::string_view) -> Json {
       return v.client->username().empty() ? Json() : Json(v.client->username());
     }},
    {"node", "string", [](const ClientView&, std::string_view node) -> Json { return node; }},
    {"ip_address", "string",
     [](const ClientView& v, std::string_view) -> Json { return v.client->peer_address_text(); }},
    {"port", "integer", [](const ClientView& v, std::string_view) -> Json { return v.client->peer_port(); }},
    {"connected", "boolean", [](const ClientView& v, std::string_view) -> Json { return v.connected; }},
    {"connected_at", "string",
     [](const ClientView& v, std::string_view) -> Json { return time_or_null(v.client->connected_at_unix_ms()); }},
    {"disconnected_at", "string",
     [](const ClientView& v, std::string_view) -> Json { return time_or_null(v.disconnected_at_unix_ms); }},
    {"created_at", "string",
     [](const ClientView& v, std::string_view) -> Json { return time_or_null(v.created_at_unix_ms); }},
    {"clean_start", "boolean", [](const ClientView& v, std::string_view) -> Json { return v.client->clean_start(); }},
    {"expiry_interval", "integer",
     [](const ClientView& v, std::string_view) -> Json { return v.session_expiry_interval_s; }},
    {"is_persistent", "boolean",
     [](const ClientView& v, std::string_view) -> Json { return v.session_expiry_interval_s != 0; }},
    {"is_expired", "boolean", [](const ClientView&, std::string_view) -> Json { return false; }},  // then it is gone
    {"is_bridge", "boolean", [](const ClientView& v, std::string_view) -> Json { return v.client->is_bridge(); }},
    {"enable_authn", "boolean", [](const ClientView&, std::string_view) -> Json { return true; }},  // of all listeners
    {"durable", "boolean", [](const ClientView&, std::string_view) -> Json { return false; }},      // all are in memory
    {"proto_name", "string", [](const ClientView& v, std::string_view) -> Json { return v.client->protocol_name(); }},
    {"proto_ver", "integer",
     [](const ClientView& v, std::string_view) -> Json { return v.client->protocol_version(); }},
    {"keepalive", "integer", [](const ClientView& v, std::string_view) -> Json { return v.client->keep_alive_s(); }},
    {"listener", "string", [](const ClientView& v, std::string_view) -> Json { return v.client->listener_id(); }},
    {"is_superuser", "boolean", [](const ClientView& v, std::string_view) -> Json { return v.client->is_superuser(); }},
    {"client_attrs", "object", [](const ClientView& v, std::string_view) { return attributes_json(*v.client); }},
    {"subscriptions_cnt", "integer", [](const ClientView& v, std::string_view) -> Json { return v.subscriptions; }},
    {"subscriptions_max", "integer", [](const ClientView& v, std::string_view) -> Json { return v.subscriptions_max; }},
    {"inflight_cnt", "integer", [](const ClientView& v, std::string_view) -> Json { return v.inflight; }},
    {"inflight_max", "integer", [](const ClientView& v, std::string_view) -> Json { return v.inflight_max; }},
    {"mqueue_len", "integer", [](const ClientView& v, std::string_view) -> Json { return v.queued; }},
    {"mqueue_max", "integer", [](const ClientView& v, std::string_view) -> Json { return v.queued_max; }},
    {"awaiting_rel_cnt", "integer", [](const ClientView& v, std::string_view) -> Json { return v.awaiting_rel; }},
    {"awaiting_rel_max", "integer", [](const ClientView& v, std::string_view) -> Json { return v.awaiting_rel_max; }},
    {"mqueue_dropped", "integer",
     [](const ClientView& v, std::string_view) -> Json { return v.messages.dropped_queue_full; }},
    {"recv_oct", "integer", [](const ClientView& v, std::string_view) -> Json { return v.transfers.received_bytes; }},
    {"recv_cnt", "integer", [](const ClientView& v, std::string_view) -> Json { return v.transfers.reads; }},
    {"recv_pkt", "integer", [](const ClientView& v, std::string_view) -> Json { return v.packets.received; }},
    {"recv_msg", "integer", [](const ClientView& v, std::string_view) -> Json { return sum_of(v.messages.received); }},
    {"recv_msg.qos0", "integer", [](const ClientView& v, std::string_view) -> Json { return v.messages.received[0]; }},
    {"recv_msg.qos1", "integer", [](const ClientView& v, std::string_view) -> Json { return v.messages.received[1]; }},
    {"recv_msg.qos2", "integer", [](const ClientView& v, std::string_view) -> Json { return v.messages.received[2]; }},
    {"recv_msg.dropped", "integer",
     [](const ClientView& v, std::string_view) -> Json { return v.messages.received_dropped; }},
    {"recv_msg.dropped.await_pubrel_timeout", "integer",
     [](const ClientView& v, std::string_view) -> Json { return v.messages.received_dropped; }},
    {"send_oct", "integer", [](const ClientView& v, std::string_view) -> Json { return v.transfers.sent_bytes; }},
    {"send_cnt", "integer", [](const ClientView& v, std::string_view) -> Json { return v.transfers.writes; }},
    {"send_pkt", "integer", [](const ClientView& v, std::string_view) -> Json { return v.packets.sent; }},
    {"send_msg", "integer", [](const ClientView& v, std::string_view) -> Json { return sum_of(v.messages.sent); }},
    {"send_msg.qos0", "integer", [](const ClientView& v, std::string_view) -> Json { return v.messages.sent[0]; }},
    {"send_msg.qos1", "integer", [](const ClientView& v, std::string_view) -> Json { return v.messages.sent[1]; }},
    {"send_msg.qos2", "integer", [](const ClientView& v, std::string_view) -> Json { return v.messages.sent[2]; }},
    {"send_msg.dropped", "integer", [](const ClientView& v, std::string_view) -> Json { return v.messages.dropped; }},
    {"send_msg.dropped.expired", "integer",
     [](const ClientView& v, std::string_view) -> Json { return v.messages.dropped_expired; }},
    {"send_msg.dropped.queue_full", "integer",
     [](const ClientView& v, std::string_view) -> Json { return v.messages.dropped_queue_full; }},
    {"send_msg.dropped.too_large", "integer",
     [](const ClientView& v, std::string_view) -> Json { return v.messages.dropped_too_large; }},
};

bool is_wanted(const std::vector<std::string>& fields, std::string_view name) {
  return fields.empty() || std::find(fields.begin(), fields.end(), name) != fields.end();
}

}  // namespace

ClientView view_of(const session::Session& session) {
  const session::SessionLimits& limits = *session.environment().limits;
  ClientView view;
  view.client = session.client_ref();
  view.connected = session.channel() != nullptr;
  view.created_at_unix_ms = session.created_at_unix_ms;
  if (session.absence) view.disconnected_at_unix_ms = session.absence->disconnected_at_unix_ms;
  if (view.connected) {
    view.packets = session.channel()->traffic();
    view.transfers = session.channel()->transfers();
  } else if (session.absence) {
    view.packets = session.absence->traffic;
    view.transfers = session.absence->transfers;
  }
  view.session_expiry_interval_s = session.session_expiry_interval_s;
  view.subscriptions = session.subscriptions().size();
  view.subscriptions_max = limits.maximum_subscriptions;
  view.inflight = session.inflight_messages();
  view.inflight_max = view.connected ? session.channel()->send_window() : limits.maximum_inflight;
  view.queued = session.queued_messages();
  view.queued_max = limits.maximum_queued_messages;
  view.awaiting_rel = session.inbound_size();
  view.awaiting_rel_max = view.client->protocol_version() == 5 ? limits.receive_maximum : limits.maximum_awaiting_rel;
  if (session.messages() != nullptr) view.messages = *session.messages();
  return view;
}

Json client_json(const ClientView& view, std::string_view node_name, const std::vector<std::string>& fields) {
  Json object = Json::object();
  for (const ClientField& field : kFields) {
    if (!is_wanted(fields, field.name)) continue;
    Json value = field.value(view, node_name);
    if (!value.is_null()) object.emplace(field.name, std::move(value));
  }
  return object;
}

const std::vector<std::string>& client_field_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const ClientField& field : kFields) all.emplace_back(field.name);
    return all;
  }();
  return names;
}

Json client_schema() {
  Json properties = Json::object();
  for (const ClientField& field : kFields) properties[field.name] = {{"type", field.type}};
  properties["client_attrs"]["additionalProperties"] = {{"type", "string"}};
  return {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

}  // namespace patchbay::admin
